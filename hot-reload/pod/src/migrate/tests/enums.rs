//! Enums, and options.

use super::*;

/// An enum with or without data.
macro_rules! choice {
    ($repr:meta, $name:ident { $($variants:tt)* }) => {
        #[derive(Debug, Clone, Copy, PartialEq, SharedState)]
        #[$repr]
        #[allow(dead_code, reason = "variants that no value is in")]
        pub(super) enum $name { $($variants)* }
    };
}

change! { a_variant_added_in_front
    was { choice!(repr(u8), Mode { Run, Stop }); } [mode: Mode] = { mode: Mode::Stop }
    now { choice!(repr(u8), Mode { Menu, Run, Stop }); } [mode: Mode] fresh { mode: Mode::Menu }
        => { mode: Mode::Stop }
    "kept      mode: variants by name"
}
change! { a_variant_removed_that_no_value_is_in
    was { choice!(repr(u8), Mode { Run, Stop, Wait }); } [mode: Mode] = { mode: Mode::Wait }
    now { choice!(repr(u8), Mode { Wait, Run }); } [mode: Mode] fresh { mode: Mode::Run }
        => { mode: Mode::Wait }
    "kept      mode: variants by name"
}
change! { a_variant_removed
    was { choice!(repr(u8), Mode { Run, Stop, Wait }); } [mode: Mode] = { mode: Mode::Stop }
    now { choice!(repr(u8), Mode { Run, Wait }); } [mode: Mode] fresh { mode: Mode::Wait }
        => { mode: Mode::Wait }
    "parked    mode: there is no `Stop` any more; reset to the default" back "restored  mode"
}
change! { renumbered_with_another_tag
    was { choice!(repr(i8), Mode { Run = -1, Stop = 5 }); } [a: Mode, b: Mode] = { a: Mode::Run, b: Mode::Stop }
    now { choice!(repr(i64), Mode { Stop = -70_000, Run = 3 }); } [a: Mode, b: Mode]
        fresh { a: Mode::Stop, b: Mode::Run } => { a: Mode::Run, b: Mode::Stop }
    "kept      a: variants by name
        kept      b: variants by name"
}
change! { a_variant_renamed
    was { choice!(repr(u8), Mode { Run, Stop }); } [mode: Mode] = { mode: Mode::Stop }
    now { choice!(repr(u8), Mode { Run, #[shared(was = "Stop")] Halt }); } [mode: Mode]
        fresh { mode: Mode::Run } => { mode: Mode::Halt }
    "kept      mode: variants by name"
    otherwise { mode: Mode::Run }
}
change! { given_data
    was { choice!(repr(u8), Shape { Dot, Circle }); } [shape: Shape] = { shape: Shape::Circle }
    now { choice!(repr(C, u8), Shape { Dot, Circle { #[shared(default = 2.0)] r: f32, n: u8 } }); } [shape: Shape]
        fresh { shape: Shape::Dot } => { shape: Shape::Circle { r: 2.0, n: 0 } }
    "kept      shape: variants by name
        defaulted shape.Circle.r: new: as `default` says
        defaulted shape.Circle.n: new: blank"
}
change! { data_that_changes
    was { choice!(repr(C, u8), Shape { Dot, Circle { r: f32, hue: u8 }, Line(u8, u8) }); } [a: Shape, b: Shape]
        = { a: Shape::Circle { r: 1.5, hue: 7 }, b: Shape::Line(1, 2) }
    now { choice!(repr(C, u8), Shape { Line(u8, u16, bool), Circle { r: f64 } }); } [a: Shape, b: Shape]
        fresh { a: Shape::Circle { r: 9.0 }, b: Shape::Circle { r: 9.0 } }
        => { a: Shape::Circle { r: 1.5 }, b: Shape::Line(1, 2, false) }
    "kept      a: variants by name
        converted a.Circle.r: f32 → f64
        parked    a.Circle.hue: removed (u8)
        kept      b: variants by name
        kept      b.Line.0
        converted b.Line.1: u8 → u16
        defaulted b.Line.2: new: blank" back "kept      a: variants by name
        converted a.Circle.r: f64 → f32
        restored  a.Circle.hue
        kept      b: variants by name
        kept      b.Line.0
        converted b.Line.1: u16 → u8
        parked    b.Line.2: removed (bool)"
}
change! { in_a_list
    was { choice!(repr(C, u8), Shape { Dot, Circle(f64), Gone(u8) }); } [a: FixedVec<Shape, 4>]
        = { a: list(&[Shape::Circle(1.1), Shape::Gone(3), Shape::Dot, Shape::Circle(0.5)]) }
    now { choice!(repr(C, u8), Shape { Dot, Circle(f32) }); } [a: FixedVec<Shape, 4>] fresh { a: list(&[]) }
        => { a: list(&[Shape::Circle(1.1), Shape::Dot, Shape::Dot, Shape::Circle(0.5)]) }
    "kept      a
        kept      a[]: variants by name (3 of 4)
        parked    a[]: there is no `Gone` any more; reset to the default (1 of 4)
        converted a[].Circle.0: f64 → f32, 1 not exactly (the old value is parked) (2 of 4)" back "kept      a
        kept      a[]: variants by name (3 of 4)
        converted a[].Circle.0: f32 → f64 (1 of 4)
        restored  a[].Circle.0: (1 of 4)
        restored  a[]: (1 of 4)"
}
change! { no_variant_in_common
    was { choice!(repr(u8), Mode { Run, Stop }); } [mode: Mode] = { mode: Mode::Stop }
    now { choice!(repr(u8), Mode { Here, There }); } [mode: Mode] fresh { mode: Mode::There }
        => { mode: Mode::There }
    "parked    mode: a `Mode` cannot become a `Mode`; reset to the default"
}
change! { a_value_becomes_an_option
    was {} [a: u32, b: bool] = { a: 5, b: true }
    now {} [a: FixedOption<u32>, b: FixedOption<u8>] fresh { a: FixedOption::None, b: FixedOption::None }
        => { a: some(5), b: some(1) }
    "kept      a
        converted b: bool → u8"
}
change! { a_value_that_is_rounded_becomes_an_option
    was {} [a: i32, b: f64] = { a: 29, b: 1.1 }
    now {} [a: FixedOption<bool>, b: FixedOption<f32>]
        fresh { a: FixedOption::None, b: FixedOption::None }
        => { a: some(true), b: some(1.1) }
    "converted a: i32 → bool, not exactly (the old value is parked)
        converted b: f64 → f32, not exactly (the old value is parked)" back "restored  a
        restored  b"
}
change! { an_option_becomes_a_value
    was {} [a: FixedOption<u32>, b: FixedOption<u32>] = { a: some(5), b: FixedOption::None }
    now {} [a: u32, b: u64] fresh { a: 7, b: 8 } => { a: 5, b: 8 }
    "kept      a
        defaulted b: `None` before: the default stays" back "kept      a
        restored  b"
}
change! { an_option_of_an_option_is_no_value
    was {} [a: FixedOption<FixedOption<u32>>, b: u32] = { a: some(FixedOption::None), b: 5 }
    now {} [a: u32, b: FixedOption<FixedOption<u32>>] fresh { a: 7, b: FixedOption::None }
        => { a: 7, b: FixedOption::None }
    "parked    a: a `FixedOption<FixedOption<u32>>` cannot become a `u32`; reset to the default
        parked    b: a `u32` cannot become a `FixedOption<FixedOption<u32>>`; reset to the default" back
    "restored  a
        parked    a: a `u32` cannot become a `FixedOption<FixedOption<u32>>`
        parked    b: a `FixedOption<FixedOption<u32>>` cannot become a `u32`
        restored  b"
}
change! { an_enum_becomes_an_option_of_it
    was { choice!(repr(u8), Mode { None, Run, Stop }); } [a: Mode, b: FixedOption<Mode>]
        = { a: Mode::Stop, b: some(Mode::Run) }
    now { choice!(repr(u8), Mode { None, Run, Stop }); } [a: FixedOption<Mode>, b: Mode]
        fresh { a: FixedOption::None, b: Mode::None } => { a: some(Mode::Stop), b: Mode::Run }
    "kept      a
        kept      b"
}
change! { an_option_of_something_else
    was {} [a: FixedOption<u32>, b: FixedOption<u32>] = { a: some(300), b: FixedOption::None }
    now {} [a: FixedOption<u8>, b: FixedOption<u8>] fresh { a: FixedOption::None, b: some(4) }
        => { a: some(0), b: FixedOption::None }
    "kept      a: variants by name
        parked    a.Some.0: 300 does not fit into u8; reset to the default
        kept      b: variants by name" back "kept      a: variants by name
        restored  a.Some.0
        kept      b: variants by name"
}
change! { an_option_of_a_struct_loses_a_field
    was { state!(Hit { at: u32, by: u8 }); } [hit: FixedOption<Hit>] = { hit: some(Hit { at: 4, by: 3 }) }
    now { state!(Hit { at: u32 }); } [hit: FixedOption<Hit>] fresh { hit: FixedOption::None }
        => { hit: some(Hit { at: 4 }) }
    "kept      hit: variants by name
        kept      hit.Some.0.at
        parked    hit.Some.0.by: removed (u8)" back "kept      hit: variants by name
        kept      hit.Some.0.at
        restored  hit.Some.0.by"
}
