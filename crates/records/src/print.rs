//! Numbers as text: the shortest digits that are read back as the same number.

/// A line or an event in the making.
#[derive(Default)]
pub(crate) struct Text(pub(crate) Vec<u8>);

impl Text {
    pub(crate) fn push(&mut self, text: &str) -> &mut Text {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    /// A blank and a whole number.
    pub(crate) fn int(&mut self, number: impl Into<i64>) -> &mut Text {
        let number: i64 = number.into();
        let mut digits = [0u8; 20];
        let mut at = digits.len();
        let mut rest = number.unsigned_abs();
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.0.push(b' ');
        if number < 0 {
            self.0.push(b'-');
        }
        self.0.extend_from_slice(&digits[at..]);
        self
    }

    /// A blank and an index or a count; nothing in memory has more than 2^63.
    pub(crate) fn count(&mut self, number: usize) -> &mut Text {
        self.int(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// A blank and a finite number, exactly.
    pub(crate) fn float(&mut self, number: f64) -> &mut Text {
        self.0.push(b' ');
        // Zero and small whole numbers fill event files; without ".0" they are shorter and still numbers.
        if number == 0.0 && number.is_sign_positive() {
            self.0.push(b'0');
        } else {
            let mut buffer = zmij::Buffer::new();
            let digits = buffer.format_finite(number);
            self.0.extend_from_slice(digits.strip_suffix(".0").unwrap_or(digits).as_bytes());
        }
        self
    }

    /// Blanks and finite numbers.
    pub(crate) fn floats(&mut self, numbers: &[f64]) -> &mut Text {
        for &number in numbers {
            self.float(number);
        }
        self
    }

    pub(crate) fn end_line(&mut self) {
        self.0.push(b'\n');
    }
}
