use hot_reload::SharedState;

#[derive(SharedState)]
enum Mood {
    Calm,
    Merry,
}

fn main() {}
