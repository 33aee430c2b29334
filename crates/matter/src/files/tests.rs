//! Files of others, round trips of random molecules, records with one thing wrong, and files cut or altered anywhere.

use std::path::{Path, PathBuf};

use super::*;
use crate::bonds::{Stability, perceive, stability};
use crate::{Bond, BondOrder, BondTable, Element, Molecule};

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/molecules").join(name)
}

fn records(text: &str) -> (Vec<Record>, Vec<RecordError>) {
    let reader = Reader::from_stream(std::io::Cursor::new(text.to_string()), "test").unwrap();
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    reader.for_each(|r| match r {
        Ok(record) => good.push(record),
        Err(broken) => bad.push(broken),
    });
    (good, bad)
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    /// A multiple of 1e-4, which all formats hold exactly.
    fn coordinate(&mut self) -> f64 {
        (self.below(2_000_000) as f64 - 1e6) / 1e4
    }

    /// A molecule of random elements, places, charges and bonds.
    fn record(&mut self, atoms: usize) -> Record {
        let mut bonds = Vec::new();
        for i in 1..atoms {
            let order = [BondOrder::Single, BondOrder::Double, BondOrder::Triple, BondOrder::Aromatic][self.below(4)];
            bonds.push(Bond { atoms: [self.below(i), i], order });
        }
        let molecule = Molecule {
            elements: (0..atoms).map(|_| Element::from_number(1 + self.below(118) as u8).unwrap()).collect(),
            positions: (0..atoms).map(|_| [self.coordinate(), self.coordinate(), self.coordinate()]).collect(),
            charges: (0..atoms).map(|_| self.below(31) as i8 - 15).collect(),
            bonds: Some(bonds),
            name: ["", "water", "two words", "1,2-\"di\"=ü"][self.below(4)].to_string(),
        };
        let fields = vec![("gap".to_string(), self.coordinate().to_string()), ("smiles".into(), "F/C=C\\F [x]".into())];
        Record { molecule, fields, columns: Vec::new() }
    }
}

#[test]
fn the_sample_of_qm9_is_as_stable_as_an_independent_program_says() {
    let (records, skipped) = read_all(sample("qm9.parquet")).unwrap();
    assert_eq!((records.len(), skipped.count), (400, 0));
    let mut sum = Stability::default();
    let (mut stable, mut orders) = (0, [0; 4]);
    for record in &records {
        let found = stability(&record.molecule, BondTable::edm());
        sum.stable_atoms += found.stable_atoms;
        sum.atoms += found.atoms;
        stable += usize::from(found.stable_molecule);
        perceive(&record.molecule, BondTable::edm()).iter().for_each(|b| orders[b.order as usize] += 1);
    }
    // Counted by NumPy with EDM's rule written out for the five elements.
    assert_eq!((sum.stable_atoms, sum.atoms, stable, orders), (7157, 7208, 383, [6902, 428, 117, 0]));
    // All of QM9's test part: 95.23 % of molecules (arXiv:2203.17003 has 95.2), 99.35 % of atoms.
    let sigma = (0.9523f64 * 0.0477 / 400.0).sqrt();
    assert!((stable as f64 / 400.0 - 0.9523).abs() < 4.0 * sigma);
    let first = &records[0];
    assert!(first.molecule.bonds.is_none() && first.molecule.charges.is_empty());
    assert!(first.field("smiles").is_some_and(|s| !s.is_empty()) && first.field("gap").is_some());
    assert!(first.field("qm9_index").unwrap().parse::<u32>().is_ok());
}

#[test]
fn conformers_of_a_row_are_records_of_one_molecule() {
    let (records, skipped) = read_all(sample("conformers.parquet")).unwrap();
    assert_eq!((records.len(), skipped.count), (326, 0));
    let first: Vec<&Record> = records.iter().take_while(|r| r.field("smiles") == records[0].field("smiles")).collect();
    assert!(first.len() > 1);
    let mut last = -1.0;
    for (k, record) in first.iter().enumerate() {
        assert_eq!(record.molecule.bonds, first[0].molecule.bonds);
        assert_eq!(record.field("conformer"), Some(k.to_string().as_str()));
        let energy: f64 = record.field("rel_energy_kcal_mol").unwrap().parse().unwrap();
        assert!(energy >= last && (k > 0 || energy == 0.0));
        last = energy;
        // What bonds are there, the distances show too.
        let ends = |bonds: &[Bond]| bonds.iter().map(|b| b.atoms).collect::<std::collections::BTreeSet<_>>();
        let seen = perceive(&record.molecule, BondTable::edm());
        assert_eq!(ends(&seen), ends(record.molecule.bonds.as_ref().unwrap()));
    }
}

