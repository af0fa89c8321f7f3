use hot_reload::SharedState;

const FIRST: u8 = 3;
const VALUE: u8 = 7;
const VALUES: u8 = 9;

#[derive(Clone, Copy, SharedState)]
#[repr(u8)]
enum Mood {
    Calm = FIRST,
    Merry = VALUE,
    Angry = VALUES,
}

fn main() {
    let mut bytes = [0];
    for mood in [Mood::Calm, Mood::Merry, Mood::Angry] {
        mood.write_bytes(&mut bytes);
        assert_eq!(bytes, [mood as u8]);
    }
}
