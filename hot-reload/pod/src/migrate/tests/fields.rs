//! Fields that are added, removed, moved and renamed.

use super::*;

change! { added_in_front
    was {} [a: u32, b: u8] = { a: 1, b: 2 }
    now {} [z: u16, a: u32, b: u8] fresh { z: 9, a: 0, b: 0 } => { z: 9, a: 1, b: 2 }
    "defaulted z: new: as in a fresh state
        kept      a
        kept      b" back "kept      a
        kept      b
        parked    z: removed (u16)"
}
change! { added_in_the_middle
    was {} [a: u32, b: f32] = { a: 1, b: 2.5 }
    now {} [a: u32, z: [u8; 3], b: f32] fresh { a: 0, z: [7; 3], b: 0.0 } => { a: 1, z: [7; 3], b: 2.5 }
    "kept      a
        defaulted z: new: as in a fresh state
        kept      b"
}
change! { added_at_the_end_of_a_nested_struct
    was { state!(Player { x: f32, y: f32 }); } [player: Player, score: u64]
        = { player: Player { x: 1.0, y: 2.0 }, score: 3 }
    now { state!(Player { x: f32, y: f32, lives: u8 }); } [player: Player, score: u64]
        fresh { player: Player { x: 0.0, y: 0.0, lives: 3 }, score: 0 }
        => { player: Player { x: 1.0, y: 2.0, lives: 3 }, score: 3 }
    "kept      player.x
        kept      player.y
        defaulted player.lives: new: as in a fresh state
        kept      score"
}
change! { added_in_the_elements_of_an_array_has_the_fresh_values
    was { state!(Cell { on: bool }); } [cells: [Cell; 2]]
        = { cells: [Cell { on: true }, Cell { on: false }] }
    now { state!(Cell { #[shared(default = 5)] heat: u8, on: bool }); } [cells: [Cell; 2]]
        fresh { cells: [Cell { heat: 1, on: false }, Cell { heat: 2, on: true }] }
        => { cells: [Cell { heat: 1, on: true }, Cell { heat: 2, on: false }] }
    "kept      cells
        defaulted cells[].heat: new: as in a fresh state
        kept      cells[].on"
}
change! { added_in_the_elements_of_a_list_has_its_default
    was { state!(Ball { x: f32 }); } [balls: FixedVec<Ball, 3>]
        = { balls: list(&[Ball { x: 1.0 }, Ball { x: 2.0 }]) }
    now { state!(Ball { #[shared(default = 0.5)] mass: f32, x: f32, spin: u8 }); }
        [balls: FixedVec<Ball, 3>] fresh { balls: list(&[]) }
        => { balls: list(&[Ball { mass: 0.5, x: 1.0, spin: 0 }, Ball { mass: 0.5, x: 2.0, spin: 0 }]) }
    "kept      balls
        defaulted balls[].mass: new: as `default` says
        kept      balls[].x
        defaulted balls[].spin: new: blank"
}
change! { added_in_an_option
    was { state!(Hit { at: u32 }); } [hit: FixedOption<Hit>] = { hit: some(Hit { at: 4 }) }
    now { state!(Hit { at: u32, #[shared(default = 9)] by: u8 }); } [hit: FixedOption<Hit>]
        fresh { hit: FixedOption::None } => { hit: some(Hit { at: 4, by: 9 }) }
    "kept      hit: variants by name
        kept      hit.Some.0.at
        defaulted hit.Some.0.by: new: as `default` says"
}
change! { removed_and_back
    was {} [a: u32, gone: FixedString<8>, b: f32] = { a: 7, gone: text("hello"), b: 1.5 }
    now {} [b: f32, new: u16, a: u64] fresh { b: 0.0, new: 42, a: 0 } => { b: 1.5, new: 42, a: 7 }
    "kept      b
        defaulted new: new: as in a fresh state
        converted a: u32 → u64
        parked    gone: removed (FixedString<8>)" back "converted a: u64 → u32
        restored  gone
        kept      b
        parked    new: removed (u16)"
}
change! { removed_from_a_list
    was { state!(Ball { x: f32, hue: u8 }); } [balls: FixedVec<Ball, 3>]
        = { balls: list(&[Ball { x: 1.0, hue: 10 }, Ball { x: 2.0, hue: 20 }]) }
    now { state!(Ball { x: f32 }); } [balls: FixedVec<Ball, 3>] fresh { balls: list(&[]) }
        => { balls: list(&[Ball { x: 1.0 }, Ball { x: 2.0 }]) }
    "kept      balls
        kept      balls[].x
        parked    balls[].hue: removed (u8)" back "kept      balls
        kept      balls[].x
        restored  balls[].hue"
}
change! { removed_from_lists_in_an_array
    was { state!(Cell { x: u8, hue: u8 }); } [rows: [FixedVec<Cell, 2>; 2]]
        = { rows: [list(&[Cell { x: 1, hue: 2 }]), list(&[Cell { x: 3, hue: 4 }, Cell { x: 5, hue: 6 }])] }
    now { state!(Cell { x: u8 }); } [rows: [FixedVec<Cell, 2>; 2]] fresh { rows: [list(&[]); 2] }
        => { rows: [list(&[Cell { x: 1 }]), list(&[Cell { x: 3 }, Cell { x: 5 }])] }
    "kept      rows
        kept      rows[]
        kept      rows[][].x
        parked    rows[][].hue: removed (u8)" back "kept      rows
        kept      rows[]
        kept      rows[][].x
        restored  rows[][].hue"
}
change! { reordered
    was {} [a: u8, b: u64, c: bool, d: (u16, char)] = { a: 1, b: 2, c: true, d: (3, 'x') }
    now {} [d: (u16, char), c: bool, b: u64, a: u8] fresh { d: (0, 'a'), c: false, b: 0, a: 0 }
        => { d: (3, 'x'), c: true, b: 2, a: 1 }
    "kept      d
        kept      c
        kept      b
        kept      a"
}
change! { renamed
    was {} [hp: u32, pos: (f32, f32)] = { hp: 9, pos: (1.0, 2.0) }
    now {} [#[shared(was = "hp")] health: u32, #[shared(was = "x", was = "pos")] at: (f32, f32)]
        fresh { health: 0, at: (0.0, 0.0) } => { health: 9, at: (1.0, 2.0) }
    "kept      health: was `hp`
        kept      at: was `pos`"
}
change! { renamed_and_retyped
    was {} [hp: u8] = { hp: 9 }
    now {} [#[shared(was = "hp")] health: f32] fresh { health: 0.0 } => { health: 9.0 }
    "converted health: u8 → f32"
}
change! { a_name_that_is_there_comes_before_one_that_was
    was {} [a: u8, b: u8] = { a: 1, b: 2 }
    now {} [#[shared(was = "b")] a: u8, #[shared(was = "a")] b: u8] fresh { a: 0, b: 0 }
        => { a: 1, b: 2 }
    "kept      (the whole)"
}
change! { only_one_new_field_gets_an_old_one
    was {} [a: u8] = { a: 1 }
    now {} [#[shared(was = "a")] b: u8, #[shared(was = "a")] c: u8] fresh { b: 5, c: 6 }
        => { b: 1, c: 6 }
    "kept      b: was `a`
        defaulted c: new: as in a fresh state"
}
change! { a_type_of_its_own
    was {} [a: u32, b: [u8; 2], c: FixedVec<u8, 2>] = { a: 1, b: [2, 3], c: list(&[4]) }
    now { state!(Id { value: u32 }); state!(Pair { both: [u8; 2] }); state!(Few { list: FixedVec<u8, 2> }); }
        [a: Id, b: Pair, c: Few]
        fresh { a: Id { value: 0 }, b: Pair { both: [0; 2] }, c: Few { list: list(&[]) } }
        => { a: Id { value: 1 }, b: Pair { both: [2, 3] }, c: Few { list: list(&[4]) } }
    "kept      a
        kept      b
        kept      c"
}
change! { a_struct_in_a_struct_of_its_own
    was { state!(Ball { x: f32, y: f32 }); } [ball: Ball] = { ball: Ball { x: 1.0, y: 2.0 } }
    now { state!(Ball { x: f32, y: f32 }); state!(Shared { inner: Ball }); } [ball: Shared]
        fresh { ball: Shared { inner: Ball { x: 0.0, y: 0.0 } } }
        => { ball: Shared { inner: Ball { x: 1.0, y: 2.0 } } }
    "kept      ball"
}
change! { a_type_of_its_own_and_wider
    was {} [a: u32] = { a: 1 }
    now { state!(Id { value: u64 }); } [a: Id] fresh { a: Id { value: 0 } } => { a: Id { value: 1 } }
    "converted a: u32 → u64"
}
change! { fields_that_move_into_a_struct_are_parked
    was {} [x: f32, y: f32, n: u8] = { x: 1.0, y: 2.0, n: 3 }
    now { state!(At { x: f32, y: f32 }); } [at: At, n: u8] fresh { at: At { x: 0.0, y: 0.0 }, n: 0 }
        => { at: At { x: 0.0, y: 0.0 }, n: 3 }
    "defaulted at: new: as in a fresh state
        kept      n
        parked    x: removed (f32)
        parked    y: removed (f32)" back "restored  x
        restored  y
        kept      n
        parked    at: removed (At)"
}
change! { a_struct_around_everything
    was {} [x: f32, y: f32] = { x: 1.0, y: 2.0 }
    now { state!(At { x: f32, y: f32 }); } [at: At] fresh { at: At { x: 0.0, y: 0.0 } }
        => { at: At { x: 1.0, y: 2.0 } }
    "kept      (the whole)"
}
change! { tuples_by_position
    was {} [t: (u8, u16)] = { t: (1, 2) }
    now {} [t: (u8, u32, bool)] fresh { t: (0, 0, true) } => { t: (1, 2, true) }
    "kept      t.0
        converted t.1: u16 → u32
        defaulted t.2: new: as in a fresh state"
}
change! { a_tuple_loses_an_element
    was {} [t: (u8, u16, char)] = { t: (1, 2, 'q') }
    now {} [t: (u8, u16)] fresh { t: (0, 0) } => { t: (1, 2) }
    "kept      t.0
        kept      t.1
        parked    t.2: removed (char)"
}
change! { a_version_is_said
    was { state!(#[shared(version = 1)] Clock { ticks: u64 }); } [clock: Clock]
        = { clock: Clock { ticks: 60 } }
    now { state!(#[shared(version = 2)] Clock { ticks: u64 }); } [clock: Clock]
        fresh { clock: Clock { ticks: 0 } } => { clock: Clock { ticks: 60 } }
    "kept      clock: version 1 → 2: fields with the same name are kept; adapt them in `App::migrate`
        kept      clock.ticks"
}
change! { what_cannot_become_the_other_is_parked
    was {} [a: u32, b: FixedString<4>, c: (u8, u8)] = { a: 5, b: text("abc"), c: (1, 2) }
    now {} [a: FixedString<4>, b: [u8; 4], c: bool]
        fresh { a: text("new"), b: [1; 4], c: true } => { a: text("new"), b: [1; 4], c: true }
    "parked    a: a `u32` cannot become a `FixedString<4>`; reset to the default
        parked    b: a `FixedString<4>` cannot become a `[u8; 4]`; reset to the default
        parked    c: a `(u8, u8)` cannot become a `bool`; reset to the default" back "parked    a: a `FixedString<4>` cannot become a `u32`
        restored  a
        restored  b
        parked    b: a `[u8; 4]` cannot become a `FixedString<4>`
        parked    c: a `bool` cannot become a `(u8, u8)`
        restored  c"
}
change! { nothing_in_common
    was {} [a: u32] = { a: 5 }
    now {} [b: u32] fresh { b: 6 } => { b: 6 }
    "defaulted b: new: as in a fresh state; if it was `a`, add `#[shared(was = \"a\")]`
        parked    a: removed (u32)"
}
change! { nothing_at_all
    was {} [] = {}
    now {} [a: ()] fresh { a: () } => { a: () }
    "kept      (the whole)"
}
change! { the_same_again
    was { state!(Ball { x: f32, on: bool }); } [balls: FixedVec<Ball, 2>, n: u8]
        = { balls: list(&[Ball { x: 1.0, on: true }]), n: 3 }
    now { state!(Ball { x: f32, on: bool }); } [balls: FixedVec<Ball, 2>, n: u8]
        fresh { balls: list(&[]), n: 0 } => { balls: list(&[Ball { x: 1.0, on: true }]), n: 3 }
    "kept      (the whole)"
}