#[test]
fn both_versions_that_rdkit_writes_are_the_same_molecules() {
    let old = read_all(here("rdkit.sdf")).unwrap();
    let new = read_all(here("rdkit.v3000.sdf")).unwrap();
    assert_eq!((old.0.len(), old.1.count, new.0.len(), new.1.count), (4, 0, 4, 0));
    for (a, b) in old.0.iter().zip(&new.0) {
        let (m, n) = (&a.molecule, &b.molecule);
        assert_eq!((&m.name, &m.elements, &m.charges, &m.bonds), (&n.name, &n.elements, &n.charges, &n.bonds));
        let far = |(x, y): (&f64, &f64)| (x - y).abs() > 0.6e-4;
        assert!(!m.positions.as_flattened().iter().zip(n.positions.as_flattened()).any(far));
        assert_eq!(a.fields, b.fields);
        assert_eq!(a.field("note"), Some("first line\nsecond line"));
    }
    let [glycine, nitrobenzene, nitrile, salt] = &old.0[..] else { panic!() };
    assert_eq!(
        (glycine.molecule.name.as_str(), &glycine.molecule.charges[..4]),
        ("glycine zwitterion", &[1, 0, 0, -1][..])
    );
    let count = |r: &Record, order| r.molecule.bonds.iter().flatten().filter(|b| b.order == order).count();
    assert_eq!((count(nitrobenzene, BondOrder::Aromatic), count(nitrile, BondOrder::Triple)), (6, 1));
    assert_eq!((salt.molecule.charges.as_slice(), salt.molecule.elements[0].symbol()), (&[2, -1, -1][..], "Ca"));
}

#[test]
fn what_ase_writes_is_read_with_all_its_columns() {
    let (records, skipped) = read_all(here("ase.extxyz")).unwrap();
    assert_eq!((records.len(), skipped.count), (1, 0));
    let record = &records[0];
    assert_eq!(record.molecule.positions[1], [0.0, 0.7572, -0.4692]);
    assert_eq!(record.field("Lattice"), Some("10.0 0.0 0.0 0.0 11.0 0.0 0.0 0.0 12.0"));
    assert_eq!((record.field("note"), record.field("energy")), (Some("says \"hello\" [x]"), Some("-14.25")));
    let names: Vec<_> = record.columns.iter().map(|c| (c.name.as_str(), c.width)).collect();
    assert_eq!(names, [("tag_text", 1), ("fixed", 1), ("forces", 3)]);
    assert_eq!(record.columns[1].values, AtomValues::Logical(vec![true, false, false]));
    assert_eq!(record.columns[2].values, AtomValues::Real((0..9).map(|k| 0.125 * f64::from(k)).collect()));
    // And comes back as it was.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xyz.gz");
    let mut writer = Writer::create(&path).unwrap();
    writer.write(record).unwrap();
    writer.finish().unwrap();
    assert_eq!(read_all(&path).unwrap().0[0], *record);
}

#[test]
fn every_format_gives_back_what_it_can_hold() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random(1);
    let all: Vec<Record> = (0..30).map(|k| random.record(1 + k)).collect();
    for (name, format) in [
        ("a.xyz", Format::Xyz),
        ("a.extxyz.gz", Format::Xyz),
        ("a.xyz.zst", Format::Xyz),
        ("a.sdf", Format::Sdf),
        ("a.sdf.gz", Format::Sdf),
        ("b.sdf", Format::SdfV3000),
        ("a.parquet", Format::Parquet),
    ] {
        let path = folder.path().join(name);
        let mut writer = Writer::with_format(&path, format, compression::Compression::from_path(&path)).unwrap();
        all.iter().for_each(|record| writer.write(record).unwrap());
        assert!(!path.exists());
        assert_eq!(writer.finish().unwrap(), 30);
        let (read, skipped) = read_all(&path).unwrap();
        assert_eq!((read.len(), skipped.count), (30, 0), "{name}: {skipped}");
        for (old, new) in all.iter().zip(&read) {
            let mut expected = old.clone();
            match format {
                Format::Xyz => expected.molecule.bonds = None,
                Format::Parquet => {
                    expected.molecule.name.clear();
                    expected.fields.truncate(1);
                    let gap: f64 = old.fields[0].1.parse().unwrap();
                    assert_eq!(new.field("gap").unwrap().parse::<f64>().unwrap(), gap);
                    expected.fields[0].1 = new.fields[0].1.clone();
                }
                _ => {}
            }
            assert_eq!(*new, expected, "{name}");
        }
    }
}

