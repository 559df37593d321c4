//! The helper: a process that loads one module and calls its functions for its host.
//!
//! Comes in: frames on sockets. Goes out: answers, each on the socket of its question. The function runs on the thread that
//! reads the socket. The process ends when its host does, and when the host closes the first socket.

use std::any::Any;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::peer::{Facts, status_of};
use super::process::pidfd;
use super::shapes::Shapes;
use super::stderr::Lent;
use super::wire::{self, Frame, Header, Word, garbage};
use super::{answer as answers, describe, facts};
use crate::call;
use crate::error::{Error, Kind};
use crate::expect;
use crate::loader;
use crate::options::Options;
use crate::runtime::Module;
use crate::target::Target;

/// Where there is no descriptor for a process, its parent is asked for so often.
const LOOK_MS: i32 = 500;
/// What an orderly end may take: more than the two seconds that the runtime of Python waits for exit functions, so that what
/// C has printed still goes out after those, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// A module, loaded for calls from another process.
struct Served {
    module: Arc<dyn Module>,
    facts: Facts,
    targets: Vec<Arc<Target>>,
    shapes: Option<Shapes>,
}

/// What `xllr-helper` does.
pub(crate) fn main() -> ExitCode {
    let mut stderr = None;
    let code = match run(&mut stderr) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xllr-helper: {error}");
            ExitCode::from(2)
        }
    };
    stderr.iter().for_each(Lent::take_back);
    code
}

/// Serves until the host closes, which is the process's end. Returns where there was nothing to serve. What the host has lent is
/// left in `stderr`.
fn run(stderr: &mut Option<Lent>) -> io::Result<()> {
    let by_hand = || io::Error::other("libxllr starts this program; it is of no use by itself");
    let host: u32 = std::env::args()
        .nth(1)
        .and_then(|pid| pid.parse().ok())
        .ok_or_else(by_hand)?;
    let control = take_control()?;
    watch(host, &control)?;
    let mut first = wire::recv(control.as_fd(), None)?.ok_or_else(by_hand)?;
    if first.header.word == Word::Stderr {
        *stderr = first.attached.and_then(Lent::new);
        first = wire::recv(control.as_fd(), None)?.ok_or_else(by_hand)?;
    }
    if first.header.word != Word::Load {
        return Err(garbage("a first frame that loads nothing"));
    }
    let served = match load(&first) {
        Ok(served) => Arc::new(served),
        Err(error) => {
            answer_error(&control, &first.header, &error)?;
            return Ok(());
        }
    };
    answer(&control, &first.header, 0, &served.facts.encode())?;
    while let Some(frame) = wire::recv(control.as_fd(), None)? {
        let (Word::Connect, Some(connection)) = (frame.header.word, frame.attached) else {
            return Err(garbage("a frame without a socket"));
        };
        let served = Arc::clone(&served);
        thread::Builder::new().spawn(move || {
            if let Err(error) = serve(&connection, &served) {
                eprintln!("xllr-helper: {error}");
            }
        })?;
    }
    stderr.iter().for_each(Lent::take_back);
    // SAFETY: exit functions may run on this thread: nobody waits for an answer any more. [`watch`] bounds their time.
    unsafe { libc::exit(0) }
}

/// The socket that stands where stdin was. Nothing else of the host stays open here.
fn take_control() -> io::Result<OwnedFd> {
    // SAFETY: nothing of this process is open yet but the standard streams.
    let control = unsafe {
        libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32);
        let raw = libc::fcntl(0, libc::F_DUPFD_CLOEXEC, 3);
        if raw == -1 {
            return Err(io::Error::last_os_error());
        }
        OwnedFd::from_raw_fd(raw)
    };
    let nothing = File::open("/dev/null")?;
    // SAFETY: both are open.
    unsafe { libc::dup2(nothing.as_raw_fd(), 0) };
    Ok(control)
}

/// Ends the process with its host. Not by `PR_SET_PDEATHSIG`: that is bound to the thread that has started us. Not by the
/// socket alone: a child that the host has forked holds it as well.
fn watch(host: u32, control: &OwnedFd) -> io::Result<()> {
    // SAFETY: it only asks.
    let orphaned = move || unsafe { libc::getppid() } as u32 != host;
    let pidfd = pidfd(host);
    if orphaned() {
        return Err(io::Error::other("the host has ended"));
    }
    let control = control.try_clone()?;
    let wait = move || {
        let pid = pidfd.as_ref().map_or(-1, AsRawFd::as_raw_fd);
        let watched = |fd, events| libc::pollfd {
            fd,
            events,
            revents: 0,
        };
        let mut both = [
            watched(control.as_raw_fd(), libc::POLLRDHUP),
            watched(pid, libc::POLLIN),
        ];
        let often = if pid == -1 { LOOK_MS } else { -1 };
        loop {
            // SAFETY: two descriptors of this function.
            let ready = unsafe { libc::poll(both.as_mut_ptr(), 2, often) };
            if ready > 0 || orphaned() {
                // The first thread ends the process: exit functions run, what was printed is written. It sees that the
                // host is gone also where a child of the host's holds the socket.
                // SAFETY: the descriptor is open. That child cannot speak through it anyway: calls of a forked child are refused.
                unsafe { libc::shutdown(control.as_raw_fd(), libc::SHUT_RD) };
                thread::sleep(PATIENCE);
                // SAFETY: nothing of this process is worth waiting for.
                unsafe { libc::_exit(0) };
            }
        }
    };
    thread::Builder::new().stack_size(64 << 10).spawn(wait)?;
    Ok(())
}

