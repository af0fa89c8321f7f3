//! Part @N@ of the larger scene: a swarm, its field, and a band of the sky that shows both.

const MEMBERS: usize = @MEMBERS@;
const DRAG: f32 = 0.@DRAG@;

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Member {
    place: (f32, f32),
    speed: (f32, f32),
    heat: f32,
}

#[derive(Debug, Clone)]
struct Swarm {
    members: Vec<Member>,
    mood: Mood,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Calm,
    Wild { turns: u32 },
    Lost,
}

pub(super) fn draw(pixels: &mut [u32], width: usize, tick: u64) {
    let mut swarm = Swarm::new(tick);
    for _ in 0..@STEPS@ {
        swarm.step();
    }
    let rows = pixels.len() / width.max(1);
    for (number, member) in swarm.members.iter().enumerate() {
        let column = wrap(member.place.0, width as f32) as usize;
        let row = wrap(member.place.1 + @N@.0, rows as f32) as usize;
        if let Some(pixel) = pixels.get_mut(row * width + column) {
            *pixel = shade(*pixel ^ ground(), member.heat, number);
        }
    }
}

impl Swarm {
    fn new(tick: u64) -> Self {
        let members = (0..MEMBERS).map(|number| Member::new(number, tick)).collect();
        let mood = match tick % 3 {
            0 => Mood::Calm,
            1 => Mood::Wild { turns: (tick % 7) as u32 },
            _ => Mood::Lost,
        };
        Swarm { members, mood }
    }

    fn step(&mut self) {
        let middle = self.middle();
        for member in &mut self.members {
            member.step(middle, self.mood);
        }
        self.mood = match self.mood {
            Mood::Wild { turns: 0 } => Mood::Calm,
            Mood::Wild { turns } => Mood::Wild { turns: turns - 1 },
            other => other,
        };
    }

    fn middle(&self) -> (f32, f32) {
        let count = self.members.len().max(1) as f32;
        let sum = self.members.iter().fold((0.0, 0.0), |sum, member| {
            (sum.0 + member.place.0, sum.1 + member.place.1)
        });
        (sum.0 / count, sum.1 / count)
    }
}

/// Returns the color that this part adds; the color of one part is also that of the ground.
pub(super) fn ground() -> u32 {
    @COLOR@
}

impl Member {
    fn new(number: usize, tick: u64) -> Self {
        let angle = number as f32 * @N@.7 + tick as f32 / 90.0;
        let place = (80.0 + angle.cos() * 60.0, 20.0 + angle.sin() * 15.0);
        Member { place, speed: (angle.sin(), angle.cos()), heat: (number % 10) as f32 / 10.0 }
    }

    fn step(&mut self, middle: (f32, f32), mood: Mood) {
        let pull = match mood {
            Mood::Calm => 0.01,
            Mood::Wild { turns } => 0.02 * turns as f32,
            Mood::Lost => -0.005,
        };
        self.speed.0 = (self.speed.0 + (middle.0 - self.place.0) * pull) * DRAG;
        self.speed.1 = (self.speed.1 + (middle.1 - self.place.1) * pull) * DRAG;
        self.place = (self.place.0 + self.speed.0, self.place.1 + self.speed.1);
        self.heat = (self.heat + self.speed.0.abs() * 0.05).min(1.0);
    }
}

fn wrap(value: f32, end: f32) -> f32 { if end > 0.0 { value.rem_euclid(end) } else { 0.0 } }

fn shade(below: u32, heat: f32, number: usize) -> u32 {
    let warm = (heat * 255.0) as u32;
    (below >> 1 & 0x7f_7f_7f) + (warm << 15 & 0x7f_00_00) + (number as u32 * @N@ & 0x3f)
}
