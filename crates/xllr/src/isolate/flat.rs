//! C values in one piece.
//!
//! Comes in: a C struct and everything that it points to. Goes out: bytes in which pointers are distances from their start,
//! and out of such bytes the struct again, in place. Both walk a value in the same order, and what the reader comes to next
//! must lie where the writer would have put it: so nothing overlaps, and every pointer of bytes that anybody may have made
//! ends up inside them.

use gangplank_model::lowered::{Library, Shape, TypeId, Variant};

/// As deep as values may nest; guests stop at 64.
const DEPTH: usize = 256;

/// Why a value does not fit its type.
#[derive(Debug)]
pub(super) struct Malformed(pub(super) String);

type Done = Result<(), Malformed>;

fn malformed<T>(text: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed(text.into()))
}

/// What both walks need of a value that lies somewhere.
trait Walk {
    /// One byte of the value at this place.
    fn byte(&self, at: usize) -> u8;
    fn number(&self, at: usize) -> u64;
    /// The block behind the pointer at a place, for so many elements of this size; where it starts. NULL stays.
    fn block(
        &mut self,
        at: usize,
        count: u64,
        size: usize,
        align: usize,
    ) -> Result<usize, Malformed>;
}

/// Everything behind the pointers of the value at `at`.
fn walk(walker: &mut impl Walk, library: &Library, id: TypeId, at: usize, depth: usize) -> Done {
    let ty = library.ty(id);
    if !ty.heap {
        return Ok(());
    }
    if depth == 0 {
        return malformed(format!("`{}` nests deeper than {DEPTH}", ty.c_name));
    }
    let depth = depth - 1;
    match &ty.shape {
        Shape::String | Shape::Bytes => list(walker, at, 1, 1).map(drop),
        Shape::List(inner) => {
            let element = library.ty(*inner);
            let (start, count) = list(walker, at, element.size, element.align)?;
            if element.heap {
                for index in 0..count {
                    walk(walker, library, *inner, start + index * element.size, depth)?;
                }
            }
            Ok(())
        }
        Shape::Map {
            key,
            value,
            value_offset,
            pair_size,
            ..
        } => {
            let align = library.ty(*key).align.max(library.ty(*value).align);
            let (start, count) = list(walker, at, *pair_size, align)?;
            for index in 0..count {
                let pair = start + index * pair_size;
                walk(walker, library, *key, pair, depth)?;
                walk(walker, library, *value, pair + value_offset, depth)?;
            }
            Ok(())
        }
        Shape::Option(inner) => match walker.byte(at) {
            0 => Ok(()),
            1 => walk(
                walker,
                library,
                *inner,
                at + library.ty(*inner).align,
                depth,
            ),
            other => malformed(format!("{other} is neither present nor absent")),
        },
        Shape::Nullable(inner) | Shape::Boxed(inner) => {
            let target = library.ty(*inner);
            if walker.number(at) == 0 {
                return match ty.shape {
                    Shape::Nullable(_) => Ok(()),
                    _ => malformed("a pointer is NULL that must not be"),
                };
            }
            let start = walker.block(at, 1, target.size, target.align)?;
            walk(walker, library, *inner, start, depth)
        }
        Shape::Record(record) => record
            .fields
            .iter()
            .try_for_each(|field| walk(walker, library, field.ty, at + field.offset, depth)),
        Shape::Variant(variant) => case(walker, library, variant, at, depth),
        _ => malformed(format!("`{}` cannot leave its process", ty.c_name)),
    }
}

fn case(
    walker: &mut impl Walk,
    library: &Library,
    variant: &Variant,
    at: usize,
    depth: usize,
) -> Done {
    let tag = u32::from_ne_bytes([0, 1, 2, 3].map(|byte| walker.byte(at + byte)));
    let Some(case) = variant.cases.get(tag as usize) else {
        return malformed(format!("{tag} is not a tag of {}", variant.common.path));
    };
    let payload = at + variant.union_offset.unwrap_or(0);
    case.fields
        .iter()
        .try_for_each(|field| walk(walker, library, field.ty, payload + field.offset, depth))
}

/// The elements of a list: where they start, and how many there are.
fn list(
    walker: &mut impl Walk,
    at: usize,
    size: usize,
    align: usize,
) -> Result<(usize, usize), Malformed> {
    let count = walker.number(at + 8);
    let start = walker.block(at, count, size, align)?;
    Ok((start, count as usize))
}

/// Writes values. Invariant: every place that the walk asks for holds a copy of a value whose pointers are those of the
/// original, until [`Walk::block`] replaces them.
pub(super) struct Writer<'l> {
    library: &'l Library,
    bytes: Vec<u8>,
}

impl<'l> Writer<'l> {
    /// Starts with zeros.
    pub(super) fn new(library: &'l Library, size: usize) -> Self {
        let bytes = vec![0; size];
        Self { library, bytes }
    }

