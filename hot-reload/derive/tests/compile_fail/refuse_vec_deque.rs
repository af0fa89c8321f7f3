use hot_reload::SharedState;
use std::collections::VecDeque;

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    last_clicks: VecDeque<(f32, f32)>,
}

fn main() {}
