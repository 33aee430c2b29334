//! Room that is kept for the next piece of work, so that nothing is allocated in the loop.

use std::sync::Mutex;

/// What was used before and is free.
pub(crate) struct Pool<T>(Mutex<Vec<T>>);

impl<T> Pool<T> {
    /// Nothing yet.
    pub fn new() -> Pool<T> {
        Pool(Mutex::default())
    }

    /// Does `work` in a room that is free, or in a new one, which is kept for the next.
    pub fn with<R>(&self, new: impl FnOnce() -> T, work: impl FnOnce(&mut T) -> R) -> R {
        let free = self.0.lock().ok().and_then(|mut rooms| rooms.pop());
        let mut room = free.unwrap_or_else(new);
        let done = work(&mut room);
        if let Ok(mut rooms) = self.0.lock() {
            rooms.push(room);
        }
        done
    }
}
