use hot_reload::{SharedState, Sketch};

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct World {
    cells: [u8; 4096],
}

fn main() {
    let _ = hot_reload::Owner::<Sketch<World>>::builder(());
}
