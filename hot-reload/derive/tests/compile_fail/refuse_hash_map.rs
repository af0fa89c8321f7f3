use hot_reload::SharedState;
use std::collections::HashMap;

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    scores: HashMap<u32, u32>,
}

fn main() {}
