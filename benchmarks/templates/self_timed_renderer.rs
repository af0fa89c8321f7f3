//! Runs its own loop, so that it can time the runtime's work between two of its drawings.

use application::{BYTES, SelfTimed, TOLD, Word};
use hot_reload::{Frame, Renderer};
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// Duration of a drawing, long enough for a tick sent right after the last one to arrive.
const BUSY: Duration = Duration::from_millis(2);

/// Times of a turn that has ended, in nanoseconds.
#[derive(Clone, Copy, Default)]
struct Turn {
    present: u64,
    runtime: u64,
    gap: u64,
}

pub fn run(mut renderer: Renderer<SelfTimed>) -> hot_reload::Result<()> {
    let mut told = [Turn::default(); TOLD as usize];
    // Of the previous turn: its number, the processor time used up to the end of its drawing, the
    // duration of `present`, and its end.
    let mut ended: Option<(u64, u64, u64, Instant)> = None;
    while let Some(mut frame) = renderer.next_frame() {
        let ready = used();
        if let Some((number, drawn, present, end)) = ended {
            let (runtime, gap) = (ready - drawn, end.elapsed().as_nanos() as u64);
            told[(number % TOLD) as usize] = Turn { present, runtime, gap };
        }
        let number = draw(&mut frame, &told);
        let is_rehearsal = frame.rehearsal;
        let drawn = used();
        let begin = Instant::now();
        renderer.present();
        let end = Instant::now();
        let present = (end - begin).as_nanos() as u64;
        ended = (!is_rehearsal).then_some((number, drawn, present, end));
    }
    Ok(())
}

fn draw(frame: &mut Frame<'_, SelfTimed>, told: &[Turn]) -> u64 {
    if frame.first && *frame.arguments > 0 {
        // Pages that were never written are all the same page of zeros, which a commit would read
        // from the cache.
        frame.buffers.get_mut::<u8>(BYTES).fill(0x5a);
    }
    frame.state.turns += 1;
    let number = frame.state.turns;
    let (pixels, _, _) = frame.canvas.parts();
    let mut tell = |word: Word, value: u64| {
        pixels[word.place()] = value as u32;
        pixels[word.place() + 1] = (value >> 32) as u32;
    };
    tell(Word::Number, number);
    tell(Word::Process, u64::from(std::process::id()));
    for (place, turn) in (0..).zip(told) {
        tell(Word::Present(place), turn.present);
        tell(Word::Runtime(place), turn.runtime);
        tell(Word::Gap(place), turn.gap);
    }
    let begin = Instant::now();
    while *frame.arguments == 0 && begin.elapsed() < BUSY {
        std::hint::spin_loop();
    }
    number
}

/// Returns the processor time of all threads of this process, in nanoseconds.
fn used() -> u64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
