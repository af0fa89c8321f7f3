use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    pixels: *mut u32,
}

fn main() {}
