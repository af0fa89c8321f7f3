//! Tests of the flow between owner and renderer while the layout of the state changes.

use super::bench::Bench;
use hot_reload::{Event, Key, status::ReloadEvent};
use two_process_tests::clay::{Ask, Word};

/// Changes of the layout, made one after another.
const CHANGES: [&[(&str, &str)]; 5] = [
    &[("    pub flow: Flow,\n", "    pub front: [u64; 9],\n    pub flow: Flow,\n")],
    &[("    pub number: u32,\n", "    pub number: u8,\n"), ("    pub ratio: f32,\n", "")],
    &[("    pub presses: u32,\n", ""), ("    pub gaps: u32,\n", "    pub gaps: u64,\n")],
    &[("FixedVec<Item, 4>", "FixedVec<Item, 400>")],
    &[],
];

#[test]
fn nothing_is_lost_given_twice_or_shown_again_across_changes_of_the_layout() {
    let mut bench = Bench::start();
    let (mut sent, mut taps, mut last_picture, mut migrated) = (0, 0, 0, 0);
    for edits in CHANGES {
        // The third change removes a counter, so its edit removes the counting as well.
        let counts = edits.iter().any(|(from, _)| from.contains("presses"));
        let uncounted = [
            ("    flow.presses += u32::from(input.is_key_pressed(Key::A));\n", ""),
            ("flow.gaps += u32::from(!follows)", "flow.gaps += u64::from(!follows)"),
        ];
        let edits = [edits, if counts { &uncounted } else { &[] }].concat();
        bench.save(&edits);
        let (edition, words) = (bench.edition, &mut bench.words);
        bench.driver.until("the change", |driver| {
            if driver.ticks.is_multiple_of(3) {
                driver.input.events = vec![Event::KeyDown(Key::A), Event::KeyUp(Key::A)];
                taps += 1;
            }
            if driver.owner.send(Ask::Number { number: sent + 1, loud: true }).is_ok() {
                sent += 1;
            }
            words.extend(driver.owner.messages());
            let events = driver.owner.reload_events();
            migrated += events.filter(|it| matches!(it, ReloadEvent::Migrated { .. })).count();
            let picture = driver.owner.picture().tick();
            assert!(picture >= last_picture, "picture {picture} after {last_picture}");
            last_picture = picture;
            assert_eq!(driver.owner.status().problem, None);
            driver.color() == edition
        });
        bench.drawn();
    }
    assert_eq!(migrated, CHANGES.len(), "each was a change of the layout");
    let words = &mut bench.words;
    bench.driver.until("all answers", |driver| {
        words.extend(driver.owner.messages());
        words.len() >= sent as usize
    });
    let answered = bench.words.iter().map(|word| match word {
        Word::Number { number, .. } => *number,
        word => panic!("{word:?}"),
    });
    assert_eq!(answered.collect::<Vec<_>>(), (1..=sent).collect::<Vec<_>>(), "each once");
    let flow = bench.shown().flow;
    assert_eq!((flow.gaps, flow.disorder, flow.last_number), (0, 0, sent));
    assert_eq!(flow.last_tick, flow.frames + flow.merged);
    assert!(flow.releases > flow.presses && flow.presses > 0, "{flow:?}");
    assert!(flow.releases <= taps, "{} of {taps}", flow.releases);
}
