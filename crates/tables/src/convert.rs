//! Conversions of numbers from one type to another that lose nothing, or say where they would.

use crate::{Element, Values};

/// A number of any type, exactly.
#[derive(Clone, Copy)]
enum Exact {
    Integer(i128),
    Float(f64),
}

impl Exact {
    fn integer(self) -> Option<i128> {
        match self {
            Exact::Integer(i) => Some(i),
            // 2^100 is beyond every integer type; below it the conversion is exact for whole numbers.
            Exact::Float(x) => (x.fract() == 0.0 && x.abs() < 2f64.powi(100)).then_some(x as i128),
        }
    }

    fn float(self) -> Option<f64> {
        match self {
            Exact::Integer(i) => ((i as f64) as i128 == i).then_some(i as f64),
            Exact::Float(x) => Some(x),
        }
    }
}

/// Where a conversion failed, and the value there.
pub(crate) struct Inexact {
    pub(crate) index: usize,
    pub(crate) value: String,
}

impl Values {
    fn exact(&self, index: usize) -> Exact {
        match self {
            Values::F32(v) => Exact::Float(v[index].into()),
            Values::F64(v) => Exact::Float(v[index]),
            Values::I8(v) => Exact::Integer(v[index].into()),
            Values::I16(v) => Exact::Integer(v[index].into()),
            Values::I32(v) => Exact::Integer(v[index].into()),
            Values::I64(v) => Exact::Integer(v[index].into()),
            Values::U8(v) => Exact::Integer(v[index].into()),
            Values::U16(v) => Exact::Integer(v[index].into()),
            Values::U32(v) => Exact::Integer(v[index].into()),
            Values::U64(v) => Exact::Integer(v[index].into()),
            Values::Bool(v) => Exact::Integer(v[index].into()),
        }
    }

    /// The same numbers in another type, or the first that it cannot represent exactly.
    pub(crate) fn convert(&self, to: Element) -> Result<Values, Inexact> {
        if self.element() == to {
            return Ok(self.clone());
        }
        macro_rules! all {
            ($variant:ident, $one:expr) => {{
                let mut out = Vec::with_capacity(self.len());
                for index in 0..self.len() {
                    let one = $one(self.exact(index));
                    out.push(one.ok_or_else(|| Inexact { index, value: self.text(index) })?);
                }
                Values::$variant(out)
            }};
        }
        macro_rules! integers {
            ($variant:ident, $type:ty) => {
                all!($variant, |x: Exact| x.integer().and_then(|i| <$type>::try_from(i).ok()))
            };
        }
        Ok(match to {
            Element::F64 => all!(F64, Exact::float),
            Element::F32 => all!(F32, |x: Exact| {
                let x = x.float()?;
                (f64::from(x as f32) == x || x.is_nan()).then_some(x as f32)
            }),
            Element::I8 => integers!(I8, i8),
            Element::I16 => integers!(I16, i16),
            Element::I32 => integers!(I32, i32),
            Element::I64 => integers!(I64, i64),
            Element::U8 => integers!(U8, u8),
            Element::U16 => integers!(U16, u16),
            Element::U32 => integers!(U32, u32),
            Element::U64 => integers!(U64, u64),
            Element::Bool => all!(Bool, |x: Exact| match x.integer() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            }),
        })
    }

    /// The nearest single-precision numbers; a finite number beyond their range and an integer beyond 2^24 in magnitude
    /// that they cannot hold are refused.
    pub(crate) fn round(&self) -> Result<Vec<f32>, Inexact> {
        match self {
            Values::F32(v) => Ok(v.clone()),
            Values::F64(v) => {
                let one = |(index, &x): (usize, &f64)| {
                    let y = x as f32;
                    if y.is_infinite() && x.is_finite() {
                        Err(Inexact { index, value: format!("{x:?}") })
                    } else {
                        Ok(y)
                    }
                };
                v.iter().enumerate().map(one).collect()
            }
            _ => match self.convert(Element::F32)? {
                Values::F32(v) => Ok(v),
                _ => Ok(Vec::new()),
            },
        }
    }
}
