use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    target: Option<u32>,
}

fn main() {}
