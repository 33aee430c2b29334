//! The comment line: `key=value`, values bare or in quotes, braces or brackets.

use std::iter::Peekable;
use std::str::Chars;

/// The pairs of a comment; none if it has no `=`, so that it is plain text.
///
/// A backslash within quotes gives the next character, `\n` a line break; braces go away, brackets stay. A key alone has the value `T`.
pub(super) fn parse(comment: &str) -> Result<Option<Vec<(String, String)>>, String> {
    let mut pairs = Vec::new();
    let mut assigned = false;
    let mut chars = comment.chars().peekable();
    loop {
        skip_blanks(&mut chars);
        let key = match chars.peek() {
            None => break,
            Some('"' | '\'') => delimited(&mut chars)?,
            Some(_) => bare(&mut chars, true),
        };
        skip_blanks(&mut chars);
        if chars.peek() != Some(&'=') {
            pairs.push((key, "T".to_string()));
            continue;
        }
        chars.next();
        skip_blanks(&mut chars);
        assigned = true;
        let value = match chars.peek() {
            Some('"' | '\'' | '{' | '[') => delimited(&mut chars)?,
            _ => bare(&mut chars, false),
        };
        if key.is_empty() {
            return Err(format!("expected a key before =, found nothing before ={value}"));
        }
        pairs.push((key, value));
    }
    Ok(assigned.then_some(pairs))
}

fn skip_blanks(chars: &mut Peekable<Chars>) {
    while chars.next_if(|c| c.is_whitespace()).is_some() {}
}

/// A word that ends with a blank, or before `=` if it is a key.
fn bare(chars: &mut Peekable<Chars>, key: bool) -> String {
    let mut word = String::new();
    while let Some(c) = chars.next_if(|&c| !(c.is_whitespace() || key && c == '=')) {
        word.push(c);
    }
    word
}

/// What stands between a quote, brace or bracket and its counterpart.
fn delimited(chars: &mut Peekable<Chars>) -> Result<String, String> {
    let open = chars.next().unwrap_or('"');
    let close = match open {
        '{' => '}',
        '[' => ']',
        quote => quote,
    };
    let mut text = String::new();
    let mut depth = 1;
    while let Some(c) = chars.next() {
        if c == '\\' && open != '[' {
            match chars.next() {
                Some('n') => text.push('\n'),
                Some(escaped) => text.push(escaped),
                None => break,
            }
            continue;
        }
        if c == close {
            depth -= 1;
            if depth == 0 {
                return Ok(if open == '[' { format!("[{text}]") } else { text });
            }
        } else if c == open {
            depth += 1;
        }
        text.push(c);
    }
    Err(format!("expected {close} at the end of a value, found the end of the line after {open}{text}"))
}

/// Appends `key=value`, in quotes where blanks and signs need them.
pub(super) fn push(line: &mut String, key: &str, value: &str) {
    if !line.is_empty() {
        line.push(' ');
    }
    push_word(line, key);
    line.push('=');
    push_word(line, value);
}

fn push_word(line: &mut String, word: &str) {
    let plain = |c: char| !c.is_whitespace() && !"\"'\\{}[]=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        line.push_str(word);
        return;
    }
    line.push('"');
    for c in word.chars() {
        match c {
            '\n' => line.push_str("\\n"),
            '"' | '\\' => line.extend(['\\', c]),
            // No line break may come out of a value.
            c if c.is_control() => line.push(' '),
            c => line.push(c),
        }
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(comment: &str) -> Vec<(String, String)> {
        parse(comment).unwrap().unwrap()
    }

    #[test]
    fn values_are_bare_or_delimited() {
        let comment = r#"Lattice="1 0 0  0 1 0 0 0 1" smiles=C#N  a = b relaxed pbc={T T F} j=[[1, 2], ["x"]] 'odd key'='it is' x=a=b"#;
        let expected = [
            ("Lattice", "1 0 0  0 1 0 0 0 1"),
            ("smiles", "C#N"),
            ("a", "b"),
            ("relaxed", "T"),
            ("pbc", "T T F"),
            ("j", "[[1, 2], [\"x\"]]"),
            ("odd key", "it is"),
            ("x", "a=b"),
        ];
        assert_eq!(pairs(comment), expected.map(|(k, v)| (k.to_string(), v.to_string())));
        assert_eq!(pairs(r#"s="F/C=C\\F \"x\"\nend""#)[0].1, "F/C=C\\F \"x\"\nend");
        assert_eq!(parse("water, relaxed").unwrap(), None);
        assert_eq!(parse("").unwrap(), None);
        assert!(parse("a=\"b c").unwrap_err().contains("found the end of the line after \"b c"));
        assert!(parse("=3").unwrap_err().contains("expected a key"));
    }

    #[test]
    fn what_is_written_is_read() {
        for value in ["", " ", "x", "a b", "=", "\"", "\\", "a\\\"b", "{x}", "[1, 2]", "two\nlines", "'", "ü✓", "-1.5"]
        {
            let mut line = String::new();
            push(&mut line, "key", value);
            push(&mut line, value, "x");
            let expected = [("key".to_string(), value.to_string()), (value.to_string(), "x".to_string())];
            if value.is_empty() {
                assert!(parse(&line).is_err());
            } else {
                assert_eq!(pairs(&line), expected, "{line}");
            }
        }
    }
}
