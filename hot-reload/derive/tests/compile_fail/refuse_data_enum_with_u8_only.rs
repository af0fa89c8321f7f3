use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(u8)]
enum Shape {
    Dot,
    Circle(u32),
}

fn main() {}
