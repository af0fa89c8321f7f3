use hot_reload::SharedState;

#[derive(SharedState)]
struct Scene {
    x: u32,
}

fn main() {}
