//! Memory of results: from Rust values to C structs in the caller's scratch or in blocks that one call frees.
//!
//! Comes in: how many bytes the variable part of a value needs (the size pass). Goes out: an [`Arena`] to write them
//! into (the write pass). What the scratch cannot hold goes into one block; big buffers are moved out, not copied. All
//! of it is freed together, by [`free_owned`] for a call or by dropping a [`Lowered`].

use core::ffi::c_void;
use core::mem::{MaybeUninit, align_of, size_of};
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};

use gangplank_descriptor::MOVE_FROM;

use crate::abi::{RawCall, RawList, RawStr, Status};

/// Alignment of scratch memory and blocks; no C struct of the ABI needs more.
pub const ALIGN: usize = 16;

/// `at` rounded up to where a `T` may stand.
pub const fn align_up<T>(at: usize) -> usize {
    let align = align_of::<T>();
    (at + align - 1) & !(align - 1)
}

/// An allocation of [`ALIGN`]ed bytes. Invariant 1: `ptr` comes from `alloc` with `layout`.
struct Block {
    ptr: *mut u8,
    layout: Layout,
}

impl Block {
    fn new(len: usize) -> Self {
        let Ok(layout) = Layout::from_size_align(len.max(1), ALIGN) else {
            handle_alloc_error(Layout::new::<u8>())
        };
        // SAFETY: the layout's size is at least 1.
        let ptr = unsafe { alloc(layout) };
        if ptr.is_null() {
            handle_alloc_error(layout);
        }
        Self { ptr, layout }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: invariant 1.
        unsafe { dealloc(self.ptr, self.layout) }
    }
}

// SAFETY: a block is the sole owner of plain bytes.
unsafe impl Send for Block {}
// SAFETY: shared access to a block only reads.
unsafe impl Sync for Block {}

/// Everything a result owns outside the caller's memory. Nothing, or one block, is listed without an allocation.
#[derive(Default)]
pub struct Owned {
    block: Option<Block>,
    more: Option<Box<More>>,
}

/// What a few results own besides one block.
#[derive(Default)]
struct More {
    blocks: Vec<Block>,
    moved: Vec<Box<dyn Moved>>,
}

/// A buffer whose address is in a result.
trait Moved: Send + Sync {}
impl<T: Send + Sync> Moved for T {}

impl Owned {
    const NOTHING: Self = Self {
        block: None,
        more: None,
    };

    #[inline]
    fn is_empty(&self) -> bool {
        self.block.is_none() && self.more.is_none()
    }

    #[cold]
    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// Takes over what `other` owns.
    #[cold]
    fn append(&mut self, other: Self) {
        let more = self.more();
        more.blocks.extend(other.block);
        if let Some(mut others) = other.more {
            more.blocks.append(&mut others.blocks);
            more.moved.append(&mut others.moved);
        }
    }
}

/// Where the write pass puts the variable part of a value. Invariant 1: `next..end` is writable memory of one block or
/// scratch buffer, `base` is its [`ALIGN`]ed start.
pub struct Arena {
    base: *mut u8,
    at: usize,
    len: usize,
    owned: Owned,
    failed: Option<Refused>,
    lent: Lent,
}

/// Why a value cannot be handed over.
pub type Refused = Box<(Status, String)>;

/// Shares of handles in a value, and how each is given back.
type Lent = Vec<(u64, fn(u64))>;

/// Gives shares back that nobody was handed.
fn give_back(lent: Lent) {
    for (handle, release) in lent {
        release(handle);
    }
}

impl Arena {
    #[inline]
    fn over(base: *mut u8, len: usize, owned: Owned) -> Self {
        Self {
            base,
            at: 0,
            len,
            owned,
            failed: None,
            lent: Lent::new(),
        }
    }

    /// An arena that allocates one block of `need` bytes.
    #[inline]
    pub fn allocated(need: usize) -> Self {
        if need == 0 {
            return Self::over(core::ptr::null_mut(), 0, Owned::NOTHING);
        }
        let block = Block::new(need);
        let base = block.ptr;
        let owned = Owned {
            block: Some(block),
            more: None,
        };
        Self::over(base, need, owned)
    }

