//! Models: the runtime's own code, run by loom in every order that its threads allow; `cargo xtask test` interrupts them four
//! times at most, and with `--soak`, as below, however often.
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test --release -p gangplank --lib loom_models
//! ```
//!
//! Nothing is modelled twice: what runs here are the files next door, built with loom's locks and atomics
//! ([`super::sync::modelled`]) and two stand-ins for the outside world: a task that runs on a thread of its own instead of
//! tokio's executor, and a descriptor that counts its edges. A lost wake-up or a lost cancel is a deadlock, which loom
//! reports; data that two threads touch unordered is one as well.

mod calls;
pub(crate) mod executor;
mod queue;
mod shards;
mod slots;
pub(crate) mod wake;

/// Explores `model`. Ids and limits are shared with other tests of this process, so models run one after the other.
fn explore(model: impl Fn() + Sync + Send + 'static) {
    let _alone = super::tests::testing::alone();
    super::started().expect("started");
    loom::model(model);
}
