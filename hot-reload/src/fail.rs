//! Places where a test can make a renderer fail; compiled to no-ops without the feature
//! `fail-points`.
//!
//! `HOT_RELOAD_FAIL` names the place and the failure: `<point>:<nth>:<action>` fails the nth time
//! that a place is passed, and `random:<one in>` fails at every place with that probability, in a
//! random way.

#[cfg(not(feature = "fail-points"))]
mod off {
    use crate::segment::Segment;
    use std::sync::Arc;

    #[inline(always)]
    pub(crate) fn point(_: &str) {}

    #[cfg(feature = "renderer")]
    pub(crate) fn start(_: &Arc<Segment>) {}

    #[cfg(not(feature = "renderer"))]
    const _: Option<Arc<Segment>> = None;
}

#[cfg(feature = "fail-points")]
mod on {
    use crate::lock::lock;
    use crate::segment::Segment;
    use std::collections::HashMap;
    use std::hash::{BuildHasher, RandomState};
    use std::sync::{Arc, Mutex, OnceLock};
    use std::time::Duration;

    static SEGMENT: OnceLock<Arc<Segment>> = OnceLock::new();
    static PASSED: Mutex<Option<HashMap<String, u32>>> = Mutex::new(None);

    pub(crate) fn start(segment: &Arc<Segment>) {
        let _ = SEGMENT.set(segment.clone());
    }

    /// Fails here if the environment asks for it.
    pub(crate) fn point(name: &str) {
        let Ok(plan) = std::env::var("HOT_RELOAD_FAIL") else { return };
        let mut parts = plan.split(':');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("random"), Some(one_in), None) => {
                let one_in = one_in.parse().unwrap_or(u64::MAX);
                if random().is_multiple_of(one_in) {
                    let ways = ["kill", "kill", "kill", "panic", "exit", "abort"];
                    fail(ways[usize::try_from(random() % 6).unwrap_or(0)]);
                }
            }
            (Some(place), Some(nth), Some(action)) if place == name => {
                let mut passed = lock(&PASSED);
                let count = passed.get_or_insert_default().entry(name.to_owned()).or_default();
                *count += 1;
                if Ok(*count) == nth.parse() {
                    drop(passed);
                    fail(action);
                }
            }
            _ => {}
        }
    }

    fn fail(action: &str) {
        match action {
            "kill" => crate::sys::kill_myself(),
            "stop" => crate::sys::stop_myself(),
            "abort" => std::process::abort(),
            "exit" => std::process::exit(3),
            "panic" => panic!("a fail point"),
            "loop" => loop {
                std::thread::sleep(Duration::from_secs(1));
            },
            "scribble" => scribble(),
            other => panic!("no such action: {other}"),
        }
    }

    /// Starts to write random bytes all over the segment, faster than its owner ticks.
    fn scribble() {
        std::thread::spawn(|| {
            while let Some(segment) = SEGMENT.get() {
                for _ in 0..64 {
                    segment.scribble(random(), random());
                }
                std::thread::sleep(Duration::from_micros(200));
            }
        });
    }

    fn random() -> u64 {
        RandomState::new().hash_one(0)
    }
}

#[cfg(not(feature = "fail-points"))]
pub(crate) use off::*;
#[cfg(feature = "fail-points")]
pub(crate) use on::*;
