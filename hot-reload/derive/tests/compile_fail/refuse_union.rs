use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(C)]
union Either {
    a: u32,
    b: f32,
}

fn main() {}
