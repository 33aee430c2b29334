//! The header of a `.npy` array (NumPy enhancement proposal 1, versions 1.0 to 3.0).

use std::io::Read;

use crate::Element;

/// What a header says.
#[derive(Debug, PartialEq)]
pub(super) struct Npy {
    /// The type as NumPy writes it, `<f4`.
    pub(super) descr: String,
    pub(super) fortran: bool,
    pub(super) shape: Vec<u64>,
    /// Bytes of the header.
    pub(super) length: u64,
}

impl Npy {
    /// Reads the header at the beginning of an array.
    pub(super) fn read(from: &mut dyn Read) -> Result<Npy, String> {
        let short = |e: std::io::Error| format!("its header cannot be read: {e}");
        let mut head = [0; 8];
        from.read_exact(&mut head).map_err(short)?;
        if &head[..6] != b"\x93NUMPY" {
            return Err("it is no NumPy array".to_string());
        }
        let mut size = [0; 4];
        let width = if head[6] == 1 { 2 } else { 4 };
        from.read_exact(&mut size[..width]).map_err(short)?;
        let size = u32::from_le_bytes(size);
        if size > 1 << 20 {
            return Err(format!("its header has {size} bytes"));
        }
        let mut text = vec![0; size as usize];
        from.read_exact(&mut text).map_err(short)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let after = |key: &str| {
            let (_, rest) = text.split_once(&format!("'{key}':")).ok_or_else(|| format!("its header lacks {key}"))?;
            Ok::<_, String>(rest.trim_start())
        };
        let descr = after("descr")?;
        let descr = match descr.strip_prefix('\'').and_then(|d| d.split_once('\'')) {
            Some((descr, _)) => descr.to_string(),
            None => "record".to_string(),
        };
        let fortran = after("fortran_order")?.starts_with("True");
        let shape = after("shape")?;
        let shape = shape.strip_prefix('(').and_then(|s| s.split_once(')')).ok_or("its header has no shape")?.0;
        let lengths = shape.split(',').map(str::trim).filter(|s| !s.is_empty());
        let shape =
            lengths.map(|s| s.parse().map_err(|_| format!("its shape is ({shape})"))).collect::<Result<_, _>>()?;
        Ok(Npy { descr, fortran, shape, length: 8 + width as u64 + u64::from(size) })
    }

    /// Element and whether the most significant byte comes first, if the elements are numbers.
    pub(super) fn element(&self) -> Option<(Element, bool)> {
        let (order, kind) = self.descr.split_at_checked(1)?;
        let element = match kind {
            "f4" => Element::F32,
            "f8" => Element::F64,
            "i1" => Element::I8,
            "i2" => Element::I16,
            "i4" => Element::I32,
            "i8" => Element::I64,
            "u1" => Element::U8,
            "u2" => Element::U16,
            "u4" => Element::U32,
            "u8" => Element::U64,
            "b1" => Element::Bool,
            _ => return None,
        };
        match order {
            "<" | "|" => Some((element, false)),
            ">" => Some((element, true)),
            _ => None,
        }
    }
}

/// NumPy's name of a type, as it is written here.
pub(super) fn descr(element: Element) -> &'static str {
    match element {
        Element::F32 => "<f4",
        Element::F64 => "<f8",
        Element::I8 => "|i1",
        Element::I16 => "<i2",
        Element::I32 => "<i4",
        Element::I64 => "<i8",
        Element::U8 => "|u1",
        Element::U16 => "<u2",
        Element::U32 => "<u4",
        Element::U64 => "<u8",
        Element::Bool => "|b1",
    }
}
