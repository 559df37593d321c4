//! One value against one type.
//!
//! Comes in: a shape and a type of the user's. Goes out: the conversion between them, or nothing.

use super::super::signature::Type;
use super::super::types::{GoType, Resolved, Types, Under};
use super::super::wanted::int;
use super::{Convert, Shape, Way};

impl Types<'_> {
    /// The conversion between `shape` and `ty`, written in package `home`.
    pub(super) fn fit(&self, shape: &Shape, ty: &Type, home: &str, way: Way) -> Option<Convert> {
        let user = self.resolve(ty, home);
        match shape {
            Shape::Bool => basic("bool", user),
            Shape::F32 => basic("float32", user),
            Shape::F64 => basic("float64", user),
            Shape::String => basic("string", user),
            Shape::Int { bits, signed } => integer(&int(*bits, *signed), user, way),
            Shape::Bytes => self.bytes(user),
            Shape::Timestamp => self.time(user, &Under::Time, &Under::TimestampMessage),
            Shape::Duration => self.time(user, &Under::Duration, &Under::DurationMessage),
            Shape::List(element) => self.list(element, user, way),
            Shape::Map(key, value) => self.map(key, value, user, way),
            Shape::Option(inner) => self.option(inner, ty, home, way),
            Shape::Record(name) => self.record(name, user),
            Shape::Enum(name) | Shape::Variant(name) => match (user.under, user.named) {
                (Under::Declared(found), Some(to)) if found == *name => Some(Convert::Declared(to)),
                _ => None,
            },
            Shape::Stream(element) => match user.under {
                Under::Stream(ty) => self
                    .fit(element, &ty, &user.home, way)
                    .map(|element| Convert::Stream(Box::new(element))),
                _ => None,
            },
        }
    }

    fn bytes(&self, user: Resolved) -> Option<Convert> {
        let Under::Slice(element) = &user.under else {
            return None;
        };
        let element = self.resolve(element, &user.home);
        let is_byte = element.under == Under::Basic("uint8".into()) && element.named.is_none();
        is_byte.then(|| user.named.map_or(Convert::Same, Convert::Named))
    }

    fn time(&self, user: Resolved, plain: &Under, message: &Under) -> Option<Convert> {
        if user.under == *plain {
            return Some(Convert::Same);
        }
        let Under::Pointer(to) = &user.under else {
            return None;
        };
        let to = self.resolve(to, &user.home);
        (to.under == *message)
            .then_some(to.named)?
            .map(Convert::TimeMessage)
    }

    fn list(&self, element: &Shape, user: Resolved, way: Way) -> Option<Convert> {
        let Under::Slice(ty) = &user.under else {
            return None;
        };
        let element = self.fit(element, ty, &user.home, way)?;
        Some(match (element, user.named) {
            (Convert::Same, None) => Convert::Same,
            (Convert::Same, Some(to)) => Convert::Named(to),
            (element, to) => Convert::List {
                to,
                element: Box::new(element),
            },
        })
    }

    fn map(&self, key: &Shape, value: &Shape, user: Resolved, way: Way) -> Option<Convert> {
        let Under::Map(key_type, value_type) = &user.under else {
            return None;
        };
        let key = self.fit(key, key_type, &user.home, way)?;
        let value = self.fit(value, value_type, &user.home, way)?;
        Some(match (key, value, user.named) {
            (Convert::Same, Convert::Same, None) => Convert::Same,
            (Convert::Same, Convert::Same, Some(to)) => Convert::Named(to),
            (key, value, to) => Convert::Map {
                to,
                key: Box::new(key),
                value: Box::new(value),
            },
        })
    }

    /// Messages, bytes, oneofs and times of protobuf have an absent value of their own; everything else gets a pointer.
    fn option(&self, inner: &Shape, ty: &Type, home: &str, way: Way) -> Option<Convert> {
        if matches!(inner, Shape::Record(_) | Shape::Bytes | Shape::Variant(_)) {
            return self.fit(inner, ty, home, way);
        }
        let user = self.resolve(ty, home);
        if let (Shape::Timestamp | Shape::Duration, Some(message @ Convert::TimeMessage(_))) =
            (inner, self.fit(inner, ty, home, way))
        {
            return Some(message);
        }
        let Under::Pointer(to) = &user.under else {
            return None;
        };
        Some(match self.fit(inner, to, &user.home, way)? {
            Convert::Same => Convert::Same,
            other => Convert::Option(Box::new(other)),
        })
    }

    fn record(&self, name: &str, user: Resolved) -> Option<Convert> {
        let (user, pointer) = match &user.under {
            Under::Pointer(to) => (self.resolve(to, &user.home), true),
            _ => (user, false),
        };
        match (user.under, user.named) {
            (Under::Declared(found), Some(to)) if found == name => {
                Some(Convert::Record { to, pointer })
            }
            _ => None,
        }
    }
}

fn basic(wanted: &str, user: Resolved) -> Option<Convert> {
    (user.under == Under::Basic(wanted.into()))
        .then(|| user.named.map_or(Convert::Same, Convert::Named))
}

fn integer(wanted: &str, user: Resolved, way: Way) -> Option<Convert> {
    let Under::Basic(kind) = user.under else {
        return None;
    };
    if !kind.trim_start_matches('u').starts_with("int") {
        return None;
    }
    if kind == wanted {
        return Some(user.named.map_or(Convert::Same, Convert::Named));
    }
    let checked = match way {
        Way::In => !holds(&kind, wanted),
        Way::Out => !holds(wanted, &kind),
    };
    let predeclared = GoType {
        import: String::new(),
        name: kind.clone(),
    };
    Some(Convert::Integer {
        to: user.named.unwrap_or(predeclared),
        kind,
        checked,
    })
}

/// Whether every value of `from` is one of `to`, on every machine.
fn holds(to: &str, from: &str) -> bool {
    let range = |name: &str| -> Option<(bool, u32, u32)> {
        let signed = !name.starts_with('u');
        let width = name.trim_start_matches('u').strip_prefix("int")?;
        match width {
            "" => Some((signed, 32, 64)),
            "ptr" => Some((signed, 32, 64)),
            bits => bits.parse().ok().map(|bits| (signed, bits, bits)),
        }
    };
    let (Some((to_signed, least, _)), Some((from_signed, _, most))) = (range(to), range(from))
    else {
        return false;
    };
    match (from_signed, to_signed) {
        (true, false) => false,
        (false, true) => most < least,
        _ => most <= least || to == from,
    }
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn only_conversions_that_may_lose_something_are_checked() {
        for (to, from) in [
            ("int64", "int32"),
            ("int", "int32"),
            ("int64", "int"),
            ("int64", "uint32"),
            ("int", "uint16"),
        ] {
            assert!(holds(to, from), "{to} has every {from}");
        }
        for (to, from) in [
            ("int", "int64"),
            ("int32", "int"),
            ("uint64", "int8"),
            ("int", "uint32"),
            ("int32", "uint32"),
        ] {
            assert!(!holds(to, from), "{to} has not every {from}");
        }
    }
}
