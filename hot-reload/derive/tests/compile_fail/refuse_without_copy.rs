use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    x: u32,
}

fn main() {}
