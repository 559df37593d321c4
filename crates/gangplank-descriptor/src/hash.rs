//! Hashes that name shapes: FNV-1a and the hash of a lowered signature.
//!
//! Everything is `const fn`, so that a macro's expansion computes the same numbers at compile time that readers compute
//! later.

use crate::ABI_VERSION;

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// FNV-1a, 64 bits.
pub const fn fnv1a64(bytes: &[u8]) -> u64 {
    fnv1a64_more(OFFSET, bytes)
}

/// Continues a hash with further bytes.
pub(crate) const fn fnv1a64_more(mut hash: u64, mut bytes: &[u8]) -> u64 {
    while let [first, rest @ ..] = bytes {
        hash = (hash ^ *first as u64).wrapping_mul(PRIME);
        bytes = rest;
    }
    hash
}

/// How one value stands in a lowered signature: what a caller's machine code depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// 0 injected, does not cross; 1 scalar by value, 2 `string` or `bytes` by value, 3 by pointer, 4 handle by value.
    pub class: u8,
    /// Size of the C form in bytes.
    pub size: u32,
    /// Alignment of the C form in bytes.
    pub align: u32,
}

/// The hash of a lowered signature and the ABI version: the same interface lowered another way has another one.
///
/// `flags` are those of `gp_entry`; parameters of class 0 do not count.
pub const fn abi_hash(
    flags: u32,
    params: &[Layout],
    results: &[Layout],
    error: Option<Layout>,
) -> u64 {
    let mut hash = fnv1a64(&ABI_VERSION.to_le_bytes());
    hash = fnv1a64_more(hash, &flags.to_le_bytes());
    hash = layouts(hash, params);
    hash = layouts(hash, results);
    match error {
        None => fnv1a64_more(hash, &[0]),
        Some(error) => layout(hash, &error),
    }
}

const fn layouts(hash: u64, mut list: &[Layout]) -> u64 {
    let mut hash = hash;
    let mut crossing: u32 = 0;
    while let [first, rest @ ..] = list {
        if first.class != 0 {
            hash = layout(hash, first);
            crossing += 1;
        }
        list = rest;
    }
    fnv1a64_more(hash, &crossing.to_le_bytes())
}

const fn layout(hash: u64, layout: &Layout) -> u64 {
    let hash = fnv1a64_more(hash, &[layout.class]);
    let hash = fnv1a64_more(hash, &layout.size.to_le_bytes());
    fnv1a64_more(hash, &layout.align.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fnv_matches_the_published_vectors() {
        assert_eq!(fnv1a64(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a64(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a64(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn abi_hash_tells_signatures_apart() {
        let i64 = Layout {
            class: 1,
            size: 8,
            align: 8,
        };
        let i32 = Layout {
            class: 1,
            size: 4,
            align: 4,
        };
        let all = [
            abi_hash(0, &[], &[], None),
            abi_hash(1, &[], &[], None),
            abi_hash(0, &[i64], &[], None),
            abi_hash(0, &[], &[i64], None),
            abi_hash(0, &[], &[], Some(i64)),
            abi_hash(0, &[i32], &[], None),
            abi_hash(0, &[i32, i64], &[], None),
            abi_hash(0, &[i64, i32], &[], None),
            abi_hash(0, &[i64], &[i32], None),
        ];
        for (at, hash) in all.iter().enumerate() {
            assert!(!all[..at].contains(hash), "{at}");
        }
    }
}