    /// An arena for one result of `call`: its scratch when `need` bytes fit, else a block.
    ///
    /// # Safety
    /// `call` is valid, and its scratch describes writable memory that no result refers to any more.
    #[inline]
    unsafe fn for_call(call: *mut RawCall, need: usize) -> Self {
        // SAFETY: the caller promises a valid call.
        let (scratch, len) = unsafe { ((*call).scratch, (*call).scratch_len) };
        if scratch.is_null() || len < need || !scratch.addr().is_multiple_of(ALIGN) {
            return Self::allocated(need);
        }
        Self::over(scratch, len, Owned::NOTHING)
    }

    /// Says that the value being written cannot be handed over: the call, host call or event fails with this.
    pub fn fail(&mut self, status: Status, message: String) {
        self.failed
            .get_or_insert_with(|| Box::new((status, message)));
    }

    /// Notes a share of a handle that the value being written holds. A result hands it to the host; a [`Lowered`], which
    /// is only borrowed, gives it back when it is dropped.
    pub fn lend(&mut self, handle: u64, release: fn(u64)) {
        self.lent.push((handle, release));
    }

    /// Reserves room for `count` values of `T`. Room is there because the size pass counted the same steps; a pass that
    /// counted less is a defect of the toolkit and ends in a block of its own instead of in somebody's memory.
    #[inline]
    fn reserve<T>(&mut self, count: usize) -> *mut T {
        let start = align_up::<T>(self.at);
        let bytes = count * size_of::<T>();
        if start + bytes > self.len {
            return self.reserve_apart(bytes).cast();
        }
        self.at = start + bytes;
        // SAFETY: invariant 1 and the comparison above: `start` lies inside the memory behind `base`.
        unsafe { self.base.add(start).cast() }
    }

    #[cold]
    fn reserve_apart(&mut self, bytes: usize) -> *mut u8 {
        debug_assert!(
            false,
            "the size pass counted less than the write pass wrote"
        );
        let block = Block::new(bytes);
        let ptr = block.ptr;
        self.owned.more().blocks.push(block);
        ptr
    }

    /// Writes a list front to back; `write` gets the arena for what each element owns.
    pub fn list<T, A: Copy>(
        &mut self,
        items: impl ExactSizeIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> A,
    ) -> RawList<A> {
        let count = items.len();
        if count == 0 {
            return RawList::EMPTY;
        }
        let ptr = self.reserve::<A>(count);
        let mut len = 0;
        for item in items.take(count) {
            let value = write(self, item);
            // SAFETY: `reserve` gave room for `count` values, and `take` ends before `len` exceeds it.
            unsafe { ptr.add(len).write(value) }
            len += 1;
        }
        RawList { ptr, len }
    }

    /// Writes one value and gives its address.
    pub fn one<T: Copy>(&mut self, write: impl FnOnce(&mut Self) -> T) -> *const T {
        let ptr = self.reserve::<T>(1);
        let value = write(self);
        // SAFETY: `reserve` gave room for one value.
        unsafe { ptr.write(value) }
        ptr
    }

    /// Places plain data: moved out when it is big, copied otherwise.
    #[inline]
    pub fn plain<T: Copy + Send + Sync + 'static>(&mut self, items: Vec<T>) -> RawList<T> {
        if !is_moved::<T>(items.len()) {
            return self.copy(&items);
        }
        let raw = RawList::of(&items);
        self.owned.more().moved.push(Box::new(items));
        raw
    }

    /// Copies plain data.
    #[inline]
    pub fn copy<T: Copy>(&mut self, items: &[T]) -> RawList<T> {
        if items.is_empty() {
            return RawList::EMPTY;
        }
        let ptr = self.reserve::<T>(items.len());
        // SAFETY: `reserve` gave room for as many values; new memory does not overlap `items`.
        unsafe { ptr.copy_from_nonoverlapping(items.as_ptr(), items.len()) }
        RawList {
            ptr,
            len: items.len(),
        }
    }
}

/// Whether `len` values of `T` are moved out instead of copied: one rule for both passes.
pub const fn is_moved<T>(len: usize) -> bool {
    len * size_of::<T>() >= MOVE_FROM
}

/// The offset after `len` plain values of `T` that start at or after `at`.
pub const fn plain_end<T>(at: usize, len: usize) -> usize {
    if len == 0 || is_moved::<T>(len) {
        at
    } else {
        align_up::<T>(at) + len * size_of::<T>()
    }
}

/// The offset after `len` structs of `T` that start at or after `at`, not counting what they own.
pub const fn list_end<T>(at: usize, len: usize) -> usize {
    if len == 0 {
        at
    } else {
        align_up::<T>(at) + len * size_of::<T>()
    }
}

