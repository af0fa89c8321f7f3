//! The owner's loop, which checks everything in every turn.

use crate::killer::{Killer, random};
use crate::report::Report;
use crate::support::{LIMIT, Patience};
use hot_reload::{Owner, WindowInput, status::ReloadEvent};
use rustix::time::{ClockId, clock_gettime};
use std::thread;
use std::time::{Duration, Instant};
use two_process_tests::storm::{Numbers, Ping, Storm, tear};

pub(crate) const SIZE: (u32, u32) = (96, 64);

/// Pause between two turns.
const REST: Duration = Duration::from_micros(300);
/// A longer pause now and then, so that the supervisor gets some steps ahead of the owner.
const AWAY: Duration = Duration::from_millis(12);

/// An owner that checks everything.
pub(crate) struct Watch {
    pub(crate) owner: Owner<Storm>,
    pub(crate) killer: Killer,
    pub(crate) report: Report,
    /// Set while no messages are sent.
    pub(crate) quiet: bool,
    /// Number of ticks so far.
    pub(crate) tick: u64,
    /// The frame (tick and generation) and the tick of the state that were checked last.
    looked: ((u64, u32), u64),
    replies: Numbers,
    input: WindowInput,
}

impl Watch {
    pub(crate) fn new(owner: Owner<Storm>) -> Self {
        Watch {
            owner,
            killer: Killer::new(),
            report: Report::default(),
            quiet: false,
            tick: 0,
            looked: ((0, 0), 0),
            replies: Numbers::default(),
            input: WindowInput::idle(SIZE.0, SIZE.1),
        }
    }

    /// Runs one turn: a message, a tick, and all checks.
    pub(crate) fn turn(&mut self) {
        let number = self.report.sent + 1;
        if !self.quiet && self.owner.send(Ping { number }).is_ok() {
            self.report.sent = number;
        }
        let (begin, at_work) = (Instant::now(), time_at_work());
        self.owner.tick(&self.input);
        self.report.ticks.push((begin.elapsed(), time_at_work().saturating_sub(at_work)));
        self.tick += 1;
        self.look_at_picture();
        self.look_at_state();
        for pong in self.owner.messages() {
            self.replies.see(pong.number);
        }
        assert_eq!(self.replies.again, 0, "answers come once and in order: {:?}", self.replies);
        for event in self.owner.reload_events() {
            self.note(event);
        }
        thread::sleep(if random(50) == 0 { AWAY } else { REST });
    }

    /// Turns until a condition holds.
    pub(crate) fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let mut patience = Patience::new();
        while !holds(self) {
            let over = patience.is_over(self.owner.status());
            assert!(!over, "not within {LIMIT:?}: {what}\n{}", self.situation());
            self.turn();
        }
    }

    fn look_at_picture(&mut self) {
        let picture = self.owner.picture();
        let drawn = (picture.tick(), picture.generation());
        if drawn.1 == 0 || drawn == self.looked.0 {
            return;
        }
        self.looked.0 = drawn;
        self.report.frames += 1;
        let size = (picture.width(), picture.height());
        assert_eq!(size, (SIZE.0 as usize, SIZE.1 as usize), "the size of the frame {drawn:?}");
        if let Some(tear) = tear(picture.frame(), drawn.0, drawn.1) {
            panic!("a torn frame, of tick and generation {drawn:?}: {tear}\n{}", self.situation());
        }
    }

    fn look_at_state(&mut self) {
        let Some(state) = self.owner.state().filter(|state| state.tick != self.looked.1) else {
            return;
        };
        self.looked.1 = state.tick;
        self.report.states += 1;
        let found = (state.tear(), state.gaps, state.broken, state.pings.again);
        let good = found == (None, 0, 0, 0) && state.pings.missing <= self.report.skipped_messages;
        assert!(
            good,
            "the state of tick {}: tear, ticks lost or twice, broken states, messages twice: \
             {found:?}; messages {:?}\n{}",
            state.tick,
            state.pings,
            self.situation()
        );
    }

    fn note(&mut self, event: ReloadEvent) {
        let report = &mut self.report;
        match event {
            ReloadEvent::WarmingUp { generation, .. } => report.generations = generation,
            ReloadEvent::Reloaded { .. } => report.reloaded += 1,
            ReloadEvent::Failed { .. } => report.failed += 1,
            ReloadEvent::PutBack { .. } => report.put_back += 1,
            ReloadEvent::Recovering { .. } => report.recovered += 1,
            ReloadEvent::InputSkipped { what, .. } => {
                report.skipped += 1;
                report.skipped_messages += messages(&what);
            }
            ReloadEvent::GivenUp { .. } => {
                report.given_up += 1;
                self.owner.reload();
            }
            _ => {}
        }
    }

    /// Checks that every accepted message has arrived and been answered, except those left out.
    pub(crate) fn judge_messages(&self) {
        let pings = self.owner.state().unwrap().pings;
        let (sent, skipped) = (self.report.sent, self.report.skipped_messages);
        let expected = Numbers { last: sent, missing: skipped, again: 0 };
        assert_eq!(pings, expected, "numbers seen, but for {skipped} that were left out");
        let answers = self.replies;
        let all = answers.last == sent && answers.missing <= skipped;
        assert!(all, "answers to {sent} numbers, of which {skipped} were left out: {answers:?}");
    }

    pub(crate) fn situation(&self) -> String {
        let state = self.owner.state().map(|state| (state.tick, state.pings));
        format!(
            "tick {}, state {state:?}, answers {:?}, status {:#?}\nuntil then:\n{}",
            self.tick,
            self.replies,
            self.owner.status(),
            self.report
        )
    }
}

/// Returns the processor time of this thread.
fn time_at_work() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(now).unwrap()
}

/// Returns the number of messages that were left out, parsed from the description.
fn messages(what: &str) -> u32 {
    let mut words = what.rsplit(' ');
    match (words.next(), words.next()) {
        (Some("messages"), Some(count)) => count.parse().unwrap(),
        _ => panic!("only messages can be left out here: {what}"),
    }
}
