"""Numbers and octets as memory, by what Python brings itself."""

import array

KEPT = []


def echo(
    i32: memoryview,
    i64: array.array,
    u32: memoryview,
    u64: "array.array",
    f32: memoryview,
    f64: "memoryview",
    blob: memoryview,
):
    formats = [i32.format, i64.typecode, u32.format, u64.typecode, f32.format, f64.format]
    assert formats == ["i", "q", "I", "Q", "f", "d"], formats
    assert blob.format == "B" and not blob.readonly
    KEPT[:] = [i32, i64, u32, u64, f32, f64, blob]
    return i32, i64, u32, u64, f32, f64, blob


def kept() -> str:
    return str([list(buffer) for buffer in KEPT])


WHOLE = {
    "same": array.array("i", [1, -2]),
    "wider": array.array("q", [1, -2]),
    "too wide": array.array("q", [1, 1 << 40]),
    "reversed": memoryview(array.array("i", [-2, 1]))[::-1],
    "octets": bytearray([1, 2]),
    "bytes": b"12",
    "floats": array.array("d", [1.0]),
    "two dimensions": memoryview(bytes(8)).cast("B", (2, 4)),
    "empty": array.array("i"),
    "range": range(1, 3),
}


def whole(text: str):
    return WHOLE[text]


def flags():
    return memoryview(bytes([1, 0, 2])).cast("?")