/// A C struct with everything it refers to, in memory of its own: what host functions and listeners read.
pub struct Lowered {
    root: *const c_void,
    _owned: Owned,
    lent: Lent,
}

impl Drop for Lowered {
    fn drop(&mut self) {
        give_back(core::mem::take(&mut self.lent));
    }
}

// SAFETY: a lowered value owns plain bytes and `Send + Sync` buffers; it is never written after it was made.
unsafe impl Send for Lowered {}
// SAFETY: as above.
unsafe impl Sync for Lowered {}

impl Lowered {
    /// Nothing: NULL.
    pub const fn empty() -> Self {
        Self {
            root: core::ptr::null(),
            _owned: Owned::NOTHING,
            lent: Lent::new(),
        }
    }

    /// Lowers one struct; `need` is where the size pass ended when it started after the struct itself.
    ///
    /// # Errors
    /// What [`Arena::fail`] was told; what was lent is given back.
    pub fn new<T: Copy>(need: usize, write: impl FnOnce(&mut Arena) -> T) -> Result<Self, Refused> {
        if size_of::<T>() == 0 {
            return Ok(Self::empty());
        }
        Self::written(Arena::allocated(need), write)
    }

    /// The same for data without objects, which can always be handed over.
    pub fn plain<T: Copy>(need: usize, write: impl FnOnce(&mut Arena) -> T) -> Self {
        match Self::new(need, write) {
            Ok(lowered) => lowered,
            Err(refused) => unreachable!("data without objects: {}", refused.1),
        }
    }

    fn written<T: Copy>(
        mut arena: Arena,
        write: impl FnOnce(&mut Arena) -> T,
    ) -> Result<Self, Refused> {
        let root = arena.one(write);
        let lowered = Self {
            root: root.cast(),
            _owned: arena.owned,
            lent: arena.lent,
        };
        arena.failed.map_or(Ok(lowered), Err)
    }

    /// The struct's address, valid for as long as `self` lives; NULL when there is nothing.
    pub const fn as_ptr(&self) -> *const c_void {
        self.root
    }
}

/// Room on the stack, for what lives as long as a call.
#[repr(C, align(16))]
struct Room([MaybeUninit<u8>; 1024]);

/// Lowers one struct, as [`Lowered::new`] does, for as long as `call` runs: on the stack where it is small. NULL when there
/// is nothing.
///
/// # Errors
/// What [`Arena::fail`] was told; nothing is called then.
#[inline]
pub fn lower<T: Copy, R>(
    need: usize,
    write: impl FnOnce(&mut Arena) -> T,
    call: impl FnOnce(*const c_void) -> R,
) -> Result<R, Refused> {
    if size_of::<T>() == 0 {
        return Ok(call(core::ptr::null()));
    }
    let mut room = Room([MaybeUninit::uninit(); 1024]);
    let mut arena = match need <= size_of::<Room>() {
        true => Arena::over((&raw mut room).cast(), need, Owned::NOTHING),
        false => Arena::allocated(need),
    };
    let root = arena.one(write);
    // Not a `Lowered`: to move one costs more than the rest of a call with numbers only.
    let _borrowed = Borrowed(core::mem::take(&mut arena.lent));
    match arena.failed.take() {
        Some(refused) => Err(refused),
        None => Ok(call(root.cast())),
    }
}

/// Shares that a host has for as long as this lives.
struct Borrowed(Lent);

impl Drop for Borrowed {
    #[inline]
    fn drop(&mut self) {
        if !self.0.is_empty() {
            give_back(core::mem::take(&mut self.0));
        }
    }
}

/// Prepares `call` for one use: checks its size, frees what the last use left, clears what a caller reads.
///
/// # Safety
/// `call` is NULL or points to a `gp_call` of the size it states, which nobody else uses until the call has ended.
#[inline]
pub unsafe fn begin(call: *mut RawCall) -> Result<(), Status> {
    if call.is_null() {
        return Err(Status::BadArgument);
    }
    // SAFETY: not NULL, and the caller promises at least the size field.
    if unsafe { (*call).size } < size_of::<RawCall>() as u32 {
        return Err(Status::AbiMismatch);
    }
    // SAFETY: the size says that all fields are there; both are plain values.
    let (owned, free) = unsafe { ((*call).owned, (*call).free_owned) };
    if let (false, Some(free)) = (owned.is_null(), free) {
        // SAFETY: whoever set `owned`, this library or another, set the function that frees it beside it.
        unsafe { free(call) };
    }
    // SAFETY: as above; no other reference to the call is alive.
    let fields = unsafe { &mut *call };
    fields.owned = core::ptr::null_mut();
    fields.free_owned = None;
    fields.status = 0;
    fields.id = 0;
    fields.message = RawStr::EMPTY;
    fields.location = RawStr::EMPTY;
    fields.payload = core::ptr::null();
    fields.payload_len = 0;
    fields.causes = core::ptr::null();
    fields.causes_len = 0;
    Ok(())
}

