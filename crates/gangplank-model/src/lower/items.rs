//! Objects with what they ask of the host, and constants.

use super::{Lowering, common};
use crate::c_names::{self, snake};
use crate::lowered::{Constant, Event, HostFunction, Object};
use crate::model::{self, Id, Trait, Type};

impl Lowering<'_> {
    pub(super) fn objects(&self) -> Vec<Object> {
        let objects = self.interface.objects.iter();
        objects.map(|object| self.object(object)).collect()
    }

    fn object(&self, object: &model::Object<Id>) -> Object {
        let c_name = self.names.item(&object.common.name);
        let mut host_functions = Vec::new();
        let mut events = Vec::new();
        for item in self.injected(&object.injected) {
            for function in &item.functions {
                host_functions.extend(self.host_function(&c_name, function));
            }
            events.extend(item.events.iter().map(|event| self.event(&c_name, event)));
        }
        host_functions.sort_by(|a, b| a.wire.cmp(&b.wire));
        events.sort_by(|a, b| a.wire.cmp(&b.wire));
        let functions = |list: &[model::Function<Id>]| {
            let list = list.iter();
            list.map(|item| self.function(item, Some(&object.common)))
                .collect()
        };
        Object {
            common: common(&object.common),
            constructors: functions(&object.constructors),
            methods: functions(&object.methods),
            c_name,
            host_functions,
            events,
        }
    }

    /// The traits behind injected types; one that declares nothing has no index.
    pub(super) fn injected<'a>(
        &'a self,
        injected: impl IntoIterator<Item = &'a Type<Id>>,
    ) -> impl Iterator<Item = &'a Trait<Id>> {
        let traits = &self.interface.traits;
        injected.into_iter().filter_map(|ty| match ty {
            Type::Host(id) | Type::Events(id) => traits.get(id.0),
            _ => None,
        })
    }

    /// `None` for a function without an error, which the check has refused.
    fn host_function(
        &self,
        object: &str,
        function: &model::HostFunction<Id>,
    ) -> Option<HostFunction> {
        let (params, layout) = self.params(&function.params, c_names::field);
        let c_name = format!("{object}_{}_request", snake(&function.common.name));
        Some(HostFunction {
            common: common(&function.common),
            wire: function.wire.clone(),
            params,
            request: self.params_struct(c_name, layout),
            result: function.results.first().map(|ty| self.types.id(ty)),
            error: self.types.id(function.error.as_ref()?),
            deadline_ms: function.deadline_ms,
        })
    }

    fn event(&self, object: &str, event: &model::Event<Id>) -> Event {
        let (params, layout) = self.params(&event.params, c_names::field);
        let c_name = format!("{object}_{}_event", snake(&event.common.name));
        Event {
            common: common(&event.common),
            wire: event.wire.clone(),
            params,
            payload: self.params_struct(c_name, layout),
        }
    }

    pub(super) fn constant(&self, constant: &model::Constant<Id>) -> Constant {
        Constant {
            common: common(&constant.common),
            ty: self.types.id(&constant.ty),
            value: constant.value.clone(),
            c_name: self.names.constant(&[&constant.common.name]),
        }
    }
}
