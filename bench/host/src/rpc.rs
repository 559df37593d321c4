//! The functions of the guest over gRPC on a Unix socket, with the server in a process of its own.
//!
//! Comes in: the program of `bench/go`, which is the server when it is told to. Goes out: calls, and the end of the server.

use std::cell::RefCell;
use std::error::Error;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use prost::Message;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

use crate::guest::{Div, Echo, Quotient};

/// How long the server may take to be there.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to the other process, which ends with this.
pub(crate) struct Rpc {
    client: RefCell<Grpc<Channel>>,
    /// Drives the connection on the thread that calls.
    runtime: Runtime,
    server: Child,
    _folder: TempDir,
}

impl Rpc {
    /// Starts the server, which `program` is.
    pub(crate) fn start(program: &str) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let socket = folder.path().join("socket");
        // It ends when its input does, which it does also when this process is killed.
        let server = Command::new(program)
            .arg("-serve")
            .arg(&socket)
            .stdin(Stdio::piped())
            .spawn()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let channel = runtime.block_on(connect(&socket))?;
        Ok(Self {
            client: RefCell::new(Grpc::new(channel)),
            runtime,
            server,
            _folder: folder,
        })
    }

    pub(crate) fn div(&self, x: i32, y: i32) -> Result<f32, Status> {
        let answer: Quotient = self.call("/Jobs/div", Div { x, y })?;
        Ok(answer.z)
    }

    pub(crate) fn echo(&self, request: &Echo) -> Result<Echo, Status> {
        self.call("/Jobs/echo", request.clone())
    }

    fn call<I, O>(&self, path: &'static str, request: I) -> Result<O, Status>
    where
        I: Message + 'static,
        O: Message + Default + 'static,
    {
        let client = &mut *self.client.borrow_mut();
        self.runtime.block_on(async {
            let gone = |error| Status::unavailable(format!("{error}"));
            client.ready().await.map_err(gone)?;
            let path = path.parse().map_err(|_| Status::internal("a path"))?;
            let codec = ProstCodec::<I, O>::default();
            let answer = client.unary(Request::new(request), path, codec).await?;
            Ok(answer.into_inner())
        })
    }
}

/// Connects as soon as the server is there.
async fn connect(socket: &Path) -> Result<Channel, Box<dyn Error>> {
    let endpoint = Endpoint::from_shared(format!("unix:{}", socket.display()))?;
    let start = Instant::now();
    loop {
        match endpoint.connect().await {
            Ok(channel) => return Ok(channel),
            Err(error) if start.elapsed() > PATIENCE => return Err(error.into()),
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

impl Drop for Rpc {
    fn drop(&mut self) {
        // Its own end would take two minutes if nothing was called: the connection has not shaken hands then. That it has ended
        // already, or cannot be waited for, is nothing to tell anybody.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
