use hot_reload::SharedState;

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct Scene {
    count: u32,
    volume: std::num::NonZeroU8,
}

fn main() {}
