//! How values cross: the Go expressions that read and write a C struct.
//!
//! Comes in: a lowered type, a place in C memory, a Go expression. Goes out: one statement or expression. What takes more
//! than that is a function per type (`lower_…`, `lift_…`, `text_…`), made from [`functions`]; only those that something
//! needs are made.
//!
//! Names inside those functions: `fr` the frame, `rd` the reader, `p` the place, `v` the value.

use std::collections::BTreeSet;

use gangplank_model::lowered::{Field, Library, Shape, TypeId};

use super::{names, spell, view};
use crate::backend::Context;

/// Which types cross in which direction.
#[derive(Default)]
pub(super) struct Uses {
    lowered: BTreeSet<TypeId>,
    lifted: BTreeSet<TypeId>,
}

impl Uses {
    /// Values of this type go to the library.
    pub(super) fn lower(&mut self, library: &Library, ty: TypeId) {
        if self.lowered.insert(ty) {
            library
                .parts(ty)
                .into_iter()
                .for_each(|part| self.lower(library, part));
        }
    }

    /// Values of this type come from the library.
    pub(super) fn lift(&mut self, library: &Library, ty: TypeId) {
        if self.lifted.insert(ty) {
            library
                .parts(ty)
                .into_iter()
                .for_each(|part| self.lift(library, part));
        }
    }
}

fn has_text(library: &Library, ty: TypeId) -> bool {
    library.any_part(ty, |ty| matches!(library.ty(ty).shape, Shape::String))
}

/// The function that does `verb` for values of a type.
pub(super) fn name(library: &Library, verb: &str, ty: TypeId) -> String {
    let mut parts = Vec::new();
    let mut ty = ty;
    loop {
        let (word, target) = match library.ty(ty).shape {
            Shape::Nullable(target) => ("Nullable", target),
            Shape::Boxed(target) => ("Boxed", target),
            _ => break,
        };
        parts.push(word);
        ty = target;
    }
    let suffix = names::suffix(library, &library.ty(ty).c_name);
    parts.push(&suffix);
    names::internal(verb, &parts)
}

/// Whether a value can hold what is refused here: nil for an object, or what is no case of its variant.
pub(super) fn misses(library: &Library, ty: TypeId) -> bool {
    library.any_part(ty, |ty| {
        matches!(library.ty(ty).shape, Shape::Variant(_) | Shape::Object(_))
    })
}

/// The address of a place or value; that of `*p` is `p`.
fn address(place: &str) -> String {
    place
        .strip_prefix('*')
        .map_or_else(|| format!("&{place}"), str::to_owned)
}

/// A member of the struct at a place.
fn member(place: &str, name: &str) -> String {
    format!("{}.{name}", place.strip_prefix('*').unwrap_or(place))
}

/// The statement that writes `value` to `place`; a pointer's target is written `*p`. A record has to be addressable.
pub(super) fn lower(cx: &Context<'_>, ty: TypeId, place: &str, value: &str) -> String {
    let library = cx.library;
    let at = address(place);
    let call = |verb| name(library, verb, ty);
    match &library.ty(ty).shape {
        Shape::Scalar(_) | Shape::Enum(_) => {
            format!("{place} = C.{}({value})", library.ty(ty).c_name)
        }
        Shape::Bool => format!("{place} = putBool({value})"),
        Shape::String => format!("putText(fr, {at}, {value})"),
        Shape::Bytes => format!("putBytes(fr, {at}, {value})"),
        Shape::Timestamp => format!("putTime({at}, {value})"),
        Shape::Duration => format!("putDuration({at}, {value})"),
        Shape::Record(_) => format!("{}(fr, {at}, {})", call("lower"), address(value)),
        Shape::Variant(variant) if variant.is_error => {
            format!("{}(fr, {at}, {value})", call("lowerField"))
        }
        Shape::Variant(_) | Shape::List(_) | Shape::Option(_) | Shape::Map { .. } => {
            format!("{}(fr, {at}, {value})", call("lower"))
        }
        Shape::Nullable(_) | Shape::Boxed(_) => format!("{place} = {}(fr, {value})", call("lower")),
        Shape::Object(_) => {
            let name = spell::quoted(spell::go_type(cx, ty).as_bytes());
            format!("putObject(fr, {at}, {value}.self(), {value} == nil, {name})")
        }
        Shape::Stream(_) => String::new(), // refused where the function is
    }
}

/// The expression that reads `place`; `what` names the value in an error.
pub(super) fn lift(cx: &Context<'_>, ty: TypeId, place: &str, what: &str) -> String {
    let library = cx.library;
    let at = address(place);
    match &library.ty(ty).shape {
        Shape::Scalar(_) | Shape::Enum(_) => format!("{}({place})", spell::go_type(cx, ty)),
        Shape::Bool => format!("{place} != 0"),
        Shape::String => format!("getText(rd, {at})"),
        Shape::Bytes => format!("getBytes(rd, {at})"),
        Shape::Timestamp => format!("getTime(rd, {at}, {})", spell::quoted(what.as_bytes())),
        Shape::Duration => format!("getDuration(rd, {at}, {})", spell::quoted(what.as_bytes())),
        Shape::Object(index) => {
            format!(
                "{}(rd.object(uint64({place})))",
                open(&names::item(cx, &library.objects[*index].common))
            )
        }
        _ => format!("{}(rd, {at})", name(library, "lift", ty)),
    }
}

/// Whether the expression that [`lift`] makes for a type needs the reader.
pub(super) fn needs_reader(library: &Library, ty: TypeId) -> bool {
    !matches!(
        library.ty(ty).shape,
        Shape::Scalar(_) | Shape::Enum(_) | Shape::Bool
    )
}

/// The function that makes an object of a handle.
pub(super) fn open(object: &str) -> String {
    names::internal("open", &[object])
}

