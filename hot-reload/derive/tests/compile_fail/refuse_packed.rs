use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(C, packed)]
struct Scene {
    a: u8,
    b: u32,
}

fn main() {}
