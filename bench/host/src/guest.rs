//! The guest in Go: its functions through generated stubs and in bytes, and the empty call beside them.
//!
//! Comes in: the path of its library. Goes out: what the rows call.

use std::error::Error;
use std::ffi::{CStr, CString};

use gangplank_host::{Module, ModuleFunction, Options};
use prost::Message;

use crate::jobs_host::{Job, Jobs};

/// The guest, open.
pub(crate) struct Guest {
    pub(crate) jobs: Jobs,
    /// `Jobs.echo` in bytes.
    echo: ModuleFunction,
    /// The call that has neither parameters nor a result.
    pub(crate) empty: extern "C" fn(),
    /// What `div` is by hand.
    pub(crate) div: extern "C" fn(i32, i32) -> Divided,
}

/// What cgo makes of Go's two results.
#[repr(C)]
pub(crate) struct Divided {
    _quotient: f32,
    _status: i32,
}

impl Guest {
    pub(crate) fn open(path: &str) -> Result<Self, Box<dyn Error>> {
        let module = Module::open("native", path, &Options::default())?;
        let (empty, div) = by_hand(module.location())?;
        let echo = module.function("Jobs.echo")?;
        let jobs = Jobs::new(module);
        jobs.check()?;
        Ok(Self {
            jobs,
            echo,
            empty,
            div,
        })
    }

    /// The job in protobuf, there and back.
    pub(crate) fn echo_bytes(&self, request: &Echo) -> Result<Echo, Box<dyn Error>> {
        let response = self.echo.call_bytes(&request.encode_to_vec())?;
        Ok(Echo::decode(&*response)?)
    }
}

/// Empty, and `div`.
type ByHand = (extern "C" fn(), extern "C" fn(i32, i32) -> Divided);

/// Finds what is exported by hand in the library, which is loaded already.
fn by_hand(path: &str) -> Result<ByHand, Box<dyn Error>> {
    let path = CString::new(path)?;
    // SAFETY: the path ends with a zero; nothing is loaded or initialized, the handle lives as long as the process.
    let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_NOLOAD) };
    if library.is_null() {
        return Err("the guest's library is not loaded".into());
    }
    let find = |name: &CStr| {
        // SAFETY: the handle is valid and the name ends with a zero.
        let found = unsafe { libc::dlsym(library, name.as_ptr()) };
        match found.is_null() {
            true => Err(format!("the guest has no {}", name.to_string_lossy())),
            false => Ok(found),
        }
    };
    let (empty, div) = (find(c"bench_empty")?, find(c"bench_div")?);
    // SAFETY: `bench_empty` of bench/proto/jobs.go takes nothing and returns nothing; `bench_div` takes two `int32` and
    // returns a `float32` and an `int32`.
    Ok(unsafe {
        (
            std::mem::transmute::<*mut libc::c_void, extern "C" fn()>(empty),
            std::mem::transmute::<*mut libc::c_void, extern "C" fn(i32, i32) -> Divided>(div),
        )
    })
}

/// `DivRequest` in protobuf.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Div {
    #[prost(int32, tag = "1")]
    pub(crate) x: i32,
    #[prost(int32, tag = "2")]
    pub(crate) y: i32,
}

/// `DivResult` in protobuf.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Quotient {
    #[prost(float, tag = "1")]
    pub(crate) z: f32,
}

/// `EchoRequest` and `EchoResult`, which are alike, in protobuf.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Echo {
    #[prost(message, optional, tag = "1")]
    pub(crate) job: Option<PlainJob>,
}

/// `Job` in protobuf.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct PlainJob {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) queue: String,
    #[prost(int64, tag = "3")]
    pub(crate) priority: i64,
    #[prost(int64, optional, tag = "4")]
    pub(crate) retries: Option<i64>,
    #[prost(string, repeated, tag = "5")]
    pub(crate) tags: Vec<String>,
}

/// The record of all rows: that of `bench/go`.
pub(crate) fn job() -> Job {
    Job {
        name: "nightly backup".to_owned(),
        queue: "background".to_owned(),
        priority: 7,
        retries: Some(3),
        tags: (0..10).map(|at| format!("element {at:8}")).collect(),
    }
}

/// The same in protobuf.
pub(crate) fn plain_job() -> PlainJob {
    let job = job();
    PlainJob {
        name: job.name,
        queue: job.queue,
        priority: job.priority,
        retries: job.retries,
        tags: job.tags,
    }
}
