//! Tables through files of every format.

mod damage;
mod errors;
mod round_trips;
mod samples;

use std::path::PathBuf;
use std::sync::Arc;

use tables::{Block, Column, Data, Element, Schema, TableReader, TableWriter, Values};

/// Endings of the formats that hold jagged columns.
const JAGGED: [&str; 5] = ["root", "parquet", "hdf5", "h5", "npz"];

/// A file of other programs.
fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): numbers of a fixed seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Numbers over the whole range of a type; floating-point ones finite.
    fn values(&mut self, element: Element, n: usize) -> Values {
        let finite = |x: f64| if x.is_finite() { x } else { 1.5 };
        let mut bits = || self.next();
        match element {
            Element::F32 => {
                Values::F32((0..n).map(|_| finite(f64::from(f32::from_bits(bits() as u32))) as f32).collect())
            }
            Element::F64 => Values::F64((0..n).map(|_| finite(f64::from_bits(bits()))).collect()),
            Element::I8 => Values::I8((0..n).map(|_| bits() as i8).collect()),
            Element::I16 => Values::I16((0..n).map(|_| bits() as i16).collect()),
            Element::I32 => Values::I32((0..n).map(|_| bits() as i32).collect()),
            Element::I64 => Values::I64((0..n).map(|_| bits() as i64).collect()),
            Element::U8 => Values::U8((0..n).map(|_| bits() as u8).collect()),
            Element::U16 => Values::U16((0..n).map(|_| bits() as u16).collect()),
            Element::U32 => Values::U32((0..n).map(|_| bits() as u32).collect()),
            Element::U64 => Values::U64((0..n).map(|_| bits()).collect()),
            Element::Bool => Values::Bool((0..n).map(|_| bits() % 2 == 1).collect()),
        }
    }

    /// A block of random numbers; rows of jagged columns have up to 6 numbers, often none.
    fn block(&mut self, schema: &Schema, rows: usize) -> Block {
        let mut all = Vec::new();
        for column in schema.columns() {
            all.push(match column.width() {
                Some(width) => Data { values: self.values(column.element, rows * width), offsets: None },
                None => {
                    let mut offsets = vec![0];
                    for row in 0..rows {
                        offsets.push(offsets[row] + self.below(10).saturating_sub(3));
                    }
                    Data { values: self.values(column.element, offsets[rows]), offsets: Some(offsets) }
                }
            });
        }
        Block::new(Arc::new(schema.clone()), rows, all).unwrap()
    }
}

/// A scalar, a fixed-size and, if asked for, a jagged column of every type.
fn all_kinds(jagged: bool) -> Schema {
    let mut columns = Vec::new();
    for element in Element::ALL {
        columns.push(Column::scalar(format!("x_{element}"), element));
        columns.push(Column::fixed(format!("fixed_{element}"), element, 3));
        if jagged {
            columns.push(Column::jagged(format!("jagged_{element}"), element));
        }
    }
    Schema::new(columns).unwrap()
}

fn write(path: &std::path::Path, block: &Block, attributes: &[(String, String)]) {
    let mut writer = TableWriter::create(path, (**block.schema()).clone(), attributes).unwrap();
    writer.write(block).unwrap();
    writer.finish().unwrap();
}

/// All rows of the columns that a block has.
fn read_like(path: &std::path::Path, block: &Block) -> Block {
    let mut reader = TableReader::open(path).unwrap().select(&block.schema().names()).unwrap();
    let rows = reader.rows();
    reader.read(0..rows).unwrap()
}

/// Names and numbers must be the same; counters, which some formats state, may differ.
fn assert_same(a: &Block, b: &Block, what: &str) {
    assert_eq!(a.rows(), b.rows(), "{what}");
    assert_eq!(a.schema().names(), b.schema().names(), "{what}");
    for ((x, y), column) in a.data().iter().zip(b.data()).zip(a.schema().columns()) {
        assert!(x == y, "{what}: column {column} differs");
    }
}
