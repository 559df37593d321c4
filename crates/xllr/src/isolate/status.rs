//! `gp_status` of `gangplank.h`, as far as it is used here.

pub(super) const OK: i32 = 0;
pub(super) const ERR: i32 = 1;
pub(super) const PENDING: i32 = 2;
pub(super) const BAD_ARGUMENT: i32 = 3;
pub(super) const PANIC: i32 = 8;
pub(super) const DEADLINE: i32 = 11;
pub(super) const ABI_MISMATCH: i32 = 12;
pub(super) const LIMIT: i32 = 14;
pub(super) const FORKED: i32 = 15;
pub(super) const PEER_LOST: i32 = 16;
