//! Threads that Python would end.
//!
//! Once Python goes down, CPython before 3.14 ends every other thread that wants its lock by `pthread_exit`, which unwinds
//! the thread's stack: through frames that cannot be, and into guards that catch it, which ends the process. Such a thread
//! waits for the process's end instead, as CPython has it from 3.14 on.

/// Runs a body that may wait for Python's lock. A thread that is ended in there does not come back. It stops as deep as it
/// was told: the nearer to Python that is, the less of ours is dropped without the lock on the way.
#[inline(always)]
pub fn staying<T>(body: impl FnOnce() -> T) -> T {
    let stays = Stays;
    let outcome = body();
    std::mem::forget(stays);
    outcome
}

struct Stays;

impl Drop for Stays {
    #[cold]
    fn drop(&mut self) {
        // A panic goes on. What else unwinds is the thread's end.
        if !std::thread::panicking() {
            park();
        }
    }
}

/// Waits for the process's end.
#[cold]
pub fn park() -> ! {
    loop {
        std::thread::park();
    }
}
