//! Functions: which form, which parameters cross and how, where results go.

use super::layout::{self, Layout};
use super::{Lowering, common};
use crate::c_names;
use crate::lowered::{
    Function, Mode, Param, ParamsStruct, Pass, ResultsStruct, Return, Scalar, Shape, TypeId,
};
use crate::model::{self, Id, Role};

/// Flags of `gp_entry`.
const ENTRY_ASYNC: u32 = 1;
const ENTRY_CONSTRUCTOR: u32 = 2;
const ENTRY_METHOD: u32 = 4;
const ENTRY_SCALAR: u32 = 8;

impl Lowering<'_> {
    /// `object` is the one of a constructor or method.
    pub(super) fn function(
        &self,
        function: &model::Function<Id>,
        object: Option<&model::Common>,
    ) -> Function {
        let (params, _) = self.params(&function.params, c_names::param);
        let results: Vec<TypeId> = function
            .results
            .iter()
            .map(|ty| self.types.id(ty))
            .collect();
        let ret = self.ret(function, &params, &results);
        let error = function.error.as_ref().map(|ty| self.types.id(ty));
        let abi_hash = self.abi_hash(function, ret, &params, &results, error);
        let mut common = common(&function.common);
        if function.abi_hash.is_none() && !common.item.is_empty() {
            common.item = gangplank_descriptor::with_abi_hash(&common.item, abi_hash);
        }
        Function {
            common,
            entry_symbol: format!("{}_entry", function.symbol),
            mode: if function.is_async {
                Mode::Async
            } else {
                Mode::Sync
            },
            ret,
            return_c_name: self.return_c_name(ret),
            abi_hash,
            results_struct: self.results_struct(&function.symbol, &results),
            symbol: function.symbol.clone(),
            params,
            results,
            error,
            untyped_error: function.untyped_error,
            proto: function.proto.clone(),
            deadline_ms: None,
            depends: self.depends(function, abi_hash, object),
        }
    }

    /// The scalar form is for sync functions, never constructors, whose parameters and result are scalars or unit.
    fn ret(&self, function: &model::Function<Id>, params: &[Param], results: &[TypeId]) -> Return {
        let sync = !function.is_async && function.role != Role::Constructor;
        let scalars = params.iter().all(|param| param.pass == Pass::Scalar);
        match results {
            [] if sync && scalars => Return::Scalar(None),
            [one] if sync && scalars && self.pass(*one) == Pass::Scalar => {
                Return::Scalar(Some(*one))
            }
            _ => Return::Out,
        }
    }

    /// `bool` and enums come back as the numbers that they are in C.
    fn return_c_name(&self, ret: Return) -> &'static str {
        let Return::Scalar(value) = ret else {
            return "int32_t";
        };
        c_names::returned(value.map(|id| match self.types.lowered[id.0].shape {
            Shape::Scalar(scalar) => scalar,
            Shape::Bool => Scalar::U8,
            _ => Scalar::I32,
        }))
    }

    /// The hash that the library's compiler computes from Rust's own layouts, from the layouts decided here.
    fn abi_hash(
        &self,
        function: &model::Function<Id>,
        ret: Return,
        params: &[Param],
        results: &[TypeId],
        error: Option<TypeId>,
    ) -> u64 {
        let role = match function.role {
            Role::Free => 0,
            Role::Constructor => ENTRY_CONSTRUCTOR,
            Role::Method => ENTRY_METHOD,
        };
        let mode = if function.is_async { ENTRY_ASYNC } else { 0 };
        let form = match ret {
            Return::Out => 0,
            Return::Scalar(_) => ENTRY_SCALAR,
        };
        let params: Vec<_> = params.iter().map(|param| self.signed(param.ty)).collect();
        let results: Vec<_> = results.iter().map(|id| self.signed(*id)).collect();
        let error = error.map(|id| self.signed(id));
        gangplank_descriptor::abi_hash(role | mode | form, &params, &results, error)
    }

    /// A value as the hash of a signature sees it.
    fn signed(&self, id: TypeId) -> gangplank_descriptor::Layout {
        let layout = self.types.layout(id);
        gangplank_descriptor::Layout {
            class: match self.pass(id) {
                Pass::Scalar => 1,
                Pass::Text => 2,
                Pass::Address | Pass::Pointer => 3,
                Pass::Handle => 4,
            },
            size: u32::try_from(layout.size).unwrap_or(u32::MAX),
            align: u32::try_from(layout.align).unwrap_or(u32::MAX),
        }
    }

    fn results_struct(&self, symbol: &str, results: &[TypeId]) -> Option<ResultsStruct> {
        if results.len() < 2 {
            return None;
        }
        let members = results.iter().map(|id| self.types.layout(*id));
        let (offsets, layout) = layout::structure(members);
        Some(ResultsStruct {
            c_name: format!("{symbol}_results"),
            offsets,
            size: layout.size,
        })
    }

    /// The parameters that cross, and the struct of them.
    pub(super) fn params(
        &self,
        params: &[model::Param<Id>],
        c_name: fn(&str) -> String,
    ) -> (Vec<Param>, Layout) {
        let crossing = params.iter().filter(|param| !param.ty.is_injected());
        let crossing: Vec<_> = crossing
            .map(|param| (param, self.types.id(&param.ty)))
            .collect();
        let members = crossing.iter().map(|(_, id)| self.types.layout(*id));
        let (offsets, layout) = layout::structure(members);
        let params = crossing
            .into_iter()
            .zip(offsets)
            .map(|((param, ty), offset)| Param {
                name: param.name.clone(),
                wire: param.wire.clone(),
                c_name: c_name(&param.name),
                docs: param.docs.clone(),
                ty,
                pass: self.pass(ty),
                borrowed: param.borrowed,
                offset,
                default: param.default.clone(),
                proto: param.proto,
            });
        (params.collect(), layout)
    }

    /// The struct that a host function's request or an event's payload is.
    pub(super) fn params_struct(&self, c_name: String, layout: Layout) -> ParamsStruct {
        ParamsStruct {
            c_name,
            size: layout.size,
            align: layout.align,
        }
    }

    fn pass(&self, id: TypeId) -> Pass {
        match &self.types.lowered[id.0].shape {
            Shape::Scalar(_) | Shape::Bool | Shape::Enum(_) => Pass::Scalar,
            Shape::String | Shape::Bytes => Pass::Text,
            Shape::Object(_) | Shape::Stream(_) => Pass::Handle,
            Shape::Nullable(_) | Shape::Boxed(_) => Pass::Address,
            Shape::Timestamp
            | Shape::Duration
            | Shape::Record(_)
            | Shape::Variant(_)
            | Shape::List(_)
            | Shape::Option(_)
            | Shape::Map { .. } => Pass::Pointer,
        }
    }
}
