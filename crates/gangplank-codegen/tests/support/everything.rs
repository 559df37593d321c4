//! A library with everything that Go has to spell.

use gangplank_model::lowered::{
    Library, Mode, Pass, Record, ResultsStruct, Return, Shape, Type, TypeId,
};

use crate::sample;

/// The sample with what it lacks: objects in signatures, errors as values, boxes, variants by pointer, nested options.
pub(crate) fn library() -> Library {
    let mut library = sample::library();
    let ids = |name: &str| {
        let at = library.types.iter().position(|ty| ty.c_name == name);
        TypeId(at.unwrap_or_else(|| panic!("no {name}")))
    };
    let (node, figure, failure, number) = (
        ids("kit_node"),
        ids("kit_figure"),
        ids("kit_failure"),
        ids("int64_t"),
    );
    let option = ids("kit_option_i64");
    let mut add = |shape: Shape, c_name: &str, size: usize, align: usize| {
        library.types.push(Type {
            shape,
            c_name: c_name.into(),
            size,
            align,
            heap: true,
        });
        TypeId(library.types.len() - 1)
    };
    let store = add(Shape::Object(0), "uint64_t", 8, 8);
    let boxed = add(Shape::Boxed(node), "const kit_node *", 8, 8);
    let maybe_figure = add(Shape::Nullable(figure), "const kit_figure *", 8, 8);
    let figures = add(Shape::List(figure), "kit_list_figure", 16, 8);
    let numbers = add(Shape::List(number), "kit_list_i64", 16, 8);
    let maybe_failure = add(Shape::Option(failure), "kit_option_failure", 32, 8);
    let nested = add(Shape::Option(option), "kit_option_option_i64", 24, 8);
    let span = add(Shape::Duration, "gp_time", 16, 8);
    let places = [
        ("error", failure, 0),
        ("type", boxed, 24),
        ("func", maybe_figure, 32),
        ("figures", figures, 40),
        ("maybe_failure", maybe_failure, 56),
        ("nested", nested, 88),
        ("span", span, 112),
        ("numbers", numbers, 128),
    ];
    let fields = places.map(|(name, ty, offset)| sample::field(name, ty, offset, None));
    let pack = Record {
        common: sample::common("Pack"),
        fields: fields.into(),
        default_c_name: None,
    };
    let pack = add(Shape::Record(pack), "kit_pack", 144, 8);
    for (name, mode) in [("swap", Mode::Sync), ("swap_later", Mode::Async)] {
        let params = vec![
            sample::param("store", store, Pass::Handle, 0),
            sample::param("pack", pack, Pass::Pointer, 8),
            sample::param("table", numbers, Pass::Pointer, 152),
            sample::param("text", maybe_figure, Pass::Address, 168),
            sample::param("range", failure, Pass::Pointer, 176),
        ];
        let mut swap = sample::function(
            &format!("kit_{name}"),
            mode,
            Return::Out,
            params,
            vec![pack, store],
        );
        swap.common = sample::common(name);
        swap.error = Some(failure);
        swap.results_struct = Some(ResultsStruct {
            c_name: format!("kit_{name}_results"),
            offsets: vec![0, 144],
            size: 152,
        });
        library.functions.push(swap);
    }
    library
}
