#![deny(warnings, clippy::all)]

use glam::Vec3;
use hot_reload::{collections::FixedOption, FixedString, FixedVec, SharedState};

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
#[shared(version = 2)]
pub struct Scene<T, const N: usize>
where
    T: PartialEq,
{
    pub name: FixedString<16>,
    pub balls: FixedVec<Ball, N>,
    pub best: FixedOption<T>,
    pub grid: [[bool; 3]; 3],
    pub shape: Shape,
    pub count: usize,
    pub letter: char,
    pub nothing: (),
}

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
pub struct Ball {
    #[shared(pod)]
    pub position: Vec3,
    pub r#type: Mood,
}

#[derive(Clone, Copy, SharedState)]
#[repr(transparent)]
pub struct Ticks(u64);

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
pub struct Nothing;

#[derive(Clone, Copy, SharedState)]
#[repr(i8)]
pub enum Mood {
    Calm = -1,
    Merry,
}

#[derive(Clone, Copy, SharedState)]
#[repr(C, u8)]
pub enum Shape {
    Dot,
    Circle(f32, #[shared(pod)] Vec3),
    Line { to: (f32, f32), end: Ticks },
    Empty {},
}

fn plain<T: SharedState>() {}

fn main() {
    plain::<Scene<u32, 8>>();
    plain::<(Nothing, [Ticks; 2])>();
}
