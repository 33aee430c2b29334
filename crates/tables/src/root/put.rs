//! Bytes of a ROOT object being put together: big-endian numbers, strings, byte counts filled in when an object ends.

/// Bit of a byte count that says it is one.
const BYTE_COUNT: u32 = 0x4000_0000;
const NEW_CLASS: u32 = 0xffff_ffff;
/// kIsOnHeap and kNotDeleted, which every object on disk has.
const OBJECT_BITS: u32 = 0x0300_0000;

#[derive(Default)]
pub(super) struct Put {
    pub(super) bytes: Vec<u8>,
}

impl Put {
    pub(super) fn raw(&mut self, bytes: &[u8]) -> &mut Put {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(super) fn u8(&mut self, x: u8) -> &mut Put {
        self.raw(&[x])
    }

    pub(super) fn u16(&mut self, x: u16) -> &mut Put {
        self.raw(&x.to_be_bytes())
    }

    pub(super) fn u32(&mut self, x: u32) -> &mut Put {
        self.raw(&x.to_be_bytes())
    }

    pub(super) fn i32(&mut self, x: i32) -> &mut Put {
        self.raw(&x.to_be_bytes())
    }

    pub(super) fn u64(&mut self, x: u64) -> &mut Put {
        self.raw(&x.to_be_bytes())
    }

    pub(super) fn i64(&mut self, x: i64) -> &mut Put {
        self.raw(&x.to_be_bytes())
    }

    /// A TString.
    pub(super) fn string(&mut self, text: &str) -> &mut Put {
        match u8::try_from(text.len()) {
            Ok(length) if length < 255 => self.u8(length),
            _ => self.u8(255).u32(text.len() as u32),
        };
        self.raw(text.as_bytes())
    }

    /// Streams an object of a class with its byte count.
    pub(super) fn object(&mut self, version: u16, body: impl FnOnce(&mut Put)) -> &mut Put {
        let start = self.bytes.len();
        self.u32(0).u16(version);
        body(self);
        self.count(start);
        self
    }

    /// An object behind a pointer, with the name of its class.
    pub(super) fn any(&mut self, class: &str, body: impl FnOnce(&mut Put)) -> &mut Put {
        let start = self.bytes.len();
        self.u32(0).u32(NEW_CLASS).raw(class.as_bytes()).u8(0);
        body(self);
        self.count(start);
        self
    }

    fn count(&mut self, start: usize) {
        let count = (self.bytes.len() - start - 4) as u32 | BYTE_COUNT;
        self.bytes[start..start + 4].copy_from_slice(&count.to_be_bytes());
    }

    /// TObject with further bits.
    pub(super) fn t_object(&mut self, bits: u32) -> &mut Put {
        self.u16(1).u32(0).u32(OBJECT_BITS | bits)
    }

    /// TNamed.
    pub(super) fn named(&mut self, name: &str, title: &str, bits: u32) -> &mut Put {
        self.object(1, |p| {
            p.t_object(bits).string(name).string(title);
        })
    }

    /// TObjArray of `count` pointers that `body` writes.
    pub(super) fn array(&mut self, count: usize, body: impl FnOnce(&mut Put)) -> &mut Put {
        self.object(3, |p| {
            p.t_object(0).string("").u32(count as u32).u32(0);
            body(p);
        })
    }
}
