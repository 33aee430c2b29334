//! HepMC3's text format `Asciiv3` (arXiv:1912.08005, section on the ASCII format).
//!
//! ```text
//! HepMC::Version 3.02.05
//! HepMC::Asciiv3-START_EVENT_LISTING
//! W name\|name                          names of the weights      (older files: W count, N name\|name)
//! T name\|version\|description          a tool
//! A name text                           an attribute of the run
//! E number vertices particles [@ x y z ct]
//! U GEV MM
//! W weight weight
//! A owner name text                     owner: 0 event, n particle, -n vertex
//! P id origin pdg px py pz e m status   origin: 0 none, -n vertex, n the only mother
//! V id status [in,in] [@ x y z ct]
//! HepMC::Asciiv3-END_EVENT_LISTING
//! ```
//! A vertex with one incoming particle and nothing to say has no V line: its daughters name the mother instead. In
//! texts a line break is `\|` and a backslash is `\\`.

mod attributes;
mod graph;
mod read;
mod run;
mod write;

pub(crate) use read::Reader;
pub(crate) use run::{read_header, write_header};
pub(crate) use write::write_event;

/// The lines after the last event.
pub(crate) const FOOTER: &str = "HepMC::Asciiv3-END_EVENT_LISTING\n\n";

/// Text without line breaks.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\|").replace('\r', "")
}

/// The text of [`escape`].
fn unescape(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if !text.contains('\\') {
        return text.into_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('|') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{escape, unescape};

    #[test]
    fn texts_lose_their_line_breaks_and_get_them_back() {
        assert_eq!(escape("a b\nc\\d"), "a b\\|c\\\\d");
        for text in ["", "plain", "a\nb", "\\", "\\\n\\|", "|\\|", "ends\n"] {
            assert!(!escape(text).contains('\n'));
            assert_eq!(unescape(escape(text).as_bytes()), text);
        }
    }
}
