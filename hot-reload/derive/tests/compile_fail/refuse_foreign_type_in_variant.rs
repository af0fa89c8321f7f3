use hot_reload::SharedState;

#[derive(Clone, Copy, SharedState)]
#[repr(C, u8)]
enum Shape {
    Dot,
    Sound { volume: std::num::NonZeroU8 },
}

fn main() {}
