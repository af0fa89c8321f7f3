use hot_reload::SharedState;

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct Holder<T> {
    value: T,
}

#[derive(SharedState)]
#[repr(C)]
struct Scene {
    title: Holder<String>,
}

fn main() {}
