//! One Pythia: a Python that runs `driver.py`, started here, asked for blocks of events, and ended when dropped.

use std::collections::VecDeque;
use std::io::{BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::protocol::{self, Failure, Message, PROTOCOL, Record};
use crate::Error;

/// The program that Python runs.
pub const PROGRAM: &str = include_str!("driver.py");
/// Environment variable with the Python to use.
pub const PYTHON: &str = "CHAMBER_PYTHON";
/// Environment variable with another driver, for tests of the protocol.
pub const DRIVER: &str = "CHAMBER_SIMULATION_DRIVER";

/// Messages that wait for their turn.
const WAITING: usize = 64;
/// Characters of standard error that are kept for messages.
const LAST_WORDS: usize = 2000;

/// What a driver is told first.
#[derive(Clone, Debug, Serialize)]
pub struct Order {
    /// Pythia's commands.
    pub commands: Vec<String>,
    /// Seed of the initialisation; the blocks have their own.
    pub seed: u32,
    /// "event" or "process".
    pub record: &'static str,
    /// Whether vertices are wanted.
    pub vertices: bool,
}

/// Ends a driver from another thread.
#[derive(Clone)]
pub struct Handle(Arc<Mutex<Child>>);

impl Handle {
    /// Kills it, if it runs.
    pub fn kill(&self) {
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).kill();
    }

    fn wait(&self) -> Option<ExitStatus> {
        // Its streams are closed, so that it is about to end; one that does not is ended.
        for _ in 0..200 {
            if let Ok(Some(status)) = self.0.lock().unwrap_or_else(PoisonError::into_inner).try_wait() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.kill();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).wait().ok()
    }
}

/// A running Pythia.
pub struct Driver {
    python: String,
    handle: Handle,
    input: Option<ChildStdin>,
    messages: Receiver<std::io::Result<Option<Message>>>,
    words: Arc<Mutex<VecDeque<u8>>>,
    listener: Option<std::thread::JoinHandle<()>>,
    /// Pythia's version.
    pub version: String,
}

/// The Python to use: what was asked for, else the environment's, else `python3`.
pub fn python(asked: Option<&str>) -> String {
    let environment = || std::env::var(PYTHON).ok().filter(|name| !name.is_empty());
    asked.map(String::from).or_else(environment).unwrap_or_else(|| "python3".to_string())
}

impl Driver {
    /// Starts Pythia and waits until it is ready; `started` learns of the process as soon as there is one.
    ///
    /// # Errors
    /// [`Error::Python`], [`Error::NoPythia`], [`Error::Pythia`] with Pythia's own words.
    pub fn start(python: &str, order: &Order, started: impl FnOnce(Handle)) -> Result<Driver, Error> {
        let mut command = Command::new(python);
        match std::env::var_os(DRIVER) {
            Some(file) => command.arg(file),
            None => command.args(["-c", PROGRAM]),
        };
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|source| Error::Python { python: python.to_string(), source })?;
        let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let handle = Handle(Arc::new(Mutex::new(child)));
        started(handle.clone());
        let words = Arc::new(Mutex::new(VecDeque::new()));
        let kept = words.clone();
        let listener = errors.map(|errors| std::thread::spawn(move || keep_last(errors, &kept)));
        let (send, messages) = sync_channel(WAITING);
        if let Some(output) = output {
            let vertices = order.vertices;
            std::thread::spawn(move || pass_on(output, vertices, &send));
        }
        let version = String::new();
        let mut driver = Driver { python: python.to_string(), handle, input, messages, words, listener, version };
        let order = serde_json::to_string(order).map_err(|e| driver.died(&e.to_string()))?;
        driver.say(&order);
        match driver.message()? {
            Message::Hello(hello) if hello.protocol == PROTOCOL => driver.version = hello.version,
            other => return Err(driver.died(&format!("began with {other:?}"))),
        }
        Ok(driver)
    }

    /// Asks for a block; its events and its report will come.
    pub fn request(&mut self, block: u64, seed: u32, events: u32) {
        self.say(&format!("{block} {seed} {events}"));
    }

    /// The next message of the present block: an event, or its report.
    ///
    /// # Errors
    /// [`Error::Pythia`] if the driver gave up or died.
    pub fn message(&mut self) -> Result<Message, Error> {
        match self.messages.recv() {
            Ok(Ok(Some(Message::Failure(failure)))) => Err(self.failed(failure)),
            Ok(Ok(Some(message))) => Ok(message),
            Ok(Err(e)) if e.kind() != std::io::ErrorKind::UnexpectedEof => Err(self.died(&format!("sent {e}"))),
            _ => Err(self.died("")),
        }
    }

    /// Whose input is closed will say so by itself: the next message is its end.
    fn say(&mut self, line: &str) {
        if let Some(input) = &mut self.input {
            let _ = writeln!(input, "{line}").and_then(|()| input.flush());
        }
    }

    fn last_words(&mut self) -> String {
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(words.make_contiguous()).into_owned();
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| format!("\n  {line}")).collect()
    }

    fn failed(&mut self, failure: Failure) -> Error {
        self.input = None;
        self.handle.wait();
        let said = self.last_words();
        let Failure { stage, text } = failure;
        match stage.as_str() {
            "module" => Error::NoPythia { python: self.python.clone() },
            "command" => {
                Error::Pythia { what: format!("Pythia does not know the command \"{text}\""), said, card: true }
            }
            "init" => Error::Pythia { what: "Pythia cannot start with these commands".into(), said, card: true },
            _ => Error::Pythia { what: format!("the simulation failed: {text}"), said, card: false },
        }
    }

    fn died(&mut self, how: &str) -> Error {
        self.input = None;
        if !how.is_empty() {
            self.handle.kill();
        }
        let status = self.handle.wait();
        let said = self.last_words();
        let ending = match status {
            _ if !how.is_empty() => how.to_string(),
            Some(status) => format!("ended before its work was done ({status})"),
            None => "ended before its work was done".to_string(),
        };
        Error::Pythia { what: format!("the process of {} {ending}", self.python), said, card: false }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.input = None;
        self.handle.kill();
        self.handle.wait();
    }
}

/// Reads messages until the end, which is passed on too.
fn pass_on(output: impl Read, vertices: bool, send: &SyncSender<std::io::Result<Option<Message>>>) {
    let mut output = BufReader::with_capacity(1 << 18, output);
    loop {
        let message = protocol::read(&mut output, vertices);
        let last = !matches!(message, Ok(Some(_)));
        if send.send(message).is_err() || last {
            return;
        }
    }
}

fn keep_last(mut errors: impl Read, kept: &Mutex<VecDeque<u8>>) {
    let mut part = [0; 1024];
    while let Ok(n @ 1..) = errors.read(&mut part) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(&part[..n]);
        let surplus = kept.len().saturating_sub(LAST_WORDS);
        kept.drain(..surplus);
    }
}

/// Events of one block, for those who want a few and no more.
///
/// # Errors
/// As [`Driver::message`].
pub fn block(driver: &mut Driver, seed: u32, events: u32) -> Result<(Vec<Record>, protocol::BlockReport), Error> {
    driver.request(0, seed, events);
    let mut all = Vec::new();
    loop {
        match driver.message()? {
            Message::Event(event) => all.push(event),
            Message::Block(report) => return Ok((all, report)),
            other => return Err(driver.died(&format!("sent {other:?} within a block"))),
        }
    }
}
