use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    name: &'static str,
}

fn main() {}
