use hot_reload::SharedState;

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct Scene {
    volumes: [(u8, std::num::NonZeroU8); 2],
}

fn main() {}