/// The expression for the length of all strings at `place`; `None` without strings.
pub(super) fn text(library: &Library, ty: TypeId, place: &str) -> Option<String> {
    match &library.ty(ty).shape {
        Shape::String => Some(format!("int({})", member(place, "len"))),
        _ => has_text(library, ty)
            .then(|| format!("{}({})", name(library, "text", ty), address(place))),
    }
}

/// The reader of a result: `places` are its parts. A single string needs no shared memory.
pub(super) fn reader(library: &Library, places: &[(TypeId, String)]) -> String {
    if let [(ty, _)] = places
        && matches!(library.ty(*ty).shape, Shape::String)
    {
        return "reader{}".to_owned();
    }
    let texts: Vec<String> = places
        .iter()
        .filter_map(|(ty, place)| text(library, *ty, place))
        .collect();
    if texts.is_empty() {
        "reader{}".to_owned()
    } else {
        format!("makeReader({})", texts.join(" + "))
    }
}

/// The conversion functions that `uses` needs, in the order of the types.
pub(super) fn functions(cx: &Context<'_>, uses: &Uses) -> Vec<view::Conversion> {
    let mut all = Vec::new();
    for index in 0..cx.library.types.len() {
        let ty = TypeId(index);
        let directions = (uses.lowered.contains(&ty), uses.lifted.contains(&ty));
        if directions == (false, false) {
            continue;
        }
        if let Some(mut conversion) = conversion(cx, ty) {
            (conversion.lowers, conversion.lifts) = directions;
            conversion.texts = conversion.lifts && has_text(cx.library, ty);
            conversion.recursive = cx.library.is_recursive(ty);
            conversion.reader = reader(cx.library, &[(ty, "*p".to_owned())]);
            all.push(conversion);
        }
    }
    all
}

fn conversion(cx: &Context<'_>, ty: TypeId) -> Option<view::Conversion> {
    let library = cx.library;
    let mut view = view::Conversion {
        lower: name(library, "lower", ty),
        lift: name(library, "lift", ty),
        text: name(library, "text", ty),
        lower_field: name(library, "lowerField", ty),
        fail: name(library, "fail", ty),
        c_type: spell::c_stored(library, ty).to_owned(),
        go_type: spell::go_type(cx, ty),
        ..view::Conversion::default()
    };
    match &library.ty(ty).shape {
        Shape::Record(record) => {
            view.kind = "record";
            view.fields = fields(cx, &view.go_type, &record.fields);
        }
        Shape::Variant(variant) => {
            view.kind = if variant.is_error { "error" } else { "variant" };
            view.cases = variant
                .cases
                .iter()
                .enumerate()
                .map(|(tag, case)| {
                    let (go_type, sentinel) = super::types::case_names(cx, variant, case);
                    view::ConversionCase {
                        fields: fields(cx, &go_type, &case.fields),
                        has_text: case.fields.iter().any(|field| has_text(library, field.ty)),
                        tag,
                        c_struct: case.c_struct.clone(),
                        is_sentinel: sentinel,
                        go_type,
                    }
                })
                .collect();
        }
        Shape::List(element) => {
            view.kind = if spell::is_flat(library, *element) {
                "flat"
            } else {
                "list"
            };
            view.element = Some(element_of(cx, *element, "c[i]", "v[i]", "c[i]"));
        }
        Shape::Option(inner) => {
            let nil = spell::has_nil(library, *inner);
            view.kind = if nil { "option_nil" } else { "option" };
            view.element = Some(element_of(
                cx,
                *inner,
                "p.value",
                if nil { "v" } else { "*v" },
                "p.value",
            ));
        }
        Shape::Nullable(target) => {
            let nil = spell::has_nil(library, *target);
            view.kind = if nil { "nullable_nil" } else { "nullable" };
            view.element = Some(element_of(
                cx,
                *target,
                "c[0]",
                if nil { "v" } else { "*v" },
                "c[0]",
            ));
        }
        Shape::Boxed(target) => {
            view.kind = "boxed";
            view.element = Some(element_of(cx, *target, "c[0]", "v", "c[0]"));
        }
        Shape::Map {
            key,
            value,
            pair_c_name,
            ..
        } => {
            view.kind = "map";
            view.pair.clone_from(pair_c_name);
            view.key = Some(element_of(cx, *key, "c[i].key", "key", "c[i].key"));
            view.element = Some(element_of(cx, *value, "c[i].value", "value", "c[i].value"));
        }
        _ => return None,
    }
    Some(view)
}

fn fields(cx: &Context<'_>, owner: &str, fields: &[Field]) -> Vec<view::ConversionField> {
    fields
        .iter()
        .map(|field| {
            let go = names::field(&field.name, fields.len());
            let place = format!("p.{}", names::c_member(&field.c_name));
            let what = format!("{owner}.{go}");
            view::ConversionField {
                lower: lower(cx, field.ty, &place, &format!("v.{go}")),
                step: misses(cx.library, field.ty)
                    .then(|| spell::quoted(format!(".{}", field.name).as_bytes())),
                lift: format!("v.{go} = {}", lift(cx, field.ty, &place, &what)),
                text: text(cx.library, field.ty, &place),
            }
        })
        .collect()
}

fn element_of(cx: &Context<'_>, ty: TypeId, place: &str, value: &str, from: &str) -> view::Element {
    view::Element {
        c_type: spell::c_stored(cx.library, ty).to_owned(),
        go_type: spell::go_type(cx, ty),
        lower: lower(cx, ty, place, value),
        misses: misses(cx.library, ty),
        lift: lift(
            cx,
            ty,
            from,
            &format!("an element of type {}", spell::go_type(cx, ty)),
        ),
        text: text(cx.library, ty, from),
    }
}
