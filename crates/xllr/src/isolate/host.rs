//! A module in a helper, for its host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::facts;
use super::peer::{Facts, Helper, Plan};
use super::process::locked;
use super::remote::{self, Context};
use super::shapes::Shapes;
use crate::error::{Error, Kind};
use crate::runtime::Module;
use crate::target::Target;

/// A function, and what `self` of its native form points to.
type Found = (Arc<Target>, Option<Arc<Context>>);

/// The module. Dropping it ends its helper.
pub(super) struct Isolated {
    location: String,
    /// By the names that were asked for.
    targets: Mutex<HashMap<String, Found>>,
    shapes: Option<Arc<Shapes>>,
    helper: Arc<Helper>,
}

impl Isolated {
    pub(super) fn open(plan: Plan) -> Result<Self, Error> {
        let location = plan.location.clone();
        let shapes = Shapes::read(&plan.runtime, &location);
        let helper = Arc::new(Helper::start(plan)?);
        let shapes = shapes.or_else(|| Shapes::of_items(&helper.facts.items));
        let Facts {
            functions, items, ..
        } = helper.facts.clone();
        let expected = facts(functions, items, shapes.as_ref());
        if helper.facts != expected {
            let text = format!("`{location}` has changed while it was loaded");
            return Err(Error::new(Kind::Mismatch, text));
        }
        Ok(Self {
            location,
            targets: Mutex::default(),
            shapes: shapes.map(Arc::new),
            helper,
        })
    }
}

impl Module for Isolated {
    fn location(&self) -> &str {
        &self.location
    }

    fn functions(&self) -> Vec<String> {
        self.helper.facts.functions.clone()
    }

    fn find(&self, function: &str) -> Result<Arc<Target>, Error> {
        if let Some((target, _)) = locked(&self.targets).get(function) {
            return Ok(Arc::clone(target));
        }
        let (target, context) = remote::target(function, &self.helper, self.shapes.as_ref())?;
        let made = (Arc::new(target), context);
        // Of two threads that ask at once, one has made it for nothing.
        let mut targets = locked(&self.targets);
        let (target, _) = targets.entry(function.to_owned()).or_insert(made);
        Ok(Arc::clone(target))
    }
}
