//! Functions: which form, which parameters cross and how, where results go.

use super::layout::{self, Layout};
use super::{Lowering, common};
use crate::c_names;
use crate::lowered::{
    Function, Mode, Param, ParamsStruct, Pass, ResultsStruct, Return, Shape, TypeId,
};
use crate::model::{self, Id, Role};

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
        Function {
            common: common(&function.common),
            entry_symbol: format!("{}_entry", function.symbol),
            mode: if function.is_async {
                Mode::Async
            } else {
                Mode::Sync
            },
            ret: self.ret(function, &params, &results),
            results_struct: self.results_struct(&function.symbol, &results),
            symbol: function.symbol.clone(),
            params,
            results,
            error: function.error.as_ref().map(|ty| self.types.id(ty)),
            deadline_ms: None,
            depends: self.depends(function, object),
        }
    }

    /// The scalar form is for sync functions, never constructors, whose parameters and result are scalars or unit.
    fn ret(&self, function: &model::Function<Id>, params: &[Param], results: &[TypeId]) -> Return {
        let sync = !function.is_async && function.role != Role::Constructor;
        let scalars = params.iter().all(|param| self.is_scalar(param.ty));
        match results {
            [] if sync && scalars => Return::Scalar(None),
            [one] if sync && scalars && self.is_scalar(*one) => Return::Scalar(Some(*one)),
            _ => Return::Out,
        }
    }

    fn is_scalar(&self, id: TypeId) -> bool {
        let shape = &self.types.lowered[id.0].shape;
        matches!(shape, Shape::Scalar(_) | Shape::Bool | Shape::Enum(_))
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
                ty,
                pass: self.pass(ty),
                borrowed: param.borrowed,
                offset,
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
            Shape::Scalar(_)
            | Shape::Bool
            | Shape::Enum(_)
            | Shape::String
            | Shape::Bytes
            | Shape::Object(_)
            | Shape::Nullable(_)
            | Shape::Boxed(_) => Pass::Value,
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
