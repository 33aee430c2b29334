//! Building blocks of HDF5 files as bytes: object headers, the heap of texts, the shuffle filter, the checksum.
//! Section numbers are those of the HDF5 File Format Specification Version 3.0.

use super::Attribute;

/// Version 2 object header (IV.A.1.b) with all messages in one block.
pub(super) fn object_header(messages: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let body: Vec<u8> = messages
        .iter()
        .flat_map(|(kind, data)| [&[*kind], (data.len() as u16).to_le_bytes().as_slice(), &[0], data].concat())
        .collect();
    let mut header = [b"OHDR\x02\x02".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat();
    let checksum = lookup3(&header);
    header.extend_from_slice(&checksum.to_le_bytes());
    header
}

/// Global heap collection (III.E) that holds the texts of all attributes.
pub(super) struct Heap {
    address: u64,
    objects: Vec<u8>,
    count: u32,
}

impl Heap {
    /// An empty heap that will be written at this address.
    pub(super) fn at(address: u64) -> Heap {
        Heap { address, objects: Vec::new(), count: 0 }
    }

    /// Whether it holds no text.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Stores the text and returns the attribute message (IV.A.2.m) that points to it: a scalar variable-length UTF-8 string.
    pub(super) fn attribute(&mut self, (name, text): &Attribute) -> Vec<u8> {
        self.count += 1;
        self.objects.extend_from_slice(&(self.count as u16).to_le_bytes());
        self.objects.extend_from_slice(&[0; 6]);
        self.objects.extend_from_slice(&(text.len() as u64).to_le_bytes());
        self.objects.extend_from_slice(text.as_bytes());
        self.objects.resize(self.objects.len().next_multiple_of(8), 0);
        let datatype = [0x19, 1, 1, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0];
        let space = [2, 0, 0, 0];
        let mut message = vec![3, 0];
        for length in [name.len() + 1, datatype.len(), space.len()] {
            message.extend_from_slice(&(length as u16).to_le_bytes());
        }
        message.push(1);
        message.extend_from_slice(name.as_bytes());
        message.push(0);
        message.extend_from_slice(&datatype);
        message.extend_from_slice(&space);
        message.extend_from_slice(&(text.len() as u32).to_le_bytes());
        message.extend_from_slice(&self.address.to_le_bytes());
        message.extend_from_slice(&self.count.to_le_bytes());
        message
    }

    /// The collection with its free space, at least 4096 bytes long as readers demand.
    pub(super) fn finish(&self) -> Vec<u8> {
        let size = (self.objects.len() + 32).max(4096);
        let free = size - 16 - self.objects.len();
        let mut heap = [
            b"GCOL\x01\0\0\0".as_slice(),
            &(size as u64).to_le_bytes(),
            &self.objects,
            &[0; 8],
            &(free as u64).to_le_bytes(),
        ]
        .concat();
        heap.resize(size, 0);
        heap
    }
}

/// Bytes regrouped by their place in the element: all first bytes, all second bytes, ...
pub(super) fn shuffle(bytes: &[u8], size: usize) -> Vec<u8> {
    (0..size).flat_map(|place| bytes.iter().skip(place).step_by(size)).copied().collect()
}

/// Bob Jenkins' lookup3 hash (`hashlittle`, public domain, 2006), the checksum of HDF5 metadata.
pub(super) fn lookup3(bytes: &[u8]) -> u32 {
    let start = 0xdead_beef_u32.wrapping_add(bytes.len() as u32);
    let (mut a, mut b, mut c) = (start, start, start);
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut block = [0u8; 12];
        let n = rest.len().min(12);
        block[..n].copy_from_slice(&rest[..n]);
        rest = &rest[n..];
        let word = |i: usize| u32::from_le_bytes([block[i], block[i + 1], block[i + 2], block[i + 3]]);
        a = a.wrapping_add(word(0));
        b = b.wrapping_add(word(4));
        c = c.wrapping_add(word(8));
        if rest.is_empty() {
            for (x, y, r) in [(2, 1, 14), (0, 2, 11), (1, 0, 25), (2, 1, 16), (0, 2, 4), (1, 0, 14), (2, 1, 24)] {
                let mut v = [a, b, c];
                v[x] = (v[x] ^ v[y]).wrapping_sub(v[y].rotate_left(r));
                [a, b, c] = v;
            }
        } else {
            for (x, y, z, r) in [(0, 2, 1, 4), (1, 0, 2, 6), (2, 1, 0, 8), (0, 2, 1, 16), (1, 0, 2, 19), (2, 1, 0, 4)] {
                let mut v = [a, b, c];
                v[x] = v[x].wrapping_sub(v[y]) ^ v[y].rotate_left(r);
                v[y] = v[y].wrapping_add(v[z]);
                [a, b, c] = v;
            }
        }
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_agrees_with_the_examples_of_its_author() {
        // Comments of `driver5` in lookup3.c: the empty text and a well-known speech.
        assert_eq!(lookup3(b""), 0xdead_beef);
        assert_eq!(lookup3(b"Four score and seven years ago"), 0x1777_0551);
    }

    #[test]
    fn shuffled_bytes_are_grouped_by_significance() {
        assert_eq!(shuffle(&[1, 2, 3, 4, 5, 6, 7, 8], 4), [1, 5, 2, 6, 3, 7, 4, 8]);
        assert_eq!(shuffle(&[1, 2, 3], 1), [1, 2, 3]);
    }
}
