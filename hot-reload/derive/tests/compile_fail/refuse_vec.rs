use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    ids: [u8; 4],
    balls: Vec<u32>,
}

fn main() {}
