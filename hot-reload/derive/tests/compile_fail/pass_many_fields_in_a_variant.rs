use hot_reload::SharedState;

#[derive(Clone, Copy, SharedState)]
#[repr(C, u8)]
enum Shape {
    Dot,
    Matrix(u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8),
}

fn main() {
    assert_eq!(Shape::LAYOUT.size, 13);
    let _ = [Shape::Dot, Shape::Matrix(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)];
}
