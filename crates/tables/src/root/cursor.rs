//! A place in bytes that were read from a ROOT file: big-endian numbers, strings, object headers.
//!
//! Every read is checked against the end, so that damage is an error with a position and never a panic.

/// What is wrong, in words.
pub(super) type Parse<T> = Result<T, String>;

/// Bit of a byte count that says it is one.
const BYTE_COUNT: u32 = 0x4000_0000;
const MEMBERWISE: u16 = 0x4000;

pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Version of a streamed class, and where its bytes end if it says so.
pub(super) struct Header {
    pub(super) version: u16,
    pub(super) end: Option<usize>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Cursor<'a> {
        Cursor { bytes, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn take(&mut self, length: usize) -> Parse<&'a [u8]> {
        let end = self.at.checked_add(length).filter(|&end| end <= self.bytes.len());
        let Some(end) = end else {
            return Err(format!("{length} bytes are needed at byte {} of an object of {}", self.at, self.bytes.len()));
        };
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Parse<[u8; N]> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| "a short read".to_string())
    }

    pub(super) fn u8(&mut self) -> Parse<u8> {
        self.array::<1>().map(|b| b[0])
    }

    pub(super) fn u16(&mut self) -> Parse<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Parse<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn i32(&mut self) -> Parse<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> Parse<i64> {
        self.array().map(i64::from_be_bytes)
    }

    /// An address: 8 bytes in large files, else 4.
    pub(super) fn seek(&mut self, large: bool) -> Parse<u64> {
        if large { self.i64().map(|x| x as u64) } else { self.u32().map(u64::from) }
    }

    /// A TString: its length in one byte, or 255 and four more.
    pub(super) fn string(&mut self) -> Parse<String> {
        let length = match self.u8()? {
            255 => self.u32()? as usize,
            short => usize::from(short),
        };
        self.take(length).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// Text that ends in a zero byte.
    pub(super) fn c_string(&mut self) -> Parse<String> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&b| b == 0).ok_or("a class name does not end")?;
        let text = String::from_utf8_lossy(&rest[..length]).into_owned();
        self.at += length + 1;
        Ok(text)
    }

    /// The version of a streamed class, with the byte count that may precede it.
    pub(super) fn header(&mut self) -> Parse<Header> {
        let start = self.at;
        let count = self.u32()?;
        if count & BYTE_COUNT == 0 || count == u32::MAX {
            self.at = start;
            return Ok(Header { version: self.u16()?, end: None });
        }
        let end = self.at.checked_add((count & !BYTE_COUNT) as usize).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or_else(|| format!("an object at byte {start} reaches beyond the end"))?;
        let version = self.u16()?;
        if version & MEMBERWISE != 0 && version != u16::MAX {
            return Err(format!("an object at byte {start} is stored memberwise, which is not read"));
        }
        Ok(Header { version, end: Some(end) })
    }

    pub(super) fn move_to(&mut self, at: usize) -> Parse<()> {
        if at < self.at || at > self.bytes.len() {
            return Err(format!("an object ends at byte {at}, but {} were read of it", self.at));
        }
        self.at = at;
        Ok(())
    }

    /// Leaves the object of this header behind.
    pub(super) fn leave(&mut self, header: &Header) -> Parse<()> {
        self.move_to(header.end.ok_or("an object without a byte count cannot be skipped")?)
    }

    /// Skips a whole object.
    pub(super) fn skip_object(&mut self) -> Parse<()> {
        let header = self.header()?;
        self.leave(&header)
    }

    /// TObject: version, unique number, bits, and a process number if it is referenced.
    pub(super) fn object(&mut self) -> Parse<()> {
        self.header()?;
        self.u32()?;
        let bits = self.u32()?;
        if bits & 0x10 != 0 {
            self.u16()?;
        }
        Ok(())
    }

    /// TNamed: name and title.
    pub(super) fn named(&mut self) -> Parse<(String, String)> {
        let header = self.header()?;
        self.object()?;
        let names = (self.string()?, self.string()?);
        if header.end.is_some() {
            self.leave(&header)?;
        }
        Ok(names)
    }
}
