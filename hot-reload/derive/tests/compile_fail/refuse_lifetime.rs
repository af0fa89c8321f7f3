use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(C)]
struct Scene<'a> {
    name: &'a str,
}

fn main() {}
