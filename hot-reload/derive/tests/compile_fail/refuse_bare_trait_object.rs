use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    count: u32,
    shape: dyn Fn(u32),
}

fn main() {}
