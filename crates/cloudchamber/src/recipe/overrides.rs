//! `--set key=value` on a parsed recipe, and the parser's complaints turned into messages with the nearest name.

use std::path::Path;

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::Error;

/// A recipe from its text and settings in this order, and the names of the sections that it has in so many words.
///
/// # Errors
/// [`Error::Syntax`], unknown keys and values of the wrong kind, named with `source`.
pub fn resolve<T: DeserializeOwned>(text: &str, source: &Path, settings: &[String]) -> Result<(T, Vec<String>), Error> {
    let mut table: Table = toml::from_str(text).map_err(|e| Error::Syntax {
        place: source.display().to_string(),
        message: e.to_string().trim_end().to_string(),
    })?;
    apply(&mut table, settings)?;
    let given = table.keys().cloned().collect();
    let recipe = table.try_into().map_err(|e| explain(&e, source))?;
    Ok((recipe, given))
}

/// The value of `data.domain` of a recipe's text with these settings, if it says one.
pub fn domain(text: &str, settings: &[String]) -> Option<String> {
    let set = settings.iter().rev().find_map(|setting| {
        let (key, value) = setting.split_once('=')?;
        (key.replace(' ', "") == "data.domain").then(|| value.trim().trim_matches('"').to_string())
    });
    let named = || text.parse::<Table>().ok()?.get("data")?.get("domain")?.as_str().map(String::from);
    set.or_else(named)
}

/// Sets each `dotted.key=value`; the value is read as TOML, or as a string where it is not TOML (`network.kind=epic` needs no quotes).
fn apply(table: &mut Table, overrides: &[String]) -> Result<(), Error> {
    for text in overrides {
        let wrong = || Error::argument("--set", text, "KEY=VALUE with a dotted key, for example train.steps=1000");
        let (key, value) = text.split_once('=').ok_or_else(wrong)?;
        let keys: Vec<&str> = key.trim().split('.').map(str::trim).collect();
        if keys.iter().any(|k| k.is_empty()) {
            return Err(wrong());
        }
        let value = value.trim();
        let parsed = toml::from_str::<Table>(&format!("v = {value}")).ok().and_then(|mut t| t.remove("v"));
        let mut value = parsed.unwrap_or_else(|| Value::String(value.to_string()));
        if matches!(keys[..], ["data", "dir" | "files", ..]) {
            absolute(&mut value);
        }
        if keys[..] == ["distil", "teacher"] && value.as_str().is_some_and(|teacher| Path::new(teacher).exists()) {
            absolute(&mut value);
        }
        let (last, parents) = keys.split_last().ok_or_else(wrong)?;
        let mut place = &mut *table;
        for parent in parents {
            let entry = place.entry(parent.to_string()).or_insert_with(|| Value::Table(Table::new()));
            place = entry
                .as_table_mut()
                .ok_or_else(|| Error::argument("--set", text, format!("'{parent}' to be a section, it is a value")))?;
        }
        place.insert(last.to_string(), value);
    }
    Ok(())
}

/// Data paths given on the command line start from the current directory, as a shell user expects.
fn absolute(value: &mut Value) {
    match value {
        Value::String(path) => {
            if let Ok(full) = std::path::absolute(&*path) {
                *path = full.to_string_lossy().into_owned();
            }
        }
        Value::Table(files) => files.iter_mut().for_each(|(_, v)| absolute(v)),
        Value::Array(files) => files.iter_mut().for_each(absolute),
        _ => {}
    }
}

/// Turns a deserialisation error into [`Error::Unknown`] or [`Error::Value`].
///
/// serde's messages read "unknown field `x`, expected one of `a`, `b`" or "invalid type: ..., expected ...", toml adds "in `section.key`";
/// a wording not recognised is passed on as it is.
fn explain(error: &toml::de::Error, source: &Path) -> Error {
    let message = error.message();
    let text = error.to_string();
    let key = text.lines().rev().find_map(|l| l.strip_prefix("in `")?.strip_suffix('`')).unwrap_or("").to_string();
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let field = message.starts_with("unknown field");
    if let (true, Some((found, known))) = (field || message.starts_with("unknown variant"), quoted.split_first()) {
        // toml may count the unknown field itself among the keys it is in.
        let section =
            if field { key.strip_suffix(found).map_or(key.as_str(), |k| k.trim_end_matches('.')) } else { &key };
        let place = match (field, section) {
            (_, "") => source.display().to_string(),
            (true, section) => format!("{}: [{section}]", source.display()),
            (false, key) => format!("{}: {key}", source.display()),
        };
        return Error::unknown(if field { "key" } else { "value" }, found, place, known.iter().copied());
    }
    let (found, expected) = message.split_once(", expected ").unwrap_or((message, "another value"));
    Error::Value { file: source.to_path_buf(), key, found: found.to_string(), expected: expected.to_string() }
}
