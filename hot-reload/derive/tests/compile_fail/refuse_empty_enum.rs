use hot_reload::SharedState;

#[derive(SharedState)]
#[repr(u8)]
enum Never {}

fn main() {}
