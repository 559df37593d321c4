//! The functions of the bench's rows in Python, written by hand.
//!
//! Twice: as somebody writes them with PyO3, and, for texts, as somebody writes a binding of the same guest in C structs with
//! CPython's own functions, which is the least that such a crossing costs. All give Python's lock back while Rust runs.

#![allow(missing_docs, reason = "PyO3's macros declare what they make")]

mod structs;

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

#[pymodule]
mod bench_python_hand {
    use super::*;

    #[pyfunction]
    fn div(py: Python<'_>, x: i32, y: i32) -> PyResult<f32> {
        py.detach(|| match y {
            0 => Err(PyValueError::new_err("divisor is zero")),
            y => Ok((f64::from(x) / f64::from(y)) as f32),
        })
    }

    #[pyfunction]
    fn concat_strings(py: Python<'_>, parts: Vec<String>) -> String {
        py.detach(|| parts.join(", "))
    }

    /// An awaitable that is ready: a future of the running loop with its result.
    #[pyfunction]
    fn ready(py: Python<'_>, value: i64) -> PyResult<Bound<'_, PyAny>> {
        static RUNNING_LOOP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let answer = py.detach(|| value);
        let running = RUNNING_LOOP
            .import(py, "asyncio", "get_running_loop")?
            .call0()?;
        let future = running.call_method0(intern!(py, "create_future"))?;
        future.call_method1(intern!(py, "set_result"), (answer,))?;
        Ok(future)
    }

    /// Opens the guest that [`concat_structs`] calls.
    #[pyfunction]
    fn open(path: &str) -> PyResult<()> {
        structs::open(path).map_err(PyOSError::new_err)
    }

    #[pyfunction]
    fn concat_structs(parts: Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        structs::concat(&parts)
    }
}
