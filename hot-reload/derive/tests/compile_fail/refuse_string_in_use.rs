use hot_reload::{App, SharedState};

#[derive(Clone, Copy, Default, SharedState)]
#[repr(C)]
struct Scene {
    name: String,
}

struct Demo;

impl App for Demo {
    const RENDERER: &'static str = "demo";
    type Arguments = ();
    type State = Scene;
    type ToRenderer = ();
    type ToOwner = ();
}

fn main() {}