#[test]
fn what_v2000_cannot_hold_becomes_v3000() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sdf");
    let mut far = Random(2).record(3);
    far.molecule.positions[1] = [123_456.789_012_345, -1e-7, 1.0 / 3.0];
    let many = Random(3).record(1000);
    let mut writer = Writer::create(&path).unwrap();
    for record in [&far, &many] {
        writer.write(record).unwrap();
    }
    writer.finish().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!((text.matches("V3000").count(), text.matches("V2000").count()), (2, 0));
    assert!(text.lines().all(|line| line.len() <= 79 || !line.starts_with("M ")));
    assert_eq!(read_all(&path).unwrap().0, [far, many]);
}

#[test]
fn molecules_that_cannot_be_written_are_refused_and_cost_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let good = Random(4).record(4);
    let spoilt = |spoil: fn(&mut Record)| {
        let mut record = good.clone();
        spoil(&mut record);
        record
    };
    let cases: [(Record, &str); 8] = [
        (Record::default(), "it has no atoms"),
        (spoilt(|r| r.molecule.positions[1][2] = f64::NAN), "atom 2 is at ["),
        (spoilt(|r| r.molecule.positions.truncate(3)), "4 elements and 3 positions"),
        (spoilt(|r| r.molecule.charges.truncate(3)), "3 charges"),
        (spoilt(|r| r.molecule.bonds.as_mut().unwrap()[0].atoms = [0, 4]), "a bond of atoms [0, 4]"),
        (spoilt(|r| r.molecule.bonds = None), "bonds"),
        (spoilt(|r| r.set_field("a<b", "x")), "\"a<b\" cannot be the name"),
        (spoilt(|r| r.set_field("note", "a\n\nb")), "note has a line that is blank"),
    ];
    let path = folder.path().join("a.sdf");
    let mut writer = Writer::create(&path).unwrap();
    for (record, message) in &cases {
        writer.write(&good).unwrap();
        let error = writer.write(record).unwrap_err().to_string();
        assert!(error.contains(message) && error.contains("a.sdf: record "), "{error}");
    }
    writer.finish().unwrap();
    assert_eq!(read_all(&path).unwrap().0, vec![good.clone(); cases.len()]);
    // A file that is dropped leaves nothing.
    drop(Writer::create(folder.path().join("b.xyz")).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// What is replaced by what; the records that are left, and the error's record, line and words.
type Case<'a> = (&'a str, &'a str, &'a [&'a str], u64, u64, &'a str);

/// Three records, of which something is changed: what is left by name, and the one error with its record, line and words.
fn check(text: &str, cases: &[Case]) {
    let mut wrong = Vec::new();
    for (from, to, left, record, line, words) in cases {
        assert_eq!(text.matches(from).count(), 1, "{from:?}");
        let (good, bad) = records(&text.replace(from, to));
        let names: Vec<_> = good.iter().map(|r| r.molecule.name.as_str()).collect();
        let found: Vec<_> = bad.iter().map(|b| (b.record, b.line.unwrap(), b.problem.as_str())).collect();
        let fits = found.len() == 1 && (found[0].0, found[0].1) == (*record, *line) && found[0].2.contains(words);
        if names != *left || !fits || bad[0].last {
            wrong.push(format!("{from:?} -> {to:?}: {names:?} {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_broken_record_of_xyz_is_named_and_costs_no_other() {
    let text = "2\none\nH 0 0 0\nH 0 0 0.74\n\n3\nname=two Properties=species:S:1:pos:R:3:tag:I:1\nO 0 0 0.1 5\nH 0 0.8 -0.4 6\nH 0 -0.8 -0.4 7\n1\nthree\nHe 9 9 9\n";
    let (good, bad) = records(text);
    assert_eq!((good.len(), bad.len()), (3, 0), "{bad:?}");
    check(
        text,
        &[
            (
                "O 0 0 0.1 5",
                "O 0 0 here 5",
                &["one", "three"],
                2,
                8,
                "atom 1 of 3: expected a coordinate, a finite number, found \"here\"",
            ),
            ("O 0 0 0.1 5", "O 0 0 nan 5", &["one", "three"], 2, 8, "finite"),
            ("O 0 0 0.1 5", "Qq 0 0 0.1 5", &["one", "three"], 2, 8, "symbol or number of an element, found \"Qq\""),
            ("O 0 0 0.1 5", "O 0 0 0.1 5.5", &["one", "three"], 2, 8, "a whole number of tag, found \"5.5\""),
            ("O 0 0 0.1 5", "O 0 0 0.1", &["one", "three"], 2, 8, "a whole number of tag, found nothing"),
            ("O 0 0 0.1 5", "O 0 0 0.1 5 6", &["one", "three"], 2, 8, "the end of the line, found \"6\""),
            ("O 0 0 0.1 5\n", "\n", &["one", "three"], 2, 8, "found nothing"),
            ("O 0 0 0.1 5\n", "", &["one", "three"], 2, 10, "expected atom 3 of 3, found \"1\""),
            ("\n3\n", "\n2\n", &["one", "three"], 2, 10, "a new record after the 2 atoms that line 6 announces"),
            ("pos:R:3:tag", "pos:R:2:tag", &["one", "three"], 2, 7, "expected species:S:1 and pos:R:3, found pos:R:2"),
            ("pos:R:3:tag", "place:R:3:tag", &["one", "three"], 2, 7, "species and pos among Properties"),
            ("tag:I:1", "tag:X:1", &["one", "three"], 2, 7, "type S, R, I or L of tag, found \"X\""),
            ("tag:I:1", "tag:I", &["one", "three"], 2, 7, "name:type:number"),
            ("tag:I:1", "tag:I:0", &["one", "three"], 2, 7, "number of columns behind tag:I"),
            ("name=two", "name=\"two", &["one", "three"], 2, 7, "found the end of the line"),
            ("He 9 9 9\n", "", &["one", "two"], 3, 12, "the file ends where atom 1 of 1 should follow"),
            ("three\nHe 9 9 9\n", "", &["one", "two"], 3, 11, "a comment should follow"),
            ("1\nthree\nHe 9 9 9\n", "0\nthree\n", &["one", "two"], 3, 12, "at least one atom"),
        ],
    );
    // A broken count shows at the record before it, which cannot know what the line is, and then nothing is sure up to the next count.
    let (good, bad) = records(&text.replace("\n3\n", "\nthree!\n"));
    assert_eq!((good.len(), bad.len(), bad[0].line), (1, 1, Some(6)));
    let (good, bad) = records(&format!("two\n{}", text.replace("one", "Properties=species:S:1:pos:R:3 name=one")));
    assert_eq!((good.len(), bad.len(), bad[0].line), (3, 1, Some(1)));
}

#[test]
fn a_broken_record_of_sdf_is_named_and_costs_no_other() {
    let record = |name: &str, mark: &str| {
        format!(
            "{name}\n\n\n  2  1  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    {mark}000 O   0  5\n    0.9600    0.0000    0.0000 H   0  0\n  1  2  1  0\nM  CHG  1   1  -1\nM  END\n> <x>\n{name}\n\n$$$$\n"
        )
    };
    let text = record("one", "0.1") + &record("two", "0.2") + &record("three", "0.3");
    let two = |from: &str, to: &str| {
        let spoilt = record("two", "0.2").replacen(from, to, 1);
        assert_ne!(spoilt, record("two", "0.2"), "{from:?}");
        record("one", "0.1") + &spoilt + &record("three", "0.3")
    };
    let (good, bad) = records(&text);
    assert_eq!((good.len(), bad.len()), (3, 0), "{bad:?}");
    assert!(good.iter().all(|r| r.molecule.charges == [-1, 0] && r.field("x") == Some(r.molecule.name.as_str())));
    let mut wrong = Vec::new();
    for (from, to, line, words) in [
        ("  2  1  0", "  x  1  0", 17, "numbers of atoms and bonds"),
        ("V2000", "V1000", 17, "V2000 or V3000"),
        ("  2  1  0", "  3  1  0", 20, "atom 3 of 3: expected the symbol of an element"),
        ("  2  1  0", "  2  2  0", 21, "bond 2 of 2"),
        ("  2  1  0", "  0  0  0", 17, "at least one atom"),
        ("0.2000", "0.2OOO", 18, "atom 1 of 2: expected a coordinate, a finite number, found \"0.2OOO\""),
        (" O   0", " A   0", 18, "the symbol of an element, found \"A\""),
        ("  1  2  1  0", "  1  3  1  0", 20, "a bond of two of the 2 atoms, found one of 1 and 3"),
        ("  1  2  1  0", "  1  0  1  0", 20, "bond 1 of 1"),
        ("  1  2  1  0", "  1  2  8  0", 20, "a bond type from 1 to 4, found \"8\""),
        ("CHG  1   1  -1", "CHG  1   3  -1", 21, "charges of atoms 1 to 2"),
        ("CHG  1   1  -1", "CHG  2   1  -1", 21, "M  CHG, a number"),
        ("M  END\n", "", 25, "expected M  END, found the end of the record"),
        ("> <x>", "x", 23, "> <name> or $$$$"),
        ("  1  2  1  0\nM  CHG  1   1  -1\nM  END\n> <x>\ntwo\n\n", "", 20, "a bond, found the end"),
    ] {
        let (good, bad) = records(&two(from, to));
        let names: Vec<_> = good.iter().map(|r| r.molecule.name.clone()).collect();
        let fits = bad.len() == 1 && bad[0].record == 2 && bad[0].line == Some(line) && bad[0].problem.contains(words);
        if names != ["one", "three"] || !fits {
            wrong.push(format!("{from:?} -> {to:?}: {names:?} {bad:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The last record may lack its separator, as molfiles do.
    assert_eq!(records(text.strip_suffix("$$$$\n").unwrap()).0.len(), 3);
    let (good, bad) = records(&text[..text.len() - 60]);
    assert_eq!((good.len(), bad.len()), (2, 1));
    let message = bad[0].to_string();
    assert!(message.starts_with("test, record 3, line ") && message.contains("the file ends"), "{message}");
}

#[test]
fn a_broken_v3000_is_named() {
    let text = std::fs::read_to_string(here("rdkit.v3000.sdf")).unwrap();
    for (from, to, words) in [
        ("M  V30 COUNTS 10 9", "M  V30 COUNTS 10 8", "10 atoms and 8 bonds, as COUNTS says, found 10 and 9"),
        ("M  V30 COUNTS 10 9", "M  V30 COUNT 10 9", "COUNTS in the table, found none"),
        ("M  V30 2 C", "M  V30 1 C", "found 1 twice"),
        ("M  V30 1 1 1 2\n", "M  V30 1 1 1 99\n", "the index of an atom, found \"99\""),
        ("M  V30 END ATOM", "M  V30 END BOND", "the end of the block that was begun"),
        ("CHG=1", "CHG=one", "a charge, found \"one\""),
        ("M  V30 2 1 2 3\n", "M  V30 2 1 2 1\n", "one bond of two atoms, found two of atoms 1 and 2"),
        ("M  V30 1 N", "1 N", "M  V30 or M  END"),
    ] {
        let (good, bad) = records(&text.replacen(from, to, 1));
        assert!(
            good.len() == 3 && bad.len() == 1 && bad[0].problem.contains(words),
            "{from:?}: {} {bad:?}",
            good.len()
        );
    }
    // A statement may go on behind a hyphen, anywhere.
    let split = text.replace("M  V30 1 N -1.0748", "M  V30 1 N -1.0-\nM  V30 748");
    assert_ne!(split, text);
    assert_eq!(records(&split).0, records(&text).0);
}

#[test]
fn files_cut_or_altered_anywhere_are_read_without_panics() {
    let mut random = Random(5);
    for name in ["ase.extxyz", "rdkit.sdf", "rdkit.v3000.sdf"] {
        let whole = std::fs::read(here(name)).unwrap();
        for k in 0..400 {
            let mut bytes = whole.clone();
            let place = random.below(bytes.len());
            match k % 4 {
                0 => bytes.truncate(place),
                1 => bytes[place] = b" \n-0129=\"$>MV"[random.below(13)],
                2 => bytes[place] = random.bits() as u8,
                _ => drop(bytes.drain(place..(place + 1 + random.below(30)).min(whole.len()))),
            }
            if let Ok(reader) = Reader::from_stream(std::io::Cursor::new(bytes), "test") {
                assert!(reader.count() < 20);
            }
        }
    }
    // Numbers in a file allocate nothing.
    let huge = records("99999999999\n\nH 0 0 0\n");
    assert_eq!((huge.0.len(), huge.1.len()), (0, 1));
}

#[test]
fn a_damaged_compressed_file_gives_what_came_before_and_says_that_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xyz.gz");
    let mut random = Random(6);
    let all: Vec<Record> = (0..2000).map(|_| random.record(9)).collect();
    let mut writer = Writer::create(&path).unwrap();
    all.iter().for_each(|record| writer.write(record).unwrap());
    writer.finish().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() * 2 / 3]).unwrap();
    let (read, skipped) = read_all(&path).unwrap();
    assert!(read.len() > 500 && read.iter().zip(&all).all(|(a, b)| a.molecule.positions == b.molecule.positions));
    let [broken] = &skipped.first[..] else { panic!("{skipped}") };
    assert!(broken.last && broken.problem.contains("cut off") && broken.record == read.len() as u64 + 1, "{broken}");
}

#[test]
fn rows_of_parquet_that_are_no_molecules_are_named() {
    use tables::{Block, Column, Data, Element as Type, Schema, TableWriter};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let columns = vec![
        Column::jagged("atomic_numbers", Type::U8),
        Column::jagged("pos_1e4A", Type::I32),
        Column::jagged("bonds", Type::U8),
    ];
    let schema = Schema::new(columns).unwrap();
    let numbers = vec![vec![1u8, 1], vec![0, 1], vec![1, 1], vec![], vec![8, 1], vec![1, 1]];
    let places = vec![vec![0i32; 6], vec![0; 6], vec![0; 5], vec![], vec![0; 6], vec![0; 6]];
    let bonds = vec![vec![0u8, 1, 1], vec![], vec![], vec![], vec![0, 2, 1], vec![]];
    let data = vec![Data::jagged(&numbers), Data::jagged(&places), Data::jagged(&bonds)];
    let mut table = TableWriter::create(&path, schema.clone(), &[]).unwrap();
    table.write(&Block::new(std::sync::Arc::new(schema), 6, data).unwrap()).unwrap();
    table.finish().unwrap();
    let (good, skipped) = read_all(&path).unwrap();
    assert_eq!((good.len(), skipped.count), (2, 4));
    let found: Vec<_> = skipped.first.iter().map(|b| (b.record, b.line, b.problem.as_str())).collect();
    for ((row, line, problem), (expected, words)) in
        found.into_iter().zip([(2, "1 to 118"), (3, "3 times 2"), (4, "at least one atom"), (5, "two of 2 atoms")])
    {
        assert!((row, line) == (expected, None) && problem.contains(words), "{row}: {problem}");
    }
    let other = sample("../zjets/zjets.parquet");
    let error = Reader::open(other).err().unwrap().to_string();
    assert!(error.contains("\"atomic_numbers\" is missing"), "{error}");
}

#[test]
fn what_is_no_file_of_molecules_is_said() {
    let folder = tempfile::tempdir().unwrap();
    for (text, words) in [("", "an empty file"), ("smiles\nCCO\n", "\"smiles\""), ("{}", "JSON"), ("BZh9", "bzip2")] {
        let path = folder.path().join("x.xyz");
        std::fs::write(&path, text).unwrap();
        let error = Reader::open(&path).err().unwrap().to_string();
        assert!(error.contains(words) && error.contains("x.xyz is no file of molecules"), "{error}");
    }
    assert!(matches!(Reader::open(folder.path()), Err(Error::Io { .. })));
    assert!(matches!(Reader::open(folder.path().join("none")), Err(Error::Io { .. })));
    assert!(matches!(Writer::create("a.pdb"), Err(Error::UnknownEnding { .. })));
}
