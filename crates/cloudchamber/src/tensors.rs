//! Named single-precision arrays and one JSON text in a safetensors file: model files and checkpoints.
//!
//! All metadata is one entry, so that equal contents give equal bytes. Files are written atomically and read defensively.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use burn::module::Module;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};

use crate::{Error, atomic};

/// The metadata entry.
const KEY: &str = "cloudchamber";
/// Longest header that is read: that of safetensors itself.
const MOST_HEADER: u64 = 100_000_000;

/// One array with its shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Shape, row-major.
    pub shape: Vec<usize>,
    /// As many values as the shape says.
    pub data: Vec<f32>,
}

/// Writes arrays and a JSON value; the file is complete or absent.
pub fn write(path: &Path, arrays: &[(String, Array)], meta: &serde_json::Value) -> Result<(), Error> {
    let bytes: Vec<Vec<u8>> =
        arrays.iter().map(|(_, a)| a.data.iter().flat_map(|v| v.to_le_bytes()).collect()).collect();
    let views = arrays.iter().zip(&bytes).map(|((name, array), bytes)| {
        let view = TensorView::new(Dtype::F32, array.shape.clone(), bytes).expect("the shape counts the values");
        (name.as_str(), view)
    });
    let info = HashMap::from([(KEY.to_string(), meta.to_string())]);
    let file = serialize(views, Some(info)).map_err(|e| Error::Content {
        path: path.into(),
        found: e.to_string(),
        expected: "weights that fit into a safetensors file".into(),
    })?;
    atomic::write(path, &file)
}

/// The JSON value alone, without the arrays; `what` names the expected kind of file in messages.
pub fn describe(path: &Path, what: &str) -> Result<serde_json::Value, Error> {
    let wrong = |found: &str| Error::Content {
        path: path.into(),
        found: found.into(),
        expected: format!("{what} written by chamber"),
    };
    let failed = Error::io("read", path);
    // Eight bytes say how long the JSON header is that follows them.
    let head = || -> std::io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(path)?;
        let mut length = [0; 8];
        file.read_exact(&mut length)?;
        let mut header = Vec::new();
        file.take(u64::from_le_bytes(length).min(MOST_HEADER)).read_to_end(&mut header)?;
        Ok(header)
    };
    let header = match head() {
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Err(wrong("less than eight bytes")),
        header => header.map_err(failed)?,
    };
    let header: serde_json::Value =
        serde_json::from_slice(&header).map_err(|_| wrong("not a complete safetensors file"))?;
    let text = header.get("__metadata__").and_then(|metadata| metadata.get(KEY)).and_then(|text| text.as_str());
    let text = text.ok_or_else(|| wrong(&format!("no metadata entry \"{KEY}\"")))?;
    serde_json::from_str(text).map_err(|e| wrong(&format!("damaged metadata ({e})")))
}

/// Reads what [`write()`] has written; `what` names the expected kind of file in messages.
pub fn read(path: &Path, what: &str) -> Result<(HashMap<String, Array>, serde_json::Value), Error> {
    let wrong =
        |found: String| Error::Content { path: path.into(), found, expected: format!("{what} written by chamber") };
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    let (_, header) =
        SafeTensors::read_metadata(&bytes).map_err(|e| wrong(format!("not a complete safetensors file ({e})")))?;
    let text = header
        .metadata()
        .as_ref()
        .and_then(|m| m.get(KEY))
        .ok_or_else(|| wrong(format!("no metadata entry \"{KEY}\"")))?;
    let meta = serde_json::from_str(text).map_err(|e| wrong(format!("damaged metadata ({e})")))?;
    let tensors = SafeTensors::deserialize(&bytes).map_err(|e| wrong(format!("damaged arrays ({e})")))?;
    let mut arrays = HashMap::new();
    for (name, view) in tensors.tensors() {
        if view.dtype() != Dtype::F32 {
            return Err(wrong(format!("array \"{name}\" of type {:?}, not F32", view.dtype())));
        }
        let data: Vec<f32> =
            view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        if let Some(bad) = data.iter().find(|v| !v.is_finite()) {
            return Err(wrong(format!("array \"{name}\" holds {bad}")));
        }
        arrays.insert(name, Array { shape: view.shape().to_vec(), data });
    }
    Ok((arrays, meta))
}

/// A network's parameters as arrays, named by their places in it.
pub fn named<M: Module>(prefix: &str, network: &M, flat: &[f32]) -> Vec<(String, Array)> {
    let mut rest = flat;
    let inventory = nets::inventory(network);
    let arrays = inventory.into_iter().map(|info| {
        let (data, tail) = rest.split_at(info.shape.iter().product());
        rest = tail;
        (format!("{prefix}.{}", info.name), Array { shape: info.shape, data: data.to_vec() })
    });
    arrays.collect()
}

/// Collects a network's parameters from its arrays; says which is missing or of another shape.
pub fn take<M: Module>(arrays: &mut HashMap<String, Array>, prefix: &str, network: &M) -> Result<Vec<f32>, String> {
    let mut flat = Vec::new();
    for info in nets::inventory(network) {
        let name = format!("{prefix}.{}", info.name);
        let array =
            arrays.remove(&name).ok_or_else(|| format!("no array \"{name}\", which its recipe's network has"))?;
        if array.shape != info.shape {
            return Err(format!(
                "array \"{name}\" of shape {:?}; its recipe's network has {:?}",
                array.shape, info.shape
            ));
        }
        flat.extend(array.data);
    }
    Ok(flat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_and_metadata_survive_and_equal_contents_give_equal_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let arrays = vec![
            ("a".to_string(), Array { shape: vec![2, 2], data: vec![1.0, -2.0, 3.5, 1e-30] }),
            ("b".to_string(), Array { shape: vec![1], data: vec![f32::MAX] }),
        ];
        let meta = serde_json::json!({"step": 7, "name": "x"});
        let (one, two) = (dir.path().join("1"), dir.path().join("2"));
        write(&one, &arrays, &meta).unwrap();
        write(&two, &arrays, &meta).unwrap();
        assert_eq!(std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());
        let (back, meta_back) = read(&one, "a test").unwrap();
        assert_eq!(meta_back, meta);
        assert!(arrays.iter().all(|(name, array)| back[name] == *array));
    }

    #[test]
    fn a_truncated_file_is_refused_at_every_length() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m");
        write(&path, &[("a".into(), Array { shape: vec![3], data: vec![1.0; 3] })], &serde_json::json!({})).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for length in 0..bytes.len() {
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert!(read(&path, "a test").is_err(), "{length} of {} bytes were accepted", bytes.len());
        }
        std::fs::write(&path, [&bytes[..bytes.len() - 4], &f32::NAN.to_le_bytes()].concat()).unwrap();
        assert!(read(&path, "a test").unwrap_err().to_string().contains("NaN"));
    }
}
