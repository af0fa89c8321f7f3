use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    shapes: [Box<dyn Fn(u32)>; 2],
}

fn main() {}
