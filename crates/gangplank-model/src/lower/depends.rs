//! What a function depends on: the items whose hashes a host compares before its first call.
//!
//! The same items that the function's entry describes at run time: itself, its object, the types that it reaches, and of
//! a constructor the host functions and events that come with it.

use std::collections::{BTreeMap, HashSet};

use super::Lowering;
use crate::lowered::ItemHash;
use crate::model::{Common, Function, Id, Interface, Param, Type};

impl Lowering<'_> {
    pub(super) fn depends(
        &self,
        function: &Function<Id>,
        abi_hash: u64,
        object: Option<&Common>,
    ) -> Vec<ItemHash> {
        let mut reach = Reach {
            interface: self.interface,
            seen: HashSet::new(),
            items: BTreeMap::new(),
        };
        reach.item_with(&function.common, abi_hash);
        object.into_iter().for_each(|object| reach.item(object));
        reach.params(&function.params);
        function
            .results
            .iter()
            .chain(&function.error)
            .for_each(|ty| reach.ty(ty));
        for item in self.injected(function.params.iter().map(|param| &param.ty)) {
            for function in &item.functions {
                reach.item(&function.common);
                reach.params(&function.params);
                function
                    .results
                    .iter()
                    .chain(&function.error)
                    .for_each(|ty| reach.ty(ty));
            }
            for event in &item.events {
                reach.item(&event.common);
                reach.params(&event.params);
            }
        }
        reach.items.into_values().collect()
    }
}

struct Reach<'a> {
    interface: &'a Interface<Id>,
    seen: HashSet<Id>,
    /// By path.
    items: BTreeMap<&'a str, ItemHash>,
}

impl<'a> Reach<'a> {
    fn item(&mut self, item: &'a Common) {
        self.item_with(item, 0);
    }

    fn item_with(&mut self, item: &'a Common, abi_hash: u64) {
        self.items.entry(&item.path).or_insert_with(|| ItemHash {
            path: item.path.clone(),
            hash: item.hash,
            abi_hash,
            shape_text: item.shape_text.clone(),
        });
    }

    fn params(&mut self, params: &'a [Param<Id>]) {
        params.iter().for_each(|param| self.ty(&param.ty));
    }

    /// Adds the items of a type, with a list of what is still to visit: recursive types may be long.
    fn ty(&mut self, ty: &'a Type<Id>) {
        let mut open = vec![ty];
        while let Some(ty) = open.pop() {
            match ty {
                Type::List(inner)
                | Type::Option(inner)
                | Type::Boxed(inner)
                | Type::Stream(inner) => {
                    open.push(inner);
                }
                Type::Map(key, value) => open.extend([&**key, &**value]),
                Type::Declared(id) if self.seen.insert(*id) => {
                    let declaration = &self.interface.types[id.0];
                    self.item(declaration.common());
                    open.extend(declaration.fields().map(|field| &field.ty));
                }
                Type::Object(id) => self.item(&self.interface.objects[id.0].common),
                _ => {}
            }
        }
    }
}
