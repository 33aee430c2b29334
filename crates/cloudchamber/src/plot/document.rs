//! A page: one HTML file that is also well-formed XML, with its style and pictures inside and no scripts.

use super::label::{escape, html as rich, plain};

const STYLE: &str = include_str!("../report/page.css");

/// The parts of a page; all but the title are HTML.
pub(crate) struct Document<'a> {
    /// Heading, in the notation of labels.
    pub title: &'a str,
    /// What stands between the heading and the body.
    pub header: &'a str,
    /// Sections.
    pub body: &'a str,
    /// Last line, in the notation of labels; left out if empty.
    pub footer: &'a str,
}

impl Document<'_> {
    /// The complete page.
    pub fn html(&self) -> String {
        let footer =
            if self.footer.is_empty() { String::new() } else { format!("<footer>{}</footer>\n", rich(self.footer)) };
        format!(
            "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>{}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n{}\n</header>\n<main>\n{}{footer}</main>\n</body>\n</html>\n",
            escape(&plain(self.title)),
            rich(self.title),
            self.header,
            self.body
        )
    }
}

/// A picture with its caption, both HTML.
pub(crate) fn figure(body: &str, caption: &str) -> String {
    format!("<figure>{body}<figcaption>{caption}</figcaption></figure>\n")
}

/// A number with its digits in groups of three.
pub(crate) fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(d);
    }
    out
}