fn load(frame: &Frame) -> Result<Served, Error> {
    let bad = || Error::new(Kind::BadArgument, "a module without a name");
    let (memory, names) = frame.payload.bytes().split_first_chunk().ok_or_else(bad)?;
    let mut words = names.splitn(4, |byte| *byte == 0);
    let mut word = || words.next().ok_or_else(bad);
    let name = |word: &[u8]| str::from_utf8(word).map(str::to_owned).map_err(|_| bad());
    let path = |word: &[u8]| (!word.is_empty()).then(|| OsStr::from_bytes(word).into());
    let (runtime, location) = (name(word()?)?, name(word()?)?);
    limit(u64::from_ne_bytes(*memory))?;
    let options = Options {
        in_process: true,
        package_dir: path(word()?),
        python: path(word()?),
        ..Options::default()
    };
    let module = loader::runtime(&runtime, &options)?.load(&location, &options)?;
    let functions = module.functions();
    let targets = functions.iter().map(|name| module.find(name));
    let targets = targets.collect::<Result<Vec<_>, _>>()?;
    let (shapes, items) = match Shapes::read(&runtime, &location) {
        Some(shapes) => (Some(shapes), Vec::new()),
        None => {
            let items = reported(&targets);
            (Shapes::of_items(&items), items)
        }
    };
    Ok(Served {
        facts: facts(functions, items, shapes.as_ref()),
        targets,
        module,
        shapes,
    })
}

/// The items of all functions, each once.
fn reported(targets: &[Arc<Target>]) -> Vec<Vec<u8>> {
    let describe = targets
        .iter()
        .filter_map(|target| target.native.as_ref()?.describe);
    let mut items: Vec<Vec<u8>> = Vec::new();
    let mut known = HashSet::new();
    for item in describe.flat_map(expect::described) {
        if known.insert(item.clone()) {
            items.push(item);
        }
    }
    items
}

fn limit(memory: u64) -> Result<(), Error> {
    if memory == 0 {
        return Ok(());
    }
    let limit = libc::rlimit {
        rlim_cur: memory,
        rlim_max: memory,
    };
    // SAFETY: it reads the limit.
    match unsafe { libc::setrlimit(libc::RLIMIT_DATA, &limit) } {
        0 => Ok(()),
        _ => {
            let error = io::Error::last_os_error();
            let text = format!("a memory limit of {memory} bytes cannot be set: {error}");
            Err(Error::new(Kind::Refused, text))
        }
    }
}

/// Answers questions until the host closes.
fn serve(connection: &OwnedFd, served: &Served) -> io::Result<()> {
    while let Some(mut frame) = wire::recv(connection.as_fd(), None)? {
        let header = frame.header;
        let done = catch_unwind(AssertUnwindSafe(|| done(served, &mut frame)));
        let done = done.unwrap_or_else(|panic| Err(panicked(&*panic)));
        // The question's memory is given back before the answer is known: the host may ask for all of it again.
        drop(frame);
        match done {
            Ok((status, bytes)) => answer(connection, &header, status, &bytes)?,
            Err(error) => answer_error(connection, &header, &error)?,
        }
    }
    Ok(())
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref().copied());
    let text = format!("panic in xllr-helper: {}", text.unwrap_or("without a text"));
    Error::new(Kind::Panic, text)
}

fn done(served: &Served, frame: &mut Frame) -> Result<(i32, Vec<u8>), Error> {
    let header = frame.header;
    if header.word == Word::Describe {
        let name = str::from_utf8(frame.payload.bytes()).unwrap_or_default();
        let target = served.module.find(name)?;
        return describe::describe(&served.facts, &target).map(|bytes| (0, bytes));
    }
    let index = header.function as usize;
    let target = served.targets.get(index).ok_or_else(|| {
        let text = format!("there is no function {index}");
        Error::new(Kind::NotFound, text)
    })?;
    match header.word {
        Word::Bytes => {
            let wanted = frame.payload.bytes().split_first();
            let (wanted, params) = wanted.unwrap_or((&0, &[]));
            let returned = call::call(target, params, *wanted == 1)?;
            let (result, params) = (returned.result.bytes(), returned.params.bytes());
            let mut bytes = (result.len() as u64).to_ne_bytes().to_vec();
            bytes.extend_from_slice(result);
            bytes.extend_from_slice(params);
            Ok((0, bytes))
        }
        Word::Native => answers::call(served.shapes.as_ref(), target, header, &mut frame.payload),
        word => Err(Error::new(
            Kind::BadArgument,
            format!("{word:?} is no question"),
        )),
    }
}

fn answer(socket: &OwnedFd, to: &Header, status: i32, payload: &[u8]) -> io::Result<()> {
    let header = Header {
        id: to.id,
        status,
        ..Header::new(Word::Answer)
    };
    wire::send(socket.as_fd(), &header, payload, None)
}

fn answer_error(socket: &OwnedFd, to: &Header, error: &Error) -> io::Result<()> {
    answer(socket, to, status_of(error), error.text().as_bytes())
}
