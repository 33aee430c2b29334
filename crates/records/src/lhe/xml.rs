//! As much XML as event files need: elements by name within a text, and their attributes.

use memchr::memmem;

/// An element `<name attributes>content</name>` or `<name attributes/>`.
pub(super) struct Element<'a> {
    pub(super) attributes: &'a [u8],
    pub(super) content: &'a [u8],
}

/// The elements of that name, one after the other; a text without the end of the last is an error (None).
pub(super) fn elements<'a>(text: &'a [u8], name: &'a str) -> impl Iterator<Item = Option<Element<'a>>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let start = memmem::find(rest, b"<")?;
            rest = &rest[start + 1..];
            let Some(after) = rest.strip_prefix(name.as_bytes()) else { continue };
            if !after.first().is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/')) {
                continue;
            }
            rest = after;
            let Some(end) = memchr::memchr(b'>', rest) else {
                rest = &[];
                return Some(None);
            };
            let attributes = &rest[..end];
            rest = &rest[end + 1..];
            if let Some(attributes) = attributes.strip_suffix(b"/") {
                return Some(Some(Element { attributes, content: &[] }));
            }
            let close = memmem::find_iter(rest, b"</").find(|&at| rest[at + 2..].starts_with(name.as_bytes()));
            let Some(close) = close else {
                rest = &[];
                return Some(None);
            };
            let content = &rest[..close];
            rest = &rest[close..];
            return Some(Some(Element { attributes, content }));
        }
    })
}

/// The value of an attribute, raw.
pub(super) fn attribute<'a>(attributes: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut rest = attributes.trim_ascii_start();
    while !rest.is_empty() {
        let equals = memchr::memchr(b'=', rest)?;
        let key = rest[..equals].trim_ascii();
        let value = rest[equals + 1..].trim_ascii_start();
        let quote = *value.first().filter(|b| matches!(b, b'"' | b'\''))?;
        let length = memchr::memchr(quote, &value[1..])?;
        if key == name.as_bytes() {
            return Some(&value[1..=length]);
        }
        rest = value[length + 2..].trim_ascii_start();
    }
    None
}

/// Text in place of its entities.
pub(super) fn unescape(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if !text.contains('&') {
        return text.into_owned();
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

/// Entities in place of what has a meaning in XML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_with_their_attributes_whatever_the_quotes() {
        let text = br#"<wgts/><wgt id='a"b' x = "2"> 1 </wgt> <wgt id="c"/><wgt>"#;
        let found: Vec<_> = elements(text, "wgt").collect();
        assert_eq!(found.len(), 3);
        let first = found[0].as_ref().unwrap();
        assert_eq!(attribute(first.attributes, "id").unwrap(), b"a\"b");
        assert_eq!(attribute(first.attributes, "x").unwrap(), b"2");
        assert_eq!(attribute(first.attributes, "y"), None);
        assert_eq!(first.content, b" 1 ");
        assert_eq!(attribute(found[1].as_ref().unwrap().attributes, "id").unwrap(), b"c");
        assert!(found[2].is_none());
    }

    #[test]
    fn entities_come_and_go() {
        for text in ["a<b>&\"c\"", "&lt;", "plain", ""] {
            assert_eq!(unescape(escape(text).as_bytes()), text);
        }
    }
}
