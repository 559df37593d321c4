//! The guest in Go: its functions through generated stubs, in bytes, and by hand.
//!
//! Comes in: the path of its library. Goes out: what the rows call.

use std::error::Error;

use gangplank_host::{Module, ModuleFunction, Options};
use prost::Message;

use crate::by_hand::ByHand;
use crate::jobs_host::{Job, Jobs};

/// The guest, open.
pub(crate) struct Guest {
    pub(crate) jobs: Jobs,
    /// `Jobs.echo` in bytes.
    echo: ModuleFunction,
    pub(crate) by_hand: ByHand,
}

impl Guest {
    pub(crate) fn open(path: &str) -> Result<Self, Box<dyn Error>> {
        let module = Module::open("native", path, &Options::default())?;
        let by_hand = ByHand::find(module.location())?;
        let echo = module.function("Jobs.echo")?;
        let jobs = Jobs::new(module);
        jobs.check()?;
        Ok(Self {
            jobs,
            echo,
            by_hand,
        })
    }

    /// The job in protobuf, there and back.
    pub(crate) fn echo_bytes(&self, request: &Echo) -> Result<Echo, Box<dyn Error>> {
        let response = self.echo.call_bytes(&request.encode_to_vec())?;
        Ok(Echo::decode(&*response)?)
    }
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
