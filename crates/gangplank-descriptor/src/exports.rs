//! The names that a library's runtime exports behind its prefix.
//!
//! One table for the macro that emits them and for the check that keeps functions of the interface off them.

/// What follows `<lib>_` in the runtime's exports (`docs/abi.md`).
pub const RUNTIME_EXPORTS: &[&str] = &[
    "item",
    "version",
    "abi_version",
    "free",
    "take_error",
    "take_payload",
    "cancel",
    "close",
    "share",
    "release",
    "register_host_fn",
    "host_complete",
    "add_listener",
    "remove_listener",
    "tell_lost",
    "stats",
    "explain",
    "set_log",
    "queue_fd",
    "drain",
    "queue_done",
    "queue_host_fn",
    "queue_host_cancel",
    "queue_listener",
    "queue_release",
    "queue_log",
];
