"""Numbers and octets as arrays of NumPy."""

import numpy
import numpy as np
from numpy.typing import NDArray


def echo(
    i32: np.ndarray,
    i64: NDArray[np.int64],
    u32: "numpy.ndarray",
    u64: np.ndarray,
    f32: NDArray[np.float32],
    f64: np.ndarray,
    blob: np.ndarray,
):
    arrays = i32, i64, u32, u64, f32, f64, blob
    kinds = [np.int32, np.int64, np.uint32, np.uint64, np.float32, np.float64, np.uint8]
    assert [array.dtype for array in arrays] == kinds, [array.dtype for array in arrays]
    return tuple(array[:] + 0 for array in arrays)


MADE = {
    "same": np.arange(3.0),
    "strided": np.arange(6.0)[::-2],
    "narrow": np.arange(3, dtype=np.float32),
    "half": np.arange(3, dtype=np.float16),
    "whole": np.arange(3),
    "swapped": np.arange(3.0).astype(">f8"),
    "table": np.zeros((2, 2)),
    "texts": np.array(["a"]),
    "scalar": np.float64(1),
}


def made(text: str):
    return MADE[text]


def flags():
    return np.arange(3) > 0


def blob(text: str):
    return {"array": np.arange(3, dtype=np.uint8), "strided": np.arange(6, dtype=np.uint8)[::2]}[text]


def where() -> str:
    return numpy.__file__
