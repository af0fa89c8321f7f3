//! Scripts from proptest, and a peer that writes all the time.

use super::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::sync::atomic::{AtomicBool, Ordering};

fn config() -> ProptestConfig {
    // The same cases every time, so that no test fails by chance. To search for more by hand,
    // change the number and `PROPTEST_CASES`, or run the target in `fuzz/`.
    let rng_seed = RngSeed::Fixed(20_261_127);
    ProptestConfig { failure_persistence: None, rng_seed, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    /// Runs the same check as the target in `fuzz/`.
    #[test]
    fn no_script_of_a_hostile_peer_breaks_the_owner(
        script in prop::collection::vec(any::<u8>(), 0..1500),
    ) {
        play(&script);
    }

    /// Writes so rarely between the turns that a generation lives long enough to be believed.
    #[test]
    fn a_mostly_honest_peer_does_not_either(
        steps in prop::collection::vec((0_u8..16, any::<[u8; 6]>()), 0..300),
    ) {
        let mut table = Table::new();
        for (step, bytes) in steps {
            let step = if step == 5 { 0 } else { step };
            let mut script = [0; 7];
            script[0] = step;
            script[1..].copy_from_slice(&bytes);
            table.step(&mut Script(&script));
            table.check();
        }
    }
}

#[test]
fn a_peer_that_rewrites_every_word_all_the_time_only_loses_its_generation() {
    let mut table = Table::new();
    let target = Arc::new(Mutex::new(table.side.segment.clone()));
    let over = Arc::new(AtomicBool::new(false));
    let (aim, ended) = (target.clone(), over.clone());
    let scribbler = std::thread::spawn(move || {
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        while !ended.load(Ordering::Relaxed) {
            let segment = aim.lock().unwrap().clone();
            for _ in 0..32 {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                segment.scribble(random, random.rotate_left(32));
            }
        }
    });
    let begin = Instant::now();
    let mut turns = 0_u32;
    while begin.elapsed() < Duration::from_secs(2) {
        // A turn, the application's reads, the copier, the supervisor.
        for step in [[0, 7], [10, 0], [11, 0], [12, 0]] {
            table.step(&mut Script(&step));
            table.check();
        }
        *target.lock().unwrap() = table.side.segment.clone();
        turns += 1;
    }
    over.store(true, Ordering::Relaxed);
    scribbler.join().unwrap();
    assert!(turns > 0 && table.replaced > 0, "{} generations in {turns} turns", table.replaced);
}

#[test]
fn an_honest_peer_is_believed() {
    let mut table = Table::new();
    table.turn(&mut Script(&[]));
    let tick = table.tick();
    table.side.frames.pixels(2, 3).fill(7);
    table.side.frames.publish(FrameHead { tick, width: 2, height: 3 }).unwrap();
    table.side.commit(&mut Script(&[]), tick);
    table.owner.commit_copier.commit_store().copy();
    table.turn(&mut Script(&[]));
    table.check();
    let picture = table.owner.picture();
    assert_eq!((picture.frame(), picture.tick()), (&[7; 6][..], tick));
    assert_eq!(table.owner.commit_copier.commit_store().latest().head.tick, tick);
    assert_eq!(
        table.owner.commit_copier.commit_store().latest().state::<State>().unwrap().letter,
        'a'
    );
    assert_eq!(table.replaced, 0);
}

/// Returns the commit that the next generation would continue from.
fn after_a_commit(kind: u8, script: &[u8]) -> CommitHead {
    let mut table = Table::new();
    table.turn(&mut Script(&[]));
    let bytes: Vec<u8> = [kind].iter().chain(script).copied().collect();
    let tick = table.tick();
    table.side.commit(&mut Script(&bytes), tick);
    table.owner.commit_copier.commit_store().copy();
    table.owner.commit_copier.commit_store().latest().head
}

#[test]
fn a_commit_of_what_was_never_sent_is_none() {
    assert_eq!(after_a_commit(0, &[]).tick, 1);
    assert_eq!(after_a_commit(2, &[0, 0]), CommitHead::default(), "of the last tick there is");
    assert_eq!(after_a_commit(2, &[0, 9]), CommitHead::default(), "of the tick to come");
    assert_eq!(after_a_commit(4, &[0, 0]), CommitHead::default(), "after messages without end");
    assert_eq!(after_a_commit(16, &[0, 0]), CommitHead::default(), "of bytes without end");
}

#[test]
fn a_commit_after_messages_that_were_left_out_is_none() {
    let mut table = Table::new();
    table.owner.send(7).unwrap();
    table.turn(&mut Script(&[]));
    // The third generation is given neither the tick's events nor its message.
    while table.side.generation < 3 {
        assert_eq!(table.owner.outgoing.messages(), 1);
        table.replace(&mut Script(&[]));
    }
    assert_eq!(table.owner.outgoing.messages(), 0, "the message is left out");
    // Claims to have received as many messages as there were ticks, which is one.
    let tick = table.tick();
    table.side.commit(&mut Script(&[4, 0, 8]), tick);
    table.owner.commit_copier.commit_store().copy();
    table.check();
}
