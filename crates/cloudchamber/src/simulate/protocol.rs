//! What the driver says: messages of a tag, a length and a content (`driver.py` has the specification).

use std::io::{self, Read};

use serde::Deserialize;

/// Version of the protocol, in the driver's first message.
pub const PROTOCOL: u32 = 1;
/// The longest message: no event of Pythia comes near.
const LONGEST: u32 = 1 << 28;

/// A line of Pythia's event record.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line {
    /// Identity in the numbering of the Particle Data Group.
    pub pdg: i32,
    /// Pythia's status: positive for final particles.
    pub status: i32,
    /// First and last mother, as Pythia says them.
    pub mothers: [i32; 2],
    /// Colour and anticolour.
    pub colours: [i32; 2],
    /// px, py, pz, E in GeV.
    pub momentum: [f64; 4],
    /// Mass in GeV.
    pub mass: f64,
    /// Where it was made: x, y, z, ct in mm; zero unless asked for.
    pub vertex: [f64; 4],
}

/// An event: Pythia's record, line 0 (the system) included, so that mothers are places in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Weight of the event.
    pub weight: f64,
    /// Scale of the hard process in GeV, and the couplings alpha_em and alpha_s there.
    pub scale: [f64; 3],
    /// Momentum fractions of the partons, their scale in GeV, x f(x) of both.
    pub pdf: [f64; 5],
    /// Pythia's code of the process.
    pub process: i32,
    /// Partons of the hard process, by their numbers.
    pub partons: [i32; 2],
    /// The particles.
    pub lines: Vec<Line>,
}

/// What Pythia says of one process in one block.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Channel {
    /// Pythia's code.
    pub code: i32,
    /// Its name.
    pub name: String,
    /// Phase-space points tried, kept by weight, and made into events.
    pub tried: u64,
    /// See `tried`.
    pub selected: u64,
    /// See `tried`.
    pub accepted: u64,
    /// Cross section in mb.
    pub sigma: f64,
    /// Its error in mb.
    pub error: f64,
}

/// The end of a block.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct BlockReport {
    /// Number of the block.
    pub block: u64,
    /// Events made.
    pub events: u64,
    /// Events that Pythia gave up.
    pub failures: u64,
    /// All processes of the run.
    pub processes: Vec<Channel>,
    /// Whether particles are copied from Pythia's memory.
    pub fast: bool,
    /// Processor time of Pythia in s.
    pub pythia_seconds: f64,
    /// Processor time of handing events over in s.
    pub sending_seconds: f64,
}

/// The driver's first words.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Hello {
    /// Version of the protocol.
    pub protocol: u32,
    /// Version of Pythia.
    pub version: String,
}

/// The driver's last words.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Failure {
    /// "module", "command", "init" or "run".
    pub stage: String,
    /// What it was about.
    pub text: String,
}

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Pythia is ready.
    Hello(Hello),
    /// An event.
    Event(Record),
    /// A block is complete.
    Block(BlockReport),
    /// Nothing more will come.
    Failure(Failure),
}

/// Reads one message; none at the end of the stream. `vertices` says what was asked for.
///
/// # Errors
/// Errors of the pipe, a stream that ends within a message (`UnexpectedEof`), and messages that are none (`InvalidData`).
pub fn read(stream: &mut impl Read, vertices: bool) -> io::Result<Option<Message>> {
    let mut head = [0; 8];
    let mut filled = 0;
    while filled < head.len() {
        match stream.read(&mut head[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let [t0, t1, t2, t3, l0, l1, l2, l3] = head;
    let (tag, length) = ([t0, t1, t2, t3], u32::from_le_bytes([l0, l1, l2, l3]));
    if length > LONGEST {
        return Err(wrong(format!("a message {:?} of {length} bytes", tag.escape_ascii().to_string())));
    }
    // What a wrong length promises is not allocated before it came.
    let mut content = Vec::new();
    stream.take(u64::from(length)).read_to_end(&mut content)?;
    if content.len() < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(match &tag {
        b"HELO" => Message::Hello(json(&content)?),
        b"EVNT" => Message::Event(event(&content, vertices)?),
        b"BLCK" => Message::Block(json(&content)?),
        b"FAIL" => Message::Failure(json(&content)?),
        _ => return Err(wrong(format!("a message {:?}", tag.escape_ascii().to_string()))),
    }))
}

fn wrong(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn json<T: serde::de::DeserializeOwned>(content: &[u8]) -> io::Result<T> {
    serde_json::from_slice(content).map_err(|e| wrong(format!("{e} in {}", String::from_utf8_lossy(content))))
}

/// Bytes before the columns of an event.
const HEAD: usize = 9 * 8 + 4 * 4;

fn event(content: &[u8], vertices: bool) -> io::Result<Record> {
    let (head, columns) = content.split_at_checked(HEAD).ok_or_else(|| wrong("an event without a head".into()))?;
    let f = |k: usize| f64::from_le_bytes(head[8 * k..8 * k + 8].try_into().unwrap_or_default());
    let i = |k: usize| i32::from_le_bytes(head[72 + 4 * k..76 + 4 * k].try_into().unwrap_or_default());
    let n = i(3) as u32 as usize;
    let floats = if vertices { 9 } else { 5 };
    if columns.len() as u64 != n as u64 * (6 * 4 + floats * 8) {
        return Err(wrong(format!("an event of {n} particles in {} bytes", columns.len())));
    }
    let (integers, floats) = columns.split_at(n * 24);
    let mut lines = vec![Line::default(); n];
    let places: [fn(&mut Line) -> &mut i32; 6] = [
        |l| &mut l.pdg,
        |l| &mut l.status,
        |l| &mut l.mothers[0],
        |l| &mut l.mothers[1],
        |l| &mut l.colours[0],
        |l| &mut l.colours[1],
    ];
    if n > 0 {
        for (place, column) in places.iter().zip(integers.chunks_exact(4 * n)) {
            for (line, bytes) in lines.iter_mut().zip(column.as_chunks().0) {
                *place(line) = i32::from_le_bytes(*bytes);
            }
        }
        let places: [fn(&mut Line) -> &mut f64; 9] = [
            |l| &mut l.momentum[0],
            |l| &mut l.momentum[1],
            |l| &mut l.momentum[2],
            |l| &mut l.momentum[3],
            |l| &mut l.mass,
            |l| &mut l.vertex[0],
            |l| &mut l.vertex[1],
            |l| &mut l.vertex[2],
            |l| &mut l.vertex[3],
        ];
        for (place, column) in places.iter().zip(floats.chunks_exact(8 * n)) {
            for (line, bytes) in lines.iter_mut().zip(column.as_chunks().0) {
                *place(line) = f64::from_le_bytes(*bytes);
            }
        }
    }
    Ok(Record {
        weight: f(0),
        scale: [f(1), f(2), f(3)],
        pdf: [f(4), f(5), f(6), f(7), f(8)],
        process: i(0),
        partons: [i(1), i(2)],
        lines,
    })
}
