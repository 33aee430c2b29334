//! Tables into tables: all columns, or some, and the attributes.

use std::path::Path;

use tables::{TableReader, TableWriter};

use super::blocks::Blocks;
use super::output::{self, Outcome, is_breach};
use super::{Options, Report};
use crate::progress::Progress;
use crate::{Error, interrupt};

/// Copies rows block by block.
pub(super) fn into_table(
    mut reader: TableReader,
    to: &Path,
    options: &Options,
    report: &mut Report,
) -> Result<Outcome, Error> {
    report.skipped = reader.skipped().iter().map(|s| (s.name.clone(), s.kind.clone())).collect();
    if let Some(names) = &options.columns {
        reader = select(reader, names)?;
        report.skipped.clear();
    }
    report.columns = reader.schema().names().into_iter().map(String::from).collect();
    if report.columns.is_empty() {
        let kinds: Vec<String> = report.skipped.iter().map(|(name, kind)| format!("{name} ({kind})")).collect();
        let found = if kinds.is_empty() { "no columns".to_string() } else { format!("only {}", kinds.join(", ")) };
        return Err(Error::Content {
            path: reader.path().to_path_buf(),
            found,
            expected: "columns of numbers, one number, a fixed number or a list of them in each row".into(),
        });
    }
    let name = reader.table().trim_matches('/').to_string();
    let mut writer = TableWriter::create_table(to, &name, (**reader.schema()).clone(), reader.attributes())?;
    let mut blocks = Blocks::new(reader, options.limit);
    let mut progress = Progress::new("convert", "rows", options.quiet);
    let mut broken = None;
    loop {
        interrupt::check()?;
        match blocks.read() {
            Ok(Some((_, block))) => writer.write(&block)?,
            Ok(None) => break,
            Err(error) if writer.rows() > 0 && is_breach(&error) => {
                broken = Some(error);
                break;
            }
            Err(error) => return Err(error),
        }
        let (done, total) = blocks.done();
        progress.update(done, total, "");
    }
    report.rows = Some(writer.rows());
    let rows = writer.rows();
    let outcome = output::finish(to, broken, options.force, rows, "rows", |path| Ok(writer.finish_as(path)?))?;
    progress.clear();
    Ok(outcome)
}

/// Restricts a table to columns; one that is missing is a mistake in the arguments.
fn select(reader: TableReader, names: &[String]) -> Result<TableReader, Error> {
    for name in names {
        if let Some(skipped) = reader.skipped().iter().find(|s| s.name == *name) {
            let found = format!("{name}, which is of type {}", skipped.kind);
            return Err(Error::argument("--columns", found, "columns of numbers"));
        }
        if reader.schema().position(name).is_none() {
            return Err(Error::unknown("column", name, "--columns", reader.schema().names()));
        }
    }
    Ok(reader.select(names)?)
}
