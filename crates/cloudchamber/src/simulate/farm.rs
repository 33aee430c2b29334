//! The farm: blocks of events over several Pythias, delivered in the order of the blocks.
//!
//! Worker w makes the blocks w, w + J, w + 2J, ... of J workers. A block's events depend on its seed alone, so neither J nor the order in which
//! blocks are finished changes what is delivered. At most two blocks per worker wait: memory does not grow with the number of events.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::driver::{Driver, Handle, Order};
use super::protocol::{BlockReport, Message};
use super::rows::Rows;
use super::seeds;
use super::select::Selection;
use crate::{Error, interrupt};

/// What is made.
pub struct Farm<'a> {
    /// The Python of all workers.
    pub python: &'a str,
    /// What they are told.
    pub order: Order,
    /// Seed of the run.
    pub seed: u64,
    /// Events of a block.
    pub block: u32,
    /// Workers.
    pub jobs: usize,
    /// A selection for a worker.
    pub selection: &'a (dyn Fn() -> Result<Selection, Error> + Sync),
}

/// Events of a block, selected.
pub struct Block {
    /// Its number.
    pub number: u64,
    /// What was selected, in the order of the events.
    pub rows: Rows,
    /// What Pythia says of it; none if it was cut off.
    pub report: Option<BlockReport>,
    /// Processor time of reading and selecting in s.
    pub seconds: f64,
    /// Pythia's version.
    pub version: String,
    /// What cut it off.
    pub failure: Option<Error>,
}

impl Farm<'_> {
    /// Makes blocks and hands them to `deliver` in order, until it answers false or fails. A block that was cut off is delivered too, with what
    /// was complete of it, and is the last.
    ///
    /// # Errors
    /// Errors of `deliver`, [`Error::Interrupted`], and errors before a worker's first event.
    pub fn run(&self, deliver: &mut dyn FnMut(Block) -> Result<bool, Error>) -> Result<(), Error> {
        // None once all is over: who starts then is stopped at once.
        let handles: Mutex<Option<Vec<Handle>>> = Mutex::new(Some(Vec::new()));
        let lock = || handles.lock().unwrap_or_else(PoisonError::into_inner);
        std::thread::scope(|scope| {
            let queues: Vec<Receiver<Result<Block, Error>>> = (0..self.jobs)
                .map(|worker| {
                    let (send, receive) = sync_channel(1);
                    let started = move |handle: Handle| match lock().as_mut() {
                        Some(all) => all.push(handle),
                        None => handle.kill(),
                    };
                    scope.spawn(move || {
                        if let Err(error) = self.work(worker as u64, &send, started) {
                            let _ = send.send(Err(error));
                        }
                    });
                    receive
                })
                .collect();
            let result = collect(&queues, deliver);
            // Workers in the middle of a block find their Pythia gone, those with a finished one find nobody who wants it.
            drop(queues);
            lock().take().into_iter().flatten().for_each(|handle| handle.kill());
            result
        })
    }

    fn work(
        &self,
        worker: u64,
        send: &SyncSender<Result<Block, Error>>,
        started: impl FnOnce(Handle),
    ) -> Result<(), Error> {
        let mut selection = (self.selection)()?;
        let mut driver = Driver::start(self.python, &self.order, started)?;
        let mine = || (worker..).step_by(self.jobs);
        let ask = |driver: &mut Driver, block| driver.request(block, seeds::of_block(self.seed, block), self.block);
        ask(&mut driver, worker);
        for number in mine() {
            // Pythia begins with the next block while this one is being looked at.
            ask(&mut driver, number + self.jobs as u64);
            let block = self.block(number, &mut driver, &mut selection);
            let last = block.failure.is_some();
            if send.send(Ok(block)).is_err() || last {
                break;
            }
        }
        Ok(())
    }

    fn block(&self, number: u64, driver: &mut Driver, selection: &mut Selection) -> Block {
        let before = processor_seconds();
        let mut rows = selection.start();
        let mut event = 0;
        let (report, failure) = loop {
            match driver.message() {
                Ok(Message::Event(record)) => {
                    let place = number.saturating_mul(u64::from(self.block)) + event;
                    let fault = record.fault().map(|problem| Error::SimulatedEvent { block: number, event, problem });
                    let done = fault.map_or_else(|| selection.select(&record, place, &mut rows), Err);
                    match done {
                        Ok(()) => event += 1,
                        Err(error @ Error::SimulatedEvent { .. }) => break (None, Some(error)),
                        Err(error) => {
                            let problem = error.to_string();
                            break (None, Some(Error::SimulatedEvent { block: number, event, problem }));
                        }
                    }
                }
                Ok(Message::Block(report)) if report.block == number && report.events == event => {
                    break (Some(report), None);
                }
                Ok(other) => {
                    let (what, said) = (format!("block {number} was answered with {other:?}"), String::new());
                    break (None, Some(Error::Pythia { what, said, card: false }));
                }
                Err(error) => break (None, Some(error)),
            }
        };
        let seconds = processor_seconds() - before;
        Block { number, rows, report, seconds, version: driver.version.clone(), failure }
    }
}

fn collect(
    queues: &[Receiver<Result<Block, Error>>],
    deliver: &mut dyn FnMut(Block) -> Result<bool, Error>,
) -> Result<(), Error> {
    for queue in queues.iter().cycle() {
        let block = loop {
            interrupt::check()?;
            match queue.recv_timeout(Duration::from_millis(50)) {
                Ok(block) => break block?,
                Err(RecvTimeoutError::Timeout) => {}
                // A worker says why it ends; without a word it has panicked, and the scope passes that on.
                Err(RecvTimeoutError::Disconnected) => return Err(Error::Interrupted),
            }
        };
        let last = block.failure.is_some();
        if !deliver(block)? || last {
            break;
        }
    }
    Ok(())
}

/// Processor time of this thread in s, where the system says it; else the time since the first question.
fn processor_seconds() -> f64 {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds: Option<f64> = text.split_whitespace().next().and_then(|n| n.parse().ok());
    nanoseconds.map_or_else(|| START.get_or_init(std::time::Instant::now).elapsed().as_secs_f64(), |n| 1e-9 * n)
}
