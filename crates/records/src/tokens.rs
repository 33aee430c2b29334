//! Words of a line, and the numbers among them, without copies.

use crate::error::Fault;

/// The rest of a line.
pub(crate) struct Tokens<'a> {
    rest: &'a [u8],
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(line: &'a [u8]) -> Tokens<'a> {
        Tokens { rest: line }
    }

    #[inline]
    fn skip_blanks(&mut self) {
        while let [b' ' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// The next word; none at the end of the line.
    #[inline]
    pub(crate) fn word(&mut self) -> Option<&'a [u8]> {
        self.skip_blanks();
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(is_blank).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(word)
    }

    /// What is left, without the blanks around it.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest.trim_ascii()
    }

    /// A whole number of any size that fits into `T`.
    #[inline]
    pub(crate) fn int<T: TryFrom<i64>>(&mut self, what: &'static str) -> Result<T, Fault> {
        let word = self.word().unwrap_or_default();
        parse_int(word)
            .and_then(|n| T::try_from(n).ok())
            .ok_or_else(|| Fault::text(format!("{what}, a whole number of {} bits", 8 * size_of::<T>()), word))
    }

    /// A finite number; Fortran's `1.0D+03` is one too.
    #[inline]
    pub(crate) fn float(&mut self, what: &'static str) -> Result<f64, Fault> {
        self.skip_blanks();
        if let Ok((number, length)) = fast_float2::parse_partial::<f64, _>(self.rest)
            && self.rest.get(length).is_none_or(is_blank)
            && number.is_finite()
        {
            self.rest = &self.rest[length..];
            return Ok(number);
        }
        let word = self.word().unwrap_or_default();
        parse_float(word).ok_or_else(|| Fault::text(format!("{what}, a finite number"), word))
    }

    /// Several finite numbers.
    #[inline]
    pub(crate) fn floats<const N: usize>(&mut self, what: &'static str) -> Result<[f64; N], Fault> {
        let mut numbers = [0.0; N];
        for number in &mut numbers {
            *number = self.float(what)?;
        }
        Ok(numbers)
    }

    /// Nothing but blanks may be left.
    #[inline]
    pub(crate) fn end(mut self) -> Result<(), Fault> {
        self.skip_blanks();
        if self.rest.is_empty() { Ok(()) } else { Err(Fault::text("the end of the line", self.rest)) }
    }
}

/// A whole number, with or without sign.
#[inline]
pub(crate) fn parse_int(word: &[u8]) -> Option<i64> {
    let (negative, digits) = match word {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut value = 0i64;
    for digit in digits {
        match digit {
            b'0'..=b'9' => value = 10 * value + i64::from(digit - b'0'),
            _ => return None,
        }
    }
    Some(if negative { -value } else { value })
}

/// A finite number that is the whole word, where D may stand for E.
pub(crate) fn parse_float(word: &[u8]) -> Option<f64> {
    let parse = |word: &[u8]| fast_float2::parse::<f64, _>(word).ok().filter(|x| x.is_finite());
    parse(word).or_else(|| {
        if word.len() > 64 || !word.iter().any(|b| matches!(b, b'd' | b'D')) {
            return None;
        }
        let word: Vec<u8> = word.iter().map(|b| if matches!(b, b'd' | b'D') { b'e' } else { *b }).collect();
        parse(&word)
    })
}

/// Text of a file as a string; what is no UTF-8 is replaced.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
