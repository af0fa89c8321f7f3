use hot_reload::SharedState;

/// A cell of a game of life.
#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct Cell {
    alive: bool,
}

/// The result of a collision.
#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct Box {
    corners: [f32; 4],
}

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct Scene {
    cells: [Cell; 100],
    bounds: Box,
}

fn plain<T: SharedState>() {}

fn main() {
    plain::<Scene>();
}
