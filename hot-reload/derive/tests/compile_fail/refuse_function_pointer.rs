use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    update: fn(u32) -> u32,
}

fn main() {}
