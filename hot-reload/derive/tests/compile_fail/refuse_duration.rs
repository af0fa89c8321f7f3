use hot_reload::SharedState;
use std::time::Duration;

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct Scene {
    cooldown: Duration,
}

fn main() {}
