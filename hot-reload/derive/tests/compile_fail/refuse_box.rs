use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    next: Box<u32>,
}

fn main() {}
