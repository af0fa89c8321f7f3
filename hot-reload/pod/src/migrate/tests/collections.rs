//! Arrays, lists, texts, rings, maps and pools whose sizes and elements change.

use super::roles::*;
use super::*;

change! { an_array_grows
    was {} [a: [u8; 2]] = { a: [1, 2] }
    now {} [a: [u8; 4]] fresh { a: [7; 4] } => { a: [1, 2, 7, 7] }
    "converted a: [u8; 2] → [u8; 4]
        kept      a[]" back "converted a: [u8; 4] → [u8; 2]
        kept      a[]: (2 of 4)
        parked    a[]: no room in 2 (2 of 4)"
}
change! { an_array_shrinks
    was {} [a: [u16; 4]] = { a: [1, 2, 3, 4] }
    now {} [a: [u16; 2]] fresh { a: [7; 2] } => { a: [1, 2] }
    "converted a: [u16; 4] → [u16; 2]
        kept      a[]: (2 of 4)
        parked    a[]: no room in 2 (2 of 4)" back "converted a: [u16; 2] → [u16; 4]
        kept      a[]: (2 of 4)
        restored  a[]: (2 of 4)"
}
change! { a_grid_shrinks_both_ways
    was {} [a: [[u8; 3]; 2]] = { a: [[1, 2, 3], [4, 5, 6]] }
    now {} [a: [[u8; 2]; 1]] fresh { a: [[9; 2]; 1] } => { a: [[1, 2]] }
    "converted a: [[u8; 3]; 2] → [[u8; 2]; 1]
        converted a[]: [u8; 3] → [u8; 2] (1 of 2)
        kept      a[][]: (2 of 3)
        parked    a[][]: no room in 2 (1 of 3)
        parked    a[]: no room in 1 (1 of 2)" back "converted a: [[u8; 2]; 1] → [[u8; 3]; 2]
        converted a[]: [u8; 2] → [u8; 3] (1 of 2)
        kept      a[][]: (2 of 3)
        restored  a[][]: (1 of 3)
        restored  a[]: (1 of 2)"
}
change! { a_list_grows
    was {} [a: FixedVec<u8, 2>] = { a: list(&[1, 2]) }
    now {} [a: FixedVec<u8, 4>] fresh { a: list(&[9, 9, 9]) } => { a: list(&[1, 2]) }
    "converted a: FixedVec<u8, 2> → FixedVec<u8, 4>
        kept      a[]"
}
change! { a_list_shrinks
    was {} [a: FixedVec<char, 4>] = { a: list(&['a', 'b', 'c', 'd']) }
    now {} [a: FixedVec<char, 3>] fresh { a: list(&[]) } => { a: list(&['a', 'b', 'c']) }
    "converted a: FixedVec<char, 4> → FixedVec<char, 3>
        kept      a[]: (3 of 4)
        parked    a[]: no room in 3 (1 of 4)" back "converted a: FixedVec<char, 3> → FixedVec<char, 4>
        kept      a[]: (3 of 4)
        restored  a[]: (1 of 4)"
}
change! { an_empty_list_of_new_elements
    was { state!(Ball { x: f32 }); } [a: FixedVec<Ball, 2>] = { a: list(&[]) }
    now { state!(Ball { y: f32 }); } [a: FixedVec<Ball, 2>] fresh { a: list(&[Ball { y: 1.0 }]) }
        => { a: list(&[]) }
    "kept      a"
}
change! { elements_get_new_fields_and_lists_another_capacity
    was { state!(Ball { x: f32, name: FixedString<8> }); } [balls: FixedVec<Ball, 4>]
        = { balls: list(&[
            Ball { x: 1.0, name: text("one") },
            Ball { x: 2.0, name: text("second") },
            Ball { x: 3.0, name: text("three") },
        ]) }
    now { state!(Ball { name: FixedString<4>, #[shared(default = 2.5)] mass: f32, spin: f32, x: f64 }); }
        [balls: FixedVec<Ball, 2>] fresh { balls: list(&[]) }
        => { balls: list(&[
            Ball { name: text("one"), mass: 2.5, spin: 0.0, x: 1.0 },
            Ball { name: text("seco"), mass: 2.5, spin: 0.0, x: 2.0 },
        ]) }
    "converted balls: FixedVec<Ball, 4> → FixedVec<Ball, 2>
        converted balls[].name: FixedString<8> → FixedString<4>, 1 not exactly (the old value is parked) (2 of 3)
        defaulted balls[].mass: new: as `default` says (2 of 3)
        defaulted balls[].spin: new: blank (2 of 3)
        converted balls[].x: f32 → f64 (2 of 3)
        parked    balls[]: no room in 2 (1 of 3)" back "converted balls: FixedVec<Ball, 2> → FixedVec<Ball, 4>
        converted balls[].x: f64 → f32 (2 of 3)
        converted balls[].name: FixedString<4> → FixedString<8> (1 of 3)
        restored  balls[].name: (1 of 3)
        parked    balls[].mass: removed (f32) (2 of 3)
        parked    balls[].spin: removed (f32) (2 of 3)
        restored  balls[]: (1 of 3)"
}
change! { an_array_becomes_a_list
    was {} [a: [u8; 3]] = { a: [1, 2, 3] }
    now {} [a: FixedVec<u8, 4>] fresh { a: list(&[]) } => { a: list(&[1, 2, 3]) }
    "converted a: [u8; 3] → FixedVec<u8, 4>
        kept      a[]" back "converted a: FixedVec<u8, 4> → [u8; 3]
        kept      a[]"
}
change! { an_array_becomes_a_shorter_list
    was {} [a: [u8; 3]] = { a: [1, 2, 3] }
    now {} [a: FixedVec<u8, 2>] fresh { a: list(&[]) } => { a: list(&[1, 2]) }
    "converted a: [u8; 3] → FixedVec<u8, 2>
        kept      a[]: (2 of 3)
        parked    a[]: no room in 2 (1 of 3)" back "converted a: FixedVec<u8, 2> → [u8; 3]
        kept      a[]: (2 of 3)
        restored  a[]: (1 of 3)"
}
change! { a_list_becomes_an_array
    was {} [a: FixedVec<u8, 4>] = { a: list(&[1, 2]) }
    now {} [a: [u16; 4]] fresh { a: [9; 4] } => { a: [1, 2, 9, 9] }
    "converted a: FixedVec<u8, 4> → [u16; 4], not exactly (the old value is parked)
        converted a[]: u8 → u16" back "restored  a"
}
change! { a_text_is_cut_before_a_character
    was {} [a: FixedString<8>, b: FixedString<8>] = { a: text("aé→"), b: text("ok") }
    now {} [a: FixedString<5>, b: FixedString<5>] fresh { a: text("new"), b: text("") }
        => { a: text("aé"), b: text("ok") }
    "converted a: FixedString<8> → FixedString<5>, not exactly (the old value is parked)
        converted b: FixedString<8> → FixedString<5>" back "restored  a
        converted b: FixedString<5> → FixedString<8>"
}
change! { a_text_grows
    was {} [a: FixedString<6>] = { a: text("aé→") }
    now {} [a: FixedString<16>] fresh { a: text("something long") } => { a: text("aé→") }
    "converted a: FixedString<6> → FixedString<16>"
}
change! { elements_without_bytes
    was {} [a: FixedVec<(), 7>, b: [(); 3]] = { a: list(&[(); 7]), b: [(); 3] }
    now {} [a: FixedVec<(), 5>, b: [(); 4]] fresh { a: list(&[]), b: [(); 4] }
        => { a: list(&[(); 5]), b: [(); 4] }
    "converted a: FixedVec<(), 7> → FixedVec<(), 5>
        kept      a[]: (5 of 7)
        parked    a[]: no room in 5 (2 of 7)
        converted b: [(); 3] → [(); 4]
        kept      b[]"
}
change! { a_ring_begins_at_its_oldest
    was {} [a: Ring<u8, 3>] = { a: ring(0, &[3, 4, 5]) }
    now {} [a: Ring<u16, 4>] fresh { a: ring(2, &[9, 9]) } => { a: Ring { items: [3, 4, 5, 9], ..ring(0, &[3, 4, 5]) } }
    "converted a: Ring<u8, 3> → Ring<u16, 4>
        converted a[]: u8 → u16"
}
change! { a_ring_forgets_its_oldest
    was {} [a: Ring<u8, 4>] = { a: ring(0, &[1, 2, 3, 4]) }
    now {} [a: Ring<u8, 2>] fresh { a: ring(0, &[]) } => { a: ring(0, &[3, 4]) }
    "converted a: Ring<u8, 4> → Ring<u8, 2>
        kept      a[]: (2 of 4)
        parked    a[]: no room in 2 (2 of 4)" back "converted a: Ring<u8, 2> → Ring<u8, 4>
        kept      a[]: (2 of 4)
        restored  a[]: (2 of 4)"
}
change! { a_list_becomes_a_ring
    was {} [a: FixedVec<u8, 3>] = { a: list(&[1, 2, 3]) }
    now {} [a: Ring<u8, 2>] fresh { a: ring(1, &[9]) } => { a: ring(0, &[2, 3]) }
    "converted a: FixedVec<u8, 3> → Ring<u8, 2>
        kept      a[]: (2 of 3)
        parked    a[]: no room in 2 (1 of 3)"
}
change! { a_ring_becomes_an_array
    was {} [a: Ring<u8, 3>] = { a: ring(0, &[1, 2, 3]) }
    now {} [a: [u8; 1]] fresh { a: [9] } => { a: [3] }
    "converted a: Ring<u8, 3> → [u8; 1]
        kept      a[]: (1 of 3)
        parked    a[]: no room in 1 (2 of 3)"
}
change! { an_array_becomes_a_ring
    was {} [a: [u8; 3]] = { a: [1, 2, 3] }
    now {} [a: Ring<u8, 2>] fresh { a: ring(0, &[]) } => { a: ring(0, &[2, 3]) }
    "converted a: [u8; 3] → Ring<u8, 2>
        kept      a[]: (2 of 3)
        parked    a[]: no room in 2 (1 of 3)" back "converted a: Ring<u8, 2> → [u8; 3]
        kept      a[]: (2 of 3)
        restored  a[]: (1 of 3)"
}
change! { a_map_gets_new_values
    was { state!(Price { cents: u32 }); } [a: Map<u32, Price, 4>]
        = { a: map(&[(3, Price { cents: 30 }), (5, Price { cents: 50 })]) }
    now { state!(Price { cents: u64, #[shared(default = true)] net: bool }); } [a: Map<u16, Price, 4>]
        fresh { a: map(&[]) }
        => { a: map(&[(3, Price { cents: 30, net: true }), (5, Price { cents: 50, net: true })]) }
    "converted a: Map<u32, Price, 4> → Map<u16, Price, 4>
        converted a[].key: u32 → u16
        converted a[].cents: u32 → u64
        defaulted a[].net: new: as `default` says"
}
change! { a_key_that_does_not_fit_takes_its_value_along
    was {} [a: Map<u32, char, 4>] = { a: map(&[(1, 'a'), (2, 'b'), (300, 'c')]) }
    now {} [a: Map<u8, char, 4>] fresh { a: map(&[]) } => { a: map(&[(1, 'a'), (2, 'b')]) }
    "converted a: Map<u32, char, 4> → Map<u8, char, 4>
        converted a[].key: u32 → u8 (2 of 3)
        kept      a[]: (2 of 3)
        parked    a[]: a key does not fit (1 of 3)" back "converted a: Map<u8, char, 4> → Map<u32, char, 4>
        converted a[].key: u8 → u32 (2 of 3)
        kept      a[]: (2 of 3)
        restored  a[]: (1 of 3)"
}
change! { a_map_shrinks
    was {} [a: Map<u32, u8, 3>] = { a: map(&[(1, 10), (2, 20), (3, 30)]) }
    now {} [a: Map<u32, u8, 2>] fresh { a: map(&[]) } => { a: map(&[(1, 10), (2, 20)]) }
    "converted a: Map<u32, u8, 3> → Map<u32, u8, 2>
        kept      a[].key: (2 of 3)
        kept      a[]: (2 of 3)
        parked    a[]: no room in 2 (1 of 3)" back "converted a: Map<u32, u8, 2> → Map<u32, u8, 3>
        kept      a[].key: (2 of 3)
        kept      a[]: (2 of 3)
        restored  a[]: (1 of 3)"
}
change! { values_of_a_map_that_do_not_fit
    was {} [a: Map<u32, u32, 3>] = { a: map(&[(1, 10), (2, 2000), (3, 30)]) }
    now {} [a: Map<u32, u8, 3>] fresh { a: map(&[]) } => { a: map(&[(1, 10), (2, 0), (3, 30)]) }
    "converted a: Map<u32, u32, 3> → Map<u32, u8, 3>
        kept      a[].key
        converted a[]: u32 → u8 (2 of 3)
        parked    a[]: 2000 does not fit into u8; reset to the default (1 of 3)" back "converted a: Map<u32, u8, 3> → Map<u32, u32, 3>
        kept      a[].key
        converted a[]: u8 → u32 (2 of 3)
        restored  a[]: (1 of 3)"
}
change! { a_pool_keeps_generations
    was {} [a: Pool<u16, 3>] = { a: pool([(1, 10), (2, 0), (5, 30)]) }
    now {} [a: Pool<u32, 4>] fresh { a: pool([(1, 7), (1, 7), (1, 7), (1, 7)]) }
        => { a: pool([(1, 10), (2, 0), (5, 30), (0, 0)]) }
    "converted a: Pool<u16, 3> → Pool<u32, 4>
        converted a[]: u16 → u32"
}
change! { a_pool_shrinks
    was {} [a: Pool<char, 4>] = { a: pool([(1, 'a'), (0, '\0'), (3, 'c'), (2, '\0')]) }
    now {} [a: Pool<char, 2>] fresh { a: pool([(0, '\0'); 2]) } => { a: pool([(1, 'a'), (0, '\0')]) }
    "converted a: Pool<char, 4> → Pool<char, 2>
        kept      a[]: (1 of 3)
        parked    a[]: no room in 2 (2 of 3)" back "converted a: Pool<char, 2> → Pool<char, 4>
        kept      a[]: (1 of 3)
        restored  a[]: (2 of 3)"
}
change! { values_of_a_pool_that_are_rounded
    was {} [a: Pool<f64, 2>] = { a: pool([(1, 1.1), (3, 2.0)]) }
    now {} [a: Pool<f32, 2>] fresh { a: pool([(0, 0.0); 2]) } => { a: pool([(1, 1.1), (3, 2.0)]) }
    "converted a: Pool<f64, 2> → Pool<f32, 2>
        converted a[]: f64 → f32, 1 not exactly (the old value is parked)" back "converted a: Pool<f32, 2> → Pool<f64, 2>
        converted a[]: f32 → f64 (1 of 2)
        restored  a[]: (1 of 2)"
}
