#![deny(warnings, clippy::all)]

use hot_reload::{collections::{FixedDuration, FixedInstant, FixedMap, FixedOption, Grid, Handle, Pool, Ring}, FixedString, FixedVec, SharedState};

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
pub struct Holder<T> {
    pub value: T,
    pub older: FixedOption<T>,
}

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
pub struct Node {
    pub next: Handle<Node>,
    pub around: FixedVec<Handle<Node>, 4>,
    #[shared(was = "weight", was = "mass", default = 1.0)]
    pub heft: f32,
}

#[derive(Clone, Copy, SharedState)]
#[repr(C, u8)]
pub enum Shape {
    #[shared(was = "Point")]
    Dot,
    Circle(#[shared(default = 2.5)] f32),
    Line {
        #[shared(was = "target", default = (1.0, 2.0))]
        to: (f32, f32),
        #[shared(default = FixedString::truncated("line"))]
        name: FixedString<8>,
    },
}

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
pub struct Scene<T: Ord, const N: usize> {
    pub nodes: Pool<Node, N>,
    pub first: Handle<Node>,
    pub held: Holder<Holder<Shape>>,
    pub by_key: FixedMap<T, Handle<Node>, 8>,
    pub recent: Ring<T, N>,
    pub board: Grid<Shape, 4, 3>,
    pub cooldown: FixedDuration,
    #[shared(default = FixedInstant::START)]
    pub last_shot: FixedInstant,
}

fn plain<T: SharedState>() -> bool {
    T::SETTLES
}

fn main() {
    assert!(plain::<Scene<FixedString<4>, 16>>());
    assert!(!plain::<Holder<Node>>());
}
