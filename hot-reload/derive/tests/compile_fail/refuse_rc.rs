use hot_reload::SharedState;
use std::rc::Rc;

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    parent: Rc<u32>,
}

fn main() {}