    /// Copies the value at `source` to `at`, and everything it refers to behind what is there.
    ///
    /// # Safety
    /// `source` is a value of this type, and what it refers to is there.
    pub(super) unsafe fn value(&mut self, id: TypeId, source: *const u8, at: usize) -> Done {
        let size = self.library.ty(id).size;
        let room = self.bytes[at..at + size].as_mut_ptr();
        // SAFETY: the room has this size, and the caller promises a value; bytes between its fields are copied as they are.
        unsafe { std::ptr::copy_nonoverlapping(source, room, size) };
        walk(self, self.library, id, at, DEPTH)
    }

    /// A list of bytes, its pointer and length at `at`.
    pub(super) fn text(&mut self, text: &[u8], at: usize) -> Done {
        self.put(at, text.as_ptr() as u64);
        self.put(at + 8, text.len() as u64);
        list(self, at, 1, 1).map(drop)
    }

    /// A list of texts, its pointer and length at `at`.
    pub(super) fn texts(&mut self, texts: &[&[u8]], at: usize) -> Done {
        let all: Vec<u64> = texts
            .iter()
            .flat_map(|text| [text.as_ptr() as u64, text.len() as u64])
            .collect();
        self.put(at, all.as_ptr() as u64);
        self.put(at + 8, texts.len() as u64);
        let (start, count) = list(self, at, 16, 8)?;
        (0..count).try_for_each(|index| list(self, start + index * 16, 1, 1).map(drop))
    }

    /// One value, with a pointer to it at `at`.
    ///
    /// # Safety
    /// As for [`value`](Self::value).
    pub(super) unsafe fn boxed(&mut self, id: TypeId, source: *const u8, at: usize) -> Done {
        let ty = self.library.ty(id);
        self.put(at, source as u64);
        let start = self.block(at, 1, ty.size, ty.align)?;
        walk(self, self.library, id, start, DEPTH)
    }

    pub(super) fn put(&mut self, at: usize, number: u64) {
        self.bytes[at..at + 8].copy_from_slice(&number.to_ne_bytes());
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl Walk for Writer<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes[at]
    }

    fn number(&self, at: usize) -> u64 {
        number(&self.bytes, at)
    }

    fn block(
        &mut self,
        at: usize,
        count: u64,
        size: usize,
        align: usize,
    ) -> Result<usize, Malformed> {
        if count == 0 {
            self.put(at, 0);
            return Ok(0);
        }
        let source = self.number(at) as *const u8;
        let len = usize::try_from(count)
            .ok()
            .and_then(|count| count.checked_mul(size))
            .filter(|len| *len <= isize::MAX as usize);
        let Some(len) = len.filter(|_| !source.is_null()) else {
            return malformed(format!("a list of {count} elements is no list"));
        };
        let start = self.bytes.len().next_multiple_of(align);
        self.bytes.resize(start, 0);
        // SAFETY: the invariant: this is the original's pointer, with so many elements behind it.
        self.bytes
            .extend_from_slice(unsafe { std::slice::from_raw_parts(source, len) });
        self.put(at, start as u64);
        Ok(start)
    }
}

fn number(bytes: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|byte| bytes[at + byte]))
}

/// Makes values of bytes, in place. Invariant: everything before `next` was given out; places are inside `bytes`.
pub(super) struct Reader<'l, 'b> {
    library: &'l Library,
    bytes: &'b mut [u8],
    next: usize,
}

impl<'l, 'b> Reader<'l, 'b> {
    /// The first `size` bytes are structs.
    pub(super) fn new(
        library: &'l Library,
        bytes: &'b mut [u8],
        size: usize,
    ) -> Result<Self, Malformed> {
        if bytes.len() < size {
            return malformed(format!("{} bytes are none of {size}", bytes.len()));
        }
        Ok(Self {
            library,
            bytes,
            next: size,
        })
    }

    pub(super) fn value(&mut self, id: TypeId, at: usize) -> Done {
        walk(self, self.library, id, at, DEPTH)
    }

    pub(super) fn text(&mut self, at: usize) -> Done {
        list(self, at, 1, 1).map(drop)
    }

    pub(super) fn texts(&mut self, at: usize) -> Done {
        let (start, count) = list(self, at, 16, 8)?;
        (0..count).try_for_each(|index| list(self, start + index * 16, 1, 1).map(drop))
    }

    /// A list of exactly one text: a pointer to it.
    pub(super) fn one_text(&mut self, at: usize) -> Done {
        match list(self, at, 16, 8)? {
            (start, 1) => list(self, start, 1, 1).map(drop),
            (_, count) => Err(Malformed(format!("{count} texts instead of one"))),
        }
    }

    pub(super) fn boxed(&mut self, id: TypeId, at: usize) -> Done {
        let ty = self.library.ty(id);
        let start = self.block(at, 1, ty.size, ty.align)?;
        walk(self, self.library, id, start, DEPTH)
    }

    pub(super) fn is_null(&self, at: usize) -> bool {
        self.number(at) == 0
    }
}

