//! Programs that take long.
//!
//! Comes in: a command, what goes to its stdin, and who wants to know how long it has been running. Goes out: what it
//! printed. A layer of its own because three tools are run, and each must neither block on a full pipe nor be silent.

use std::io::{self, Write};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// What happens while something is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// A step begins: one word and what it is about.
    Step {
        /// `Building`.
        verb: &'a str,
        /// `the guest calcMetaFFIGuest.so`.
        what: &'a str,
    },
    /// Something to know, which is no fault.
    Note(&'a str),
    /// The last step that began still runs; said about once a second.
    Running {
        /// Since the step began.
        elapsed: Duration,
    },
}

/// Whom to tell. Called on the thread that made the request.
pub type Listener<'a> = &'a dyn Fn(Progress<'_>);

const TICK: Duration = Duration::from_secs(1);

/// Runs `command` to its end.
///
/// # Errors
/// It cannot be started.
pub(super) fn run(
    command: &mut Command,
    input: Vec<u8>,
    progress: Listener<'_>,
) -> io::Result<Output> {
    let begun = Instant::now();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stdin = child.stdin.take();
    let writer = thread::spawn(move || {
        if let Some(mut stdin) = stdin {
            // A program that reads nothing closes its end; its exit code says what it thinks.
            let _ = stdin.write_all(&input);
        }
    });
    let (send, receive) = mpsc::channel();
    let waiter = thread::spawn(move || {
        // The receiver is there until it has this.
        let _ = send.send(child.wait_with_output());
    });
    let output = loop {
        match receive.recv_timeout(TICK) {
            Ok(output) => break output,
            Err(RecvTimeoutError::Timeout) => progress(Progress::Running {
                elapsed: begun.elapsed(),
            }),
            Err(RecvTimeoutError::Disconnected) => {
                break Err(io::Error::other("the thread that waits has ended"));
            }
        }
    };
    // Both have ended, or end with the child.
    let _ = (writer.join(), waiter.join());
    output
}

/// What a failed program said, its errors first.
pub(super) fn words(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    match (text(&output.stderr), text(&output.stdout)) {
        (errors, said) if said.is_empty() => errors,
        (errors, said) if errors.is_empty() => said,
        (errors, said) => format!("{errors}\n{said}"),
    }
}
