use hot_reload::SharedState;
use std::time::Instant;

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    started: Instant,
}

fn main() {}
