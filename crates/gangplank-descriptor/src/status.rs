//! How a call ended: the numbers of `gp_status`, of which `docs/abi.md` says what each one means.

#![allow(missing_docs, reason = "docs/abi.md says what each one means")]

pub const OK: i32 = 0;
pub const ERR: i32 = 1;
pub const PENDING: i32 = 2;
pub const BAD_ARGUMENT: i32 = 3;
pub const BAD_UTF8: i32 = 4;
pub const CLOSED: i32 = 5;
pub const STALE_HANDLE: i32 = 6;
pub const WRONG_TYPE: i32 = 7;
pub const PANIC: i32 = 8;
pub const HOST_PANIC: i32 = 9;
pub const CANCELLED: i32 = 10;
pub const DEADLINE: i32 = 11;
pub const ABI_MISMATCH: i32 = 12;
pub const NOT_FOUND: i32 = 13;
pub const LIMIT: i32 = 14;
pub const FORKED: i32 = 15;
pub const PEER_LOST: i32 = 16;
pub const NOT_REGISTERED: i32 = 17;
pub const STUCK: i32 = 18;
pub const HOST_ERROR: i32 = 19;
