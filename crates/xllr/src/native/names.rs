//! The names of a library's functions.
//!
//! A function is called `<Service>.<rpc>`, or `<rpc>` when that says it all. What a library declares in its interface gives
//! the names; `Foreign<Rpc>` and `Foreign<Service>_<rpc>` are the same functions in bytes, and the only ones that an older
//! guest has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::abi::RawForeign;
use crate::error::{Error, Kind, listed};
use crate::target::{Bytes, Native, Target};

const PREFIX: &str = "Foreign";

/// Functions by name.
pub(super) struct Names {
    /// `div` or `Calc_div`: what no declaration has taken yet.
    foreign: BTreeMap<String, RawForeign>,
    declared: BTreeMap<String, Arc<Target>>,
}

impl Names {
    /// Starts with the exported `Foreign…` symbols.
    pub(super) fn new<'a>(foreign: impl Iterator<Item = (&'a str, RawForeign)>) -> Self {
        let foreign = foreign.filter_map(|(symbol, call)| {
            let name = symbol.strip_prefix(PREFIX)?;
            (!name.is_empty()).then(|| (name.to_owned(), call))
        });
        Self {
            foreign: foreign.collect(),
            declared: BTreeMap::new(),
        }
    }

    /// Adds a function of the interface.
    pub(super) fn declare(&mut self, name: String, native: Option<Native>, otherwise: Bytes) {
        let foreign = self.take_foreign(&name);
        if native.is_none() && foreign.is_none() {
            return;
        }
        let target = Target {
            native,
            bytes: foreign.map_or(otherwise, Bytes::Foreign),
            name: name.clone(),
        };
        self.declared.insert(name, Arc::new(target));
    }

    /// Whatever was not declared is a function by itself.
    pub(super) fn finish(&mut self) {
        for (name, call) in std::mem::take(&mut self.foreign) {
            let target = Target {
                name: name.clone(),
                native: None,
                bytes: Bytes::Foreign(call),
            };
            self.declared
                .entry(name)
                .or_insert_with(|| Arc::new(target));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.declared.is_empty()
    }

    pub(super) fn all(&self) -> Vec<String> {
        self.declared.keys().cloned().collect()
    }

    /// The one function that `name` means.
    pub(super) fn find(&self, name: &str, location: &str) -> Result<Arc<Target>, Error> {
        if let Some(target) = self.exact(name) {
            return Ok(Arc::clone(target));
        }
        let meant: BTreeSet<&String> = self.meant(name).collect();
        match meant.first() {
            Some(only) if meant.len() == 1 => Ok(Arc::clone(&self.declared[*only])),
            Some(_) => {
                let meant: Vec<String> = meant.into_iter().cloned().collect();
                let text = format!("`{name}` in `{location}` may be {}", meant.join(" or "));
                Err(Error::new(Kind::NotFound, text))
            }
            None => {
                let there = listed(&self.all());
                let text = format!("`{location}` has no function `{name}`; there are {there}");
                Err(Error::new(Kind::NotFound, text))
            }
        }
    }

    /// By its full name, or by the exported one that it would have.
    fn exact(&self, name: &str) -> Option<&Arc<Target>> {
        let exported = || name.replace('.', "_");
        let alone = || name.split_once('.').map(|(_, rpc)| rpc.to_owned());
        self.declared
            .get(name)
            .or_else(|| self.undeclared(&exported()))
            .or_else(|| self.undeclared(&alone()?))
    }

    /// A function that is only known by its export.
    fn undeclared(&self, name: &str) -> Option<&Arc<Target>> {
        self.declared
            .get(name)
            .filter(|target| target.native.is_none())
    }

    /// Declared functions whose last part is `name`. An export's parts cannot be told apart: `gen_scores` is no `scores`.
    fn meant<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a String> {
        let names = self.declared.keys();
        names.filter(move |full| full.split_once('.').is_some_and(|(_, last)| last == name))
    }

    fn take_foreign(&mut self, name: &str) -> Option<RawForeign> {
        let rpc = name.split_once('.').map_or(name, |(_, rpc)| rpc);
        let own = name.replace('.', "_");
        self.foreign
            .remove(&own)
            .or_else(|| self.foreign.remove(rpc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::{RawCall, RawDone};
    use crate::target::Exports;
    use std::ffi::c_void;

    unsafe extern "C" fn foreign(
        _: *const c_void,
        _: u64,
        _: *mut *mut c_void,
        _: *mut u64,
        _: *mut *mut c_void,
        _: *mut u64,
        _: *mut u8,
    ) {
    }

    unsafe extern "C" fn uniform(
        _: u64,
        _: *const c_void,
        _: *mut c_void,
        _: *mut RawCall,
        _: RawDone,
        _: *mut c_void,
    ) -> i32 {
        0
    }

    fn native() -> Option<Native> {
        Some(Native {
            call: uniform,
            describe: None,
            flags: 0,
            this: 0,
            direct: std::ptr::null_mut(),
            exports: Exports::default(),
        })
    }

    fn names(exported: &[&str], declared: &[&str]) -> Names {
        let exported = exported
            .iter()
            .map(|symbol| (*symbol, foreign as RawForeign));
        let mut names = Names::new(exported);
        for name in declared {
            let none = Bytes::None("not exported".to_owned());
            names.declare((*name).to_owned(), native(), none);
        }
        names.finish();
        names
    }

    fn found(names: &Names, name: &str) -> Result<String, String> {
        let target = names
            .find(name, "x.so")
            .map_err(|error| error.to_string())?;
        let bytes = matches!(target.bytes, Bytes::Foreign(_));
        let native = target.native.is_some();
        Ok(format!("{} native={native} bytes={bytes}", target.name))
    }

    #[test]
    fn a_declared_function_has_both_forms() {
        let names = names(
            &["Foreigndiv", "ForeignB_run"],
            &["Calc.div", "A.run", "B.run"],
        );
        assert_eq!(names.all(), ["A.run", "B.run", "Calc.div"]);
        assert_eq!(
            found(&names, "div").unwrap(),
            "Calc.div native=true bytes=true"
        );
        assert_eq!(
            found(&names, "B.run").unwrap(),
            "B.run native=true bytes=true"
        );
        assert_eq!(
            found(&names, "A.run").unwrap(),
            "A.run native=true bytes=false"
        );
        assert_eq!(
            found(&names, "run").unwrap_err(),
            "`run` in `x.so` may be A.run or B.run"
        );
        assert!(found(&names, "Other.div").is_err(), "another service");
    }

    #[test]
    fn a_name_is_the_whole_last_part() {
        let names = names(&["Foreigngen_scores"], &["Calc.subdiv"]);
        assert!(found(&names, "div").is_err());
        assert!(found(&names, "scores").is_err());
        assert_eq!(
            found(&names, "Calc.gen_scores").unwrap(),
            "gen_scores native=false bytes=true"
        );
        assert!(found(&names, "").is_err());
    }
}
