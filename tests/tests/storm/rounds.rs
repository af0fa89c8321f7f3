//! Kills generations in various ways, one per round.

use crate::killer::{kill, lives, random};
use crate::report::Report;
use crate::support::Workbench;
use crate::watch::{SIZE, Watch};
use hot_reload::{Owner, status::Activity};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use two_process_tests::storm::{Storm, plans, render};

/// Ways in which a renderer fails at a point.
const ACTIONS: [&str; 4] = ["kill", "panic", "abort", "exit"];
/// Points that a renderer passes at its start and at its replacement; the others are passed with
/// every tick.
const START: [&str; 4] = ["attaching", "attached", "rehearsed", "taken over"];
const PARKING: [&str; 3] = ["draining", "drained", "parked"];

/// The rounds of the storm.
pub(crate) struct Rounds {
    pub(crate) watch: Watch,
    plans: PathBuf,
    points: Vec<String>,
    forced: usize,
}

impl Rounds {
    /// Starts a first generation that draws.
    pub(crate) fn begin(bench: &Workbench, program: &Path, points: Vec<String>) -> Self {
        let plans = bench.path("plans");
        let owner = Owner::<Storm>::builder(()).size(SIZE.0, SIZE.1).artifact(program);
        let owner =
            owner.program_arguments(["storm".into()]).program_environment(plans::FOLDER, &plans);
        let watch = Watch::new(owner.start(render).unwrap());
        let mut rounds = Rounds { watch, plans, points, forced: 0 };
        rounds.calm();
        rounds
    }

    /// Runs one round: at least one generation is killed.
    pub(crate) fn round(&mut self, number: u32) {
        self.watch.quiet = false;
        match number % 8 {
            0 | 4 => self.replaced(),
            2 => self.overlapping(),
            6 if number % 16 == 6 => self.crashed(),
            6 => self.crashed_twice(),
            // Half of all rounds: every point in every way, again and again.
            _ => self.forced(),
        }
        // In the other cases the next round starts with the consequences of this one.
        if random(4) > 0 {
            self.go_on();
        }
    }

    /// Runs a handover, and a kill at any moment of it.
    fn replaced(&mut self) {
        self.watch.owner.reload();
        self.kill_within(20);
    }

    /// Runs handovers and kills that overlap.
    fn overlapping(&mut self) {
        for _ in 0..2 {
            self.watch.owner.reload();
            self.watch.killer.order(micros(10));
            let again = Instant::now() + micros(10);
            while Instant::now() < again {
                self.watch.turn();
            }
        }
        self.watch.owner.reload();
        self.kill_within(10);
    }

    /// Causes a crash without a handover, which is recovered.
    fn crashed(&mut self) {
        self.go_on();
        self.kill_within(5);
    }

    /// Causes a crash, and another before the tick is answered: the input of the tick is left out.
    fn crashed_twice(&mut self) {
        self.go_on();
        plans::leave(&self.plans, "begun:1:kill").unwrap();
        self.kill_within(5);
        self.fall("begun");
    }

    fn kill_within(&mut self, milliseconds: usize) {
        self.watch.killer.order(micros(milliseconds));
        self.watch.until("kills", |watch| watch.killer.is_done(&mut watch.report.kills));
    }

    /// Runs a handover to a generation that fails on its own at a point.
    fn forced(&mut self) {
        let point = self.points[self.forced % self.points.len()].clone();
        let action = ACTIONS[self.forced / self.points.len() % ACTIONS.len()];
        let once = START.iter().chain(&PARKING).any(|once| *once == point);
        let nth = if once { 1 } else { 1 + random(4) };
        self.forced += 1;
        let plan = match random(8) {
            0 => "random:50".to_owned(),
            _ => format!("{point}:{nth}:{action}"),
        };
        plans::leave(&self.plans, &plan).unwrap();
        self.watch.owner.reload();
        self.fall(plan.split(':').next().unwrap());
    }

    /// Turns until the generation that has taken the plan is gone. A generation that does not reach
    /// its point is replaced, which makes it park, and killed if it is still alive.
    fn fall(&mut self, point: &str) {
        let mut taken = None;
        let plans = self.plans.clone();
        let mut asked = Instant::now();
        self.watch.until("a generation that takes the plan", |watch| {
            // A kill that goes unnoticed does not start a new generation.
            if asked.elapsed() > Duration::from_millis(100) {
                watch.owner.reload();
                asked = Instant::now();
            }
            taken = plans::taken(&plans);
            taken.is_some()
        });
        let process = taken.unwrap();
        let (begin, mut replaced) = (Instant::now(), false);
        while lives(process) {
            if begin.elapsed() > Duration::from_millis(30) && !replaced {
                self.watch.owner.reload();
                replaced = true;
            }
            if begin.elapsed() > Duration::from_millis(200) && kill(process) {
                self.watch.report.kills += 1;
                return;
            }
            self.watch.turn();
        }
        // A replaced generation may have ended for that reason, unless its point is one of parking.
        let reached = !replaced || PARKING.contains(&point);
        let point = if reached { point } else { "(replaced before)" };
        *self.watch.report.fired.entry(point.to_owned()).or_default() += 1;
    }

    /// Turns until a new tick has been committed.
    fn go_on(&mut self) {
        let now = self.watch.tick;
        self.watch
            .until("a commit", |watch| watch.owner.state().is_some_and(|state| state.tick > now));
    }

    /// Turns until a generation draws undisturbed and has received all messages.
    pub(crate) fn settle(&mut self) {
        plans::withdraw(&self.plans);
        // A failed reload remains a problem until one succeeds.
        self.watch.owner.reload();
        self.calm();
    }

    fn calm(&mut self) {
        self.go_on();
        self.watch.until("a generation that draws undisturbed", |watch| {
            let status = watch.owner.status();
            status.activity == Activity::Idle && status.problem.is_none()
        });
        self.watch.turn();
        self.watch.quiet = true;
        self.watch.until("all messages", |watch| {
            watch.owner.state().is_some_and(|state| state.pings.last == watch.report.sent)
        });
    }

    /// Checks the conditions at the end.
    pub(crate) fn judge(&self, rounds: u32) {
        let report: &Report = &self.watch.report;
        eprintln!("{rounds} rounds\n{report}");
        self.watch.judge_messages();
        let ended = report.kills + report.fired();
        assert!(ended >= rounds, "{ended} generations killed in {rounds} rounds");
        let passed = |point: &&String| report.fired.contains_key(*point);
        let (fired, idle): (Vec<_>, Vec<_>) = self.points.iter().partition(passed);
        let enough = self.forced < 4 * self.points.len() || idle.is_empty();
        assert!(enough, "nobody fails at {idle:?}, but at {fired:?}");
    }
}

fn micros(milliseconds: usize) -> Duration {
    Duration::from_micros(random(milliseconds * 1000) as u64)
}
