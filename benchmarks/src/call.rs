//! Benchmark of calls of a reloadable function, compared with the same function in a plain program.

mod players;

use crate::statistics::Samples;
use crate::{Failure, Options, contest, environment, process};
use players::Player;
use serde_json::json;
use std::path::Path;

/// Number of rounds of each system; the systems take turns.
const ROUNDS: u32 = 31;

/// A function that writes and builds a system's program in a folder, and starts it.
type Start = fn(&Path) -> Result<Box<dyn Player>, Failure>;

const SYSTEMS: [(&str, Start); 5] = [
    (PLAIN, players::plain),
    ("hot-reload", players::hot_reload),
    ("owner-call (hot-reload, from the owner's process)", players::owner_call),
    ("hotcode (was code_reload)", players::hotcode),
    ("hot-lib-reloader", players::hot_lib_reloader),
];
/// Name of the baseline of all comparisons.
const PLAIN: &str = "plain program";

/// Measurements of one system, in nanoseconds.
#[derive(Default)]
struct Entry {
    name: &'static str,
    empty: Samples,
    fibonacci: Samples,
    failure: Option<Failure>,
}

/// Measures and writes the results.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let load = environment::load();
    let rounds = if options.quick { 3 } else { ROUNDS };
    let mut entries = Vec::new();
    let mut players = Vec::new();
    for (name, start) in SYSTEMS {
        eprintln!("{name} builds and starts");
        let folder = players::folder(name.split(' ').next().unwrap_or(name));
        let player = contest::pin_versions(&folder).and_then(|()| start(&folder));
        process::go_on()?;
        let failure = player.as_ref().err().map(|failure| environment::without_paths(failure));
        entries.push(Entry { name, failure, ..Entry::default() });
        players.push(player.ok());
    }
    // The first round is a warm-up.
    for number in 0..=rounds {
        for (entry, player) in entries.iter_mut().zip(&mut players) {
            let Some(player) = player else { continue };
            let (empty, fibonacci) =
                player.round().map_err(|it| format!("{}: {it}", entry.name))?;
            if number > 0 {
                entry.empty.all.push(empty);
                entry.fibonacci.all.push(fibonacci);
            }
        }
    }
    drop(players);
    let page = markdown(&entries, &load, options.quick);
    eprintln!("{page}");
    write(options, &entries, &page)?;
    let own = entries.iter().take(2).find_map(|entry| entry.failure.clone());
    own.map_or(Ok(()), Err)
}

fn write(options: &Options, entries: &[Entry], page: &str) -> Result<(), Failure> {
    let systems = entries.iter().map(|entry| {
        json!({
            "name": entry.name,
            "failure": entry.failure,
            "empty_ns": entry.empty.all,
            "fibonacci_ns": entry.fibonacci.all,
        })
    });
    let raw = json!({ "systems": systems.collect::<Vec<_>>() });
    options.write("call.json", &format!("{raw:#}\n"))?;
    options.write("call.md", page)
}

fn markdown(entries: &[Entry], load: &str, is_quick: bool) -> String {
    let mut page = "# One call of a reloadable function\n\n\
        Written by `cargo run --release -- call`; what is measured is in [README.md](../README.md).\n"
        .to_owned();
    if is_quick {
        page += "Three rounds: this shows that it works, not how fast it is.\n";
    }
    page += &environment::table(load);
    page += "\nNanoseconds, medians of the rounds; in brackets what it is beyond the plain program, and as \
             a ratio to it.\n\n| system | empty body | fibonacci body | |\n| --- | --- | --- | --- |\n";
    for entry in entries {
        let [empty, fibonacci] = [
            cell(&entry.empty, entries.first().map(|plain| &plain.empty)),
            cell(&entry.fibonacci, entries.first().map(|plain| &plain.fibonacci)),
        ];
        let failure = entry.failure.clone().unwrap_or_default().replace(['|', '\n'], " ");
        page += &format!("| {} | {empty} | {fibonacci} | {failure} |\n", entry.name);
    }
    page
}

fn cell(samples: &Samples, plain: Option<&Samples>) -> String {
    let plain = plain.and_then(|plain| plain.percentile(50));
    let (Some(own), Some(plain)) = (samples.percentile(50), plain) else {
        return "n/a".to_owned();
    };
    format!("{own:.2} ({:+.2}, {:.2} ×)", own - plain, own / plain)
}
