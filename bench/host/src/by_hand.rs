//! The guest in Go by hand: what somebody would write for these functions alone, with panics caught and texts checked.
//!
//! Comes in: the guest's library, which is loaded already. Goes out: what the rows call.

use std::error::Error;
use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;

use prost::Message;

use crate::guest::Echo;
use crate::jobs_host::Job;

/// What the functions of bench/proto export for this.
pub(crate) struct ByHand {
    /// The call that has neither parameters nor a result.
    pub(crate) empty: extern "C" fn(),
    /// What `div` is by hand.
    pub(crate) div: extern "C" fn(i32, i32) -> Divided,
    echo: extern "C" fn(*const RawJob, *mut RawJob, *mut u8, usize) -> i32,
    echo_bytes: extern "C" fn(*const u8, usize, *mut u8, usize, *mut usize) -> i32,
}

/// What cgo makes of Go's two results.
#[repr(C)]
pub(crate) struct Divided {
    _quotient: f32,
    _status: i32,
}

/// `handText`.
#[derive(Clone, Copy)]
#[repr(C)]
struct RawList<T> {
    ptr: *const T,
    len: usize,
}

/// `handJob`.
#[derive(Clone, Copy)]
#[repr(C)]
struct RawJob {
    name: RawList<u8>,
    queue: RawList<u8>,
    priority: i64,
    has_retries: u8,
    retries: i64,
    tags: RawList<RawList<u8>>,
}

/// Where results lie.
#[repr(C, align(16))]
struct Scratch([MaybeUninit<u8>; 4096]);

impl Scratch {
    const fn new() -> Self {
        Self([MaybeUninit::uninit(); 4096])
    }

    const fn start(&mut self) -> *mut u8 {
        self.0.as_mut_ptr().cast()
    }
}

impl<T> RawList<T> {
    fn of(values: &[T]) -> Self {
        Self {
            ptr: values.as_ptr(),
            len: values.len(),
        }
    }

    /// # Safety
    /// There are as many values, for `'a`.
    unsafe fn values<'a>(self) -> &'a [T] {
        match self.len {
            0 => &[],
            // SAFETY: the caller's promise.
            len => unsafe { std::slice::from_raw_parts(self.ptr, len) },
        }
    }
}

/// # Safety
/// As for [`RawList::values`].
unsafe fn text(raw: RawList<u8>) -> Result<String, String> {
    // SAFETY: the caller's promise.
    let text = std::str::from_utf8(unsafe { raw.values() });
    Ok(text.map_err(|error| error.to_string())?.to_owned())
}

fn ended(status: i32) -> Result<(), String> {
    match status {
        0 => Ok(()),
        status => Err(format!("by hand: the call ended with status {status}")),
    }
}

impl ByHand {
    pub(crate) fn find(path: &str) -> Result<Self, Box<dyn Error>> {
        let path = CString::new(path)?;
        // SAFETY: the path ends with a zero; nothing is loaded or initialized, the handle lives as long as the process.
        let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_NOLOAD) };
        if library.is_null() {
            return Err("the guest's library is not loaded".into());
        }
        // SAFETY: the functions have these types in jobs.go and hand.go; Go's `uintptr` are pointers and sizes.
        unsafe {
            Ok(Self {
                empty: symbol(library, c"bench_empty")?,
                div: symbol(library, c"bench_div")?,
                echo: symbol(library, c"bench_echo")?,
                echo_bytes: symbol(library, c"bench_echo_bytes")?,
            })
        }
    }

    /// The job in C structs, there and back. Its texts are read where they are.
    pub(crate) fn echo(&self, job: &Job) -> Result<Job, String> {
        let tags: Vec<RawList<u8>> = job
            .tags
            .iter()
            .map(|tag| RawList::of(tag.as_bytes()))
            .collect();
        let request = RawJob {
            name: RawList::of(job.name.as_bytes()),
            queue: RawList::of(job.queue.as_bytes()),
            priority: job.priority,
            has_retries: job.retries.is_some().into(),
            retries: job.retries.unwrap_or_default(),
            tags: RawList::of(&tags),
        };
        let mut scratch = Scratch::new();
        let mut out = MaybeUninit::<RawJob>::uninit();
        ended((self.echo)(
            &request,
            out.as_mut_ptr(),
            scratch.start(),
            size_of::<Scratch>(),
        ))?;
        // SAFETY: the call has filled it; what it refers to lies in `scratch`.
        unsafe {
            let out = out.assume_init();
            let tags = out.tags.values().iter().map(|tag| text(*tag));
            Ok(Job {
                name: text(out.name)?,
                queue: text(out.queue)?,
                priority: out.priority,
                retries: (out.has_retries != 0).then_some(out.retries),
                tags: tags.collect::<Result<_, _>>()?,
            })
        }
    }

    /// The job in protobuf, there and back.
    pub(crate) fn echo_bytes(&self, request: &Echo) -> Result<Echo, String> {
        let request = request.encode_to_vec();
        let mut scratch = Scratch::new();
        let mut len = 0;
        ended((self.echo_bytes)(
            request.as_ptr(),
            request.len(),
            scratch.start(),
            size_of::<Scratch>(),
            &mut len,
        ))?;
        // SAFETY: the call has written as many bytes.
        let response = unsafe { std::slice::from_raw_parts(scratch.start(), len) };
        Echo::decode(response).map_err(|error| error.to_string())
    }
}

/// # Safety
/// `F` is the type of the function of this name; the handle is valid.
unsafe fn symbol<F: Copy>(library: *mut libc::c_void, name: &CStr) -> Result<F, String> {
    const { assert!(size_of::<F>() == size_of::<usize>()) };
    // SAFETY: a terminated name, and the caller's promise.
    unsafe {
        let found = libc::dlsym(library, name.as_ptr());
        match found.is_null() {
            true => Err(format!("the guest has no {}", name.to_string_lossy())),
            false => Ok(std::mem::transmute_copy(&found)),
        }
    }
}
