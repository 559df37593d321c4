//! The layouts of a module's functions, for both sides of the socket.
//!
//! Comes in: a module's file, or the items that its functions report. Goes out: where the parameters and results of its functions lie, of those whose values can
//! leave a process. Host and helper read the same; a fingerprint tells when it has changed between.

use std::collections::BTreeMap;
use std::path::Path;

use gangplank_model::lowered::{Function, Library, Mode, Shape, TypeId};
use gangplank_model::model::Interface;

use crate::dynamic;
use crate::native;

/// What the file of a module says.
pub(super) struct Shapes {
    pub(super) library: Library,
    functions: BTreeMap<String, Result<Flat, &'static str>>,
}

/// A value in a struct.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) ty: TypeId,
    pub(super) offset: usize,
}

/// The structs of a function.
pub(super) struct Flat {
    pub(super) params: Vec<Part>,
    pub(super) params_size: usize,
    pub(super) results: Vec<Part>,
    pub(super) results_size: usize,
    /// Whether results refer to memory.
    pub(super) heap: bool,
    pub(super) error: Option<TypeId>,
}

impl Shapes {
    /// For tests of what has to do with no function.
    #[cfg(test)]
    pub(super) fn without_functions(library: Library) -> Self {
        Self {
            library,
            functions: BTreeMap::new(),
        }
    }

    /// `None`: the file has no interface.
    pub(super) fn read(runtime: &str, location: &str) -> Option<Self> {
        if runtime != native::NAME {
            return None;
        }
        Self::of(native::interface(Path::new(location))?)
    }

    /// Of a module whose file says nothing to XLLR, by the items of its functions; `None`: they report none.
    pub(super) fn of_items(items: &[Vec<u8>]) -> Option<Self> {
        let items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
        Self::of(dynamic::interface(&items).ok()?)
    }

    fn of(interface: Interface) -> Option<Self> {
        let names: Vec<(String, String)> = native::functions(&interface)
            .map(|(name, function)| (function.symbol.clone(), name))
            .collect();
        let library = dynamic::lowered(interface).ok()?;
        let functions = names
            .into_iter()
            .map(|(symbol, name)| (name, flat(&library, &symbol)))
            .collect();
        Some(Self { library, functions })
    }

    /// The structs of a function, or why there are none.
    pub(super) fn flat(&self, name: &str) -> Result<&Flat, &'static str> {
        match self.functions.get(name) {
            Some(flat) => flat.as_ref().map_err(|why| *why),
            None => Err("the module says nothing of its types"),
        }
    }

    /// Equal: the same functions, passed in the same way.
    pub(super) fn fingerprint(&self) -> u64 {
        let library = &self.library;
        let depends = library
            .functions
            .iter()
            .flat_map(|function| &function.depends);
        depends
            .flat_map(|item| [item.hash, item.abi_hash])
            .fold(0xcbf2_9ce4_8422_2325, |sum, hash| {
                (sum ^ hash).wrapping_mul(0x0100_0000_01b3).rotate_left(17)
            })
    }
}

fn flat(library: &Library, symbol: &str) -> Result<Flat, &'static str> {
    // Objects live in the process that made them, so only functions without one are looked at.
    let function = library
        .functions
        .iter()
        .find(|function| function.symbol == symbol)
        .ok_or("its object lives in the helper")?;
    if function.mode == Mode::Async {
        return Err("it may complete later");
    }
    let types = function.params.iter().map(|param| param.ty);
    let mut types = types
        .chain(function.results.iter().copied())
        .chain(function.error);
    let stays = |id| matches!(library.ty(id).shape, Shape::Object(_) | Shape::Stream(_));
    if types.any(|ty| library.any_part(ty, stays)) {
        return Err("it passes objects or streams, which live in the helper");
    }
    let params: Vec<Part> = function
        .params
        .iter()
        .map(|param| Part {
            ty: param.ty,
            offset: param.offset,
        })
        .collect();
    let results = results(function);
    Ok(Flat {
        params_size: size(library, &params),
        params,
        results_size: size(library, &results),
        heap: results.iter().any(|part| library.ty(part.ty).heap),
        results,
        error: function.error,
    })
}

fn results(function: &Function) -> Vec<Part> {
    let offset = |at: usize| match &function.results_struct {
        Some(results) => results.offsets[at],
        None => 0,
    };
    let types = function.results.iter().enumerate();
    types
        .map(|(at, ty)| Part {
            ty: *ty,
            offset: offset(at),
        })
        .collect()
}

fn size(library: &Library, parts: &[Part]) -> usize {
    let align = parts.iter().map(|part| library.ty(part.ty).align).max();
    let end = parts
        .iter()
        .map(|part| part.offset + library.ty(part.ty).size);
    end.max()
        .unwrap_or(0)
        .next_multiple_of(align.unwrap_or(1).max(1))
}