/// Writes one value for `call`; `need` is where the size pass ended when it started at `0`.
///
/// # Errors
/// What [`Arena::fail`] was told.
///
/// # Safety
/// `call` went through [`begin`], and nothing that lies in its scratch is still in use.
#[inline]
pub unsafe fn write_result<T>(
    call: *mut RawCall,
    need: usize,
    write: impl FnOnce(&mut Arena) -> T,
) -> Result<T, Refused> {
    // SAFETY: the caller promises what `for_call` asks for.
    let mut arena = unsafe { Arena::for_call(call, need) };
    let value = write(&mut arena);
    // SAFETY: `call` is valid.
    unsafe { store_owned(call, arena.owned) };
    match arena.failed {
        None => Ok(value),
        Some(failed) => {
            give_back(arena.lent);
            Err(failed)
        }
    }
}

/// Hands `owned` to `call`.
///
/// # Safety
/// `call` went through [`begin`].
#[inline]
unsafe fn store_owned(call: *mut RawCall, owned: Owned) {
    if !owned.is_empty() {
        // SAFETY: the caller's promise is the same.
        unsafe { store_something(call, owned) }
    }
}

/// [`store_owned`] for what most results have none of.
///
/// # Safety
/// As there.
#[cold]
unsafe fn store_something(call: *mut RawCall, owned: Owned) {
    // SAFETY: the caller promises a valid call.
    let fields = unsafe { &mut *call };
    if fields.owned.is_null() {
        fields.owned = Box::into_raw(Box::new(owned)).cast();
    } else {
        // SAFETY: a non-null `owned` is the box that the branch above made.
        unsafe { &mut *fields.owned.cast::<Owned>() }.append(owned);
    }
    fields.free_owned = Some(free_owned_c);
}

/// What `gp_call.free_owned` points to.
unsafe extern "C" fn free_owned_c(call: *mut RawCall) {
    // SAFETY: C passes the call whose field it read.
    unsafe { free_owned(call) }
}

/// Frees what the library owns of `call`'s results. Buffers are plain data: no drop here can panic.
///
/// # Safety
/// `call` is NULL or valid, and its `owned` was written by this library.
pub unsafe fn free_owned(call: *mut RawCall) {
    if call.is_null() {
        return;
    }
    // SAFETY: not NULL, valid by the caller's promise.
    let fields = unsafe { &mut *call };
    let owned = core::mem::replace(&mut fields.owned, core::ptr::null_mut());
    fields.free_owned = None;
    if !owned.is_null() {
        // SAFETY: `store_owned` made it from a box, and it is taken out exactly once.
        drop(unsafe { Box::from_raw(owned.cast::<Owned>()) });
    }
}

/// Copies texts for `call`: an error's message, location, causes. Always into a block: scratch may hold a payload.
///
/// # Safety
/// `call` went through [`begin`].
pub unsafe fn write_texts(call: *mut RawCall, texts: &[String]) -> (*const RawStr, usize) {
    let need = texts
        .iter()
        .fold(list_end::<RawStr>(0, texts.len()), |at, text| {
            at + text.len()
        });
    let mut arena = Arena::allocated(need);
    let list = arena.list(texts.iter(), |arena, text| arena.copy(text.as_bytes()));
    // SAFETY: `call` is valid.
    unsafe { store_owned(call, arena.owned) };
    (list.ptr, list.len)
}

/// Copies one text for `call`; see [`write_texts`].
///
/// # Safety
/// `call` went through [`begin`].
pub unsafe fn write_text(call: *mut RawCall, text: &str) -> RawStr {
    let mut arena = Arena::allocated(text.len());
    let raw = arena.copy(text.as_bytes());
    // SAFETY: `call` is valid.
    unsafe { store_owned(call, arena.owned) };
    raw
}