impl Walk for Reader<'_, '_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes[at]
    }

    fn number(&self, at: usize) -> u64 {
        number(self.bytes, at)
    }

    fn block(
        &mut self,
        at: usize,
        count: u64,
        size: usize,
        align: usize,
    ) -> Result<usize, Malformed> {
        if count == 0 {
            self.bytes[at..at + 8].fill(0);
            return Ok(0);
        }
        let start = self.next.next_multiple_of(align);
        let end = usize::try_from(count)
            .ok()
            .and_then(|count| count.checked_mul(size))
            .and_then(|len| len.checked_add(start))
            .filter(|end| *end <= self.bytes.len());
        let Some(end) = end.filter(|_| self.number(at) == start as u64) else {
            return malformed("a pointer leads out of the message");
        };
        self.next = end;
        let address = self.bytes.as_ptr() as u64 + start as u64;
        self.bytes[at..at + 8].copy_from_slice(&address.to_ne_bytes());
        Ok(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gangplank_model::lowered::Type;

    /// `list<option<map<string, string>>>`, and what it is made of; last `option<Box<string>>`.
    fn library() -> Library {
        let ty = |shape, size, align| Type {
            shape,
            c_name: String::new(),
            size,
            align,
            heap: true,
        };
        let map = Shape::Map {
            key: TypeId(0),
            value: TypeId(0),
            pair_c_name: String::new(),
            value_offset: 16,
            pair_size: 32,
        };
        Library {
            prefix: String::new(),
            version: String::new(),
            abi: 1,
            docs: String::new(),
            package: String::new(),
            services: Vec::new(),
            item: Vec::new(),
            types: vec![
                ty(Shape::String, 16, 8),
                ty(map, 16, 8),
                ty(Shape::Option(TypeId(1)), 24, 8),
                ty(Shape::List(TypeId(2)), 16, 8),
                ty(Shape::Nullable(TypeId(0)), 8, 8),
            ],
            objects: Vec::new(),
            functions: Vec::new(),
            constants: Vec::new(),
        }
    }

    fn list_of<T>(elements: &[T]) -> [u64; 2] {
        [elements.as_ptr() as u64, elements.len() as u64]
    }

    fn flat(library: &Library) -> Vec<u8> {
        let (one, other) = (list_of(b"one"), list_of(b"another"));
        let pairs = [[one, other], [other, list_of(b"")]];
        let [start, len] = list_of(&pairs);
        let options = [[1, start, len], [0, 7, 7], [1, 0, 0]];
        let (list, text) = (list_of(&options), &raw const other);
        let mut writer = Writer::new(library, 24);
        // SAFETY: values of these types.
        unsafe {
            writer.value(TypeId(3), list.as_ptr().cast(), 0).unwrap();
            writer
                .value(TypeId(4), (&raw const text).cast(), 16)
                .unwrap();
        }
        writer.into_bytes()
    }

    fn read(library: &Library, bytes: &mut [u8]) -> Done {
        let mut reader = Reader::new(library, bytes, 24)?;
        reader.value(TypeId(3), 0)?;
        reader.value(TypeId(4), 16)
    }

    #[test]
    fn a_value_comes_back() {
        let library = library();
        let mut bytes = flat(&library);
        read(&library, &mut bytes).unwrap();
        // SAFETY: the value that was made in place.
        unsafe {
            let text = |at: *const [u64; 2]| {
                let [start, len] = at.read_unaligned();
                std::slice::from_raw_parts(start as *const u8, len as usize)
            };
            let list = bytes.as_ptr().cast::<[u64; 2]>().read_unaligned();
            let options = list[0] as *const [u64; 3];
            assert_eq!(list[1], 3);
            assert_eq!(options.add(1).read_unaligned()[0], 0);
            assert_eq!(options.add(2).read_unaligned(), [1, 0, 0]);
            let [_, pairs, count] = options.read_unaligned();
            assert_eq!(count, 2);
            let pairs = pairs as *const [u64; 2];
            assert_eq!(text(pairs), b"one");
            assert_eq!(text(pairs.add(2)), b"another");
            let boxed = bytes.as_ptr().add(16).cast::<u64>().read_unaligned();
            assert_eq!(text(boxed as *const [u64; 2]), b"another");
        }
    }

    /// Whatever the bytes are: an error, or a value inside them.
    #[test]
    fn damaged_bytes_lead_nowhere() {
        let library = library();
        let whole = flat(&library);
        for at in 0..whole.len() {
            for value in [0, 1, 8, 0x7f, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                let _ = read(&library, &mut bytes);
            }
            assert!(read(&library, &mut whole[..at].to_vec()).is_err());
        }
    }

    #[test]
    fn what_is_no_value_is_an_error() {
        let library = library();
        let writer = || Writer::new(&library, 24);
        // SAFETY: nothing behind these is read: there is a length without a pointer, and an option that is neither.
        unsafe {
            let list: [u64; 2] = [0, 3];
            assert!(writer().value(TypeId(3), list.as_ptr().cast(), 0).is_err());
            let option: [u64; 3] = [2, 0, 0];
            assert!(
                writer()
                    .value(TypeId(2), option.as_ptr().cast(), 0)
                    .is_err()
            );
        }
    }
}
