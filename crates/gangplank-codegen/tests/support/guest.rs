//! The least templates that make a guest: one exported function per call, which calls nothing.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use gangplank_codegen::backend::File;
use gangplank_codegen::compile::idl::Idl;
use gangplank_codegen::compile::matching::Call;
use gangplank_codegen::compile::wanted::{Module, Shape, Value, Wanted};
use gangplank_codegen::compile::{self, GoTemplates, Guest, Implemented, Import, Request};
use gangplank_model::Diagnostics;
use gangplank_model::model::Location;

/// Wants one module, and notes how it is to be called.
pub(crate) struct Least {
    module: Module,
    messages: &'static str,
    pub(crate) calls: Mutex<Vec<Vec<Call>>>,
    pub(crate) imports: Mutex<Vec<Option<Import>>>,
}

impl Least {
    pub(crate) fn new(module: Module, messages: &'static str) -> Least {
        Least {
            module,
            messages,
            calls: Mutex::default(),
            imports: Mutex::default(),
        }
    }
}

impl GoTemplates for Least {
    fn modules(&self, _: &Idl) -> Result<Vec<Module>, Diagnostics> {
        Ok(vec![self.module.clone()])
    }

    fn guest(&self, idl: &Idl, implemented: &[Implemented<'_>]) -> Result<Guest, Diagnostics> {
        let mut text = String::from("//go:build guest\n\npackage main\n\nimport \"C\"\n");
        for module in implemented {
            if let Some(import) = &module.import {
                writeln!(text, "import {} \"{}\"", import.name, import.path).unwrap();
            }
        }
        text.push_str(self.messages);
        for module in implemented {
            for call in &module.calls {
                let of = module
                    .import
                    .as_ref()
                    .map(|import| format!("{}.", import.name));
                let function = format!("{}{}", of.unwrap_or_default(), call.function);
                writeln!(
                    text,
                    "//export Foreign{0}\nfunc Foreign{0}() {{ _ = {function} }}\n",
                    call.function
                )
                .unwrap();
            }
            if !module.package.has_main() {
                text.push_str("func main() {}\n");
            }
            self.calls.lock().unwrap().push(module.calls.clone());
            self.imports.lock().unwrap().push(module.import.clone());
        }
        Ok(Guest {
            files: vec![File::new(format!("{}MetaFFIGuest.go", idl.stem), text)],
            build_only: vec![File::new("more.go", "package main\n")],
            library: format!("{}MetaFFIGuest.so", idl.stem),
        })
    }
}

/// Compiles the five functions' definition in `folder` with these templates; returns the files below `out`.
pub(crate) fn compile(least: &Least, folder: &Path, out: &Path) -> Result<Vec<String>, String> {
    let idl = folder.join("calc.proto");
    fs::copy(crate::go::calc(), &idl).unwrap();
    let written = compile::to_guest_with(&Request::new(&idl, out), least);
    let written = written.map_err(|found| found.to_string())?;
    let name = |path: &std::path::PathBuf| path.strip_prefix(out).unwrap().display().to_string();
    Ok(written.iter().map(name).collect())
}

pub(crate) fn wanted(rpc: &str, params: &[Shape], results: &[Shape]) -> Wanted {
    let values = |shapes: &[Shape]| {
        let value = |(at, shape): (usize, &Shape)| Value {
            name: char::from(b'a' + u8::try_from(at).unwrap()).to_string(),
            shape: shape.clone(),
        };
        shapes.iter().enumerate().map(value).collect()
    };
    Wanted {
        path: format!("calc::Calc::{rpc}"),
        rpc: rpc.into(),
        function: None,
        location: Location {
            file: "calc.proto".into(),
            line: 9,
        },
        params: values(params),
        results: values(results),
    }
}

pub(crate) fn int(bits: u8) -> Shape {
    Shape::Int { bits, signed: true }
}

pub(crate) fn string() -> Shape {
    Shape::String
}

pub(crate) fn list(element: Shape) -> Shape {
    Shape::List(Box::new(element))
}

pub(crate) fn record(name: &str) -> Shape {
    Shape::Record(name.into())
}
