use hot_reload::SharedState;

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct Scene {
    #[shared(pod)]
    on: bool,
}

fn main() {}
