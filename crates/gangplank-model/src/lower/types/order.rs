//! The order of types: by name, but after what they hold by value.

use std::collections::HashSet;

use crate::model::{Constant, Declaration, Function, Id, Interface, Param, Type};

/// Every type that stands somewhere in the interface, each once.
pub(super) fn order(interface: &Interface<Id>) -> Vec<Type<Id>> {
    let mut order = Order {
        interface,
        seen: HashSet::new(),
        list: Vec::new(),
        later: Vec::new(),
    };
    let mut declared: Vec<_> = interface.types.iter().enumerate().collect();
    declared.sort_by_key(|(_, item)| (&item.common().name, &item.common().path));
    for (at, _) in declared {
        order.add(&Type::Declared(Id(at)));
    }
    for object in &interface.objects {
        let functions = object.constructors.iter().chain(&object.methods);
        functions.for_each(|function| order.function(function));
    }
    interface
        .functions
        .iter()
        .for_each(|function| order.function(function));
    for item in &interface.traits {
        for function in &item.functions {
            order.params(&function.params);
            function
                .results
                .iter()
                .chain(&function.error)
                .for_each(|ty| order.add(ty));
        }
        item.events
            .iter()
            .for_each(|event| order.params(&event.params));
    }
    let constants = interface.constants.iter();
    constants.for_each(|Constant { ty, .. }| order.add(ty));
    order.list
}

struct Order<'a> {
    interface: &'a Interface<Id>,
    seen: HashSet<Type<Id>>,
    list: Vec<Type<Id>>,
    /// What stands behind pointers.
    later: Vec<Type<Id>>,
}

impl Order<'_> {
    fn function(&mut self, function: &Function<Id>) {
        self.params(&function.params);
        function
            .results
            .iter()
            .chain(&function.error)
            .for_each(|ty| self.add(ty));
    }

    fn params(&mut self, params: &[Param<Id>]) {
        let crossing = params.iter().filter(|param| !param.ty.is_injected());
        crossing.for_each(|param| self.add(&param.ty));
    }

    /// Adds a type, what it holds by value before it and what it points to after it.
    fn add(&mut self, ty: &Type<Id>) {
        self.by_value(ty);
        while let Some(next) = self.later.pop() {
            self.by_value(&next);
        }
    }

    fn by_value(&mut self, ty: &Type<Id>) {
        if !self.seen.insert(ty.clone()) {
            return;
        }
        match ty {
            Type::List(inner) | Type::Boxed(inner) | Type::Stream(inner) => {
                self.later.push((**inner).clone());
            }
            Type::Map(key, value) => self.later.extend([(**value).clone(), (**key).clone()]),
            Type::Option(inner) => match &**inner {
                Type::Boxed(target) => self.later.push((**target).clone()),
                inner => self.by_value(inner),
            },
            Type::Declared(id) => {
                let declaration: &Declaration<Id> = &self.interface.types[id.0];
                declaration
                    .fields()
                    .for_each(|field| self.by_value(&field.ty));
            }
            _ => {}
        }
        self.list.push(ty.clone());
    }
}
