//! Benchmark of migrations, compared with one `memcpy` of the state in the same run. The states are
//! one of 1 MiB whose 10,000 fields have changed places, and a list of 10,000 elements in which one
//! field has become wider.
//!
//! `cargo bench -p hot-reload --bench migration` prints the times, and their ratios at the end.
#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark")]

use criterion::{BenchmarkId, Criterion};
use hot_reload::layout::OwnedLayout;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

const FIELDS: usize = 10_000;

/// Returns a table of types: numbers, and types built from them. A type's index here is its index
/// in the table.
fn types() -> Vec<Value> {
    let primitive = |name: &str, size: usize| json!({ "name": name, "size": size, "align": size, "kind": { "Primitive": name } });
    let mut nodes: Vec<_> = [("u8", 1), ("u16", 2), ("u32", 4), ("u64", 8), ("f32", 4), ("f64", 8)]
        .map(|(name, size)| primitive(name, size))
        .into();
    nodes.push(primitive("bool", 1));
    nodes.push(array(4, 4, 4, 64));
    nodes.push(array(0, 1, 1, 760));
    let fields =
        json!([{ "name": "x", "offset": 0, "ty": 4 }, { "name": "y", "offset": 4, "ty": 4 }]);
    nodes.push(json!({ "name": "At", "size": 8, "align": 4, "kind": { "Struct": fields } }));
    nodes.push(primitive("usize", 8));
    nodes
}

fn array(element: usize, size: usize, align: usize, len: usize) -> Value {
    let kind = json!({ "Array": { "element": element, "len": len } });
    json!({ "name": "array", "size": size * len, "align": align, "kind": kind })
}

/// Adds a struct with these fields, laid out as by `repr(C)`, and returns its index.
fn structure(nodes: &mut Vec<Value>, name: &str, role: &str, fields: &[(String, usize)]) -> usize {
    let number = |node: &Value, key: &str| usize::try_from(node[key].as_u64().unwrap()).unwrap();
    let (mut end, mut most, mut placed) = (0_usize, 1, Vec::new());
    for (name, ty) in fields {
        let (size, align) = (number(&nodes[*ty], "size"), number(&nodes[*ty], "align"));
        let offset = end.next_multiple_of(align);
        (end, most) = (offset + size, most.max(align));
        placed.push(json!({ "name": name, "offset": offset, "ty": ty }));
    }
    let kind = json!({ "Struct": placed });
    let size = end.next_multiple_of(most);
    nodes.push(json!({ "name": name, "size": size, "align": most, "role": role, "kind": kind }));
    nodes.len() - 1
}

/// Returns a state of many fields in the order given by `place`.
fn mixed(place: impl Fn(usize) -> usize) -> OwnedLayout {
    let mut nodes = types();
    let mut fields = vec![(String::new(), 0); FIELDS];
    for index in 0..FIELDS {
        fields[place(index)] = (format!("field_{index}"), index % 10);
    }
    structure(&mut nodes, "World", "Plain", &fields);
    serde_json::from_value(Value::Array(nodes)).unwrap()
}

/// Returns a state with a list whose elements begin with a field of the type `first`.
fn listed(first: usize) -> OwnedLayout {
    let mut nodes = types();
    let named = |fields: &[(&str, usize)]| -> Vec<_> {
        fields.iter().map(|&(name, ty)| (name.to_owned(), ty)).collect()
    };
    let ball =
        structure(&mut nodes, "Ball", "Plain", &named(&[("x", first), ("hp", 1), ("on", 6)]));
    let (size, align) =
        (nodes[ball]["size"].as_u64().unwrap(), nodes[ball]["align"].as_u64().unwrap());
    nodes.push(array(
        ball,
        usize::try_from(size).unwrap(),
        usize::try_from(align).unwrap(),
        FIELDS,
    ));
    let items = nodes.len() - 1;
    let list = structure(&mut nodes, "FixedVec", "List", &named(&[("len", 10), ("items", items)]));
    structure(&mut nodes, "World", "Plain", &named(&[("balls", list)]));
    serde_json::from_value(Value::Array(nodes)).unwrap()
}

/// Times each turn separately.
fn timed(turns: u64, times: &mut Vec<Duration>, mut turn: impl FnMut()) -> Duration {
    let measured = (0..turns).map(|_| {
        let begin = Instant::now();
        turn();
        begin.elapsed()
    });
    let measured: Vec<_> = measured.collect();
    times.extend(&measured);
    measured.into_iter().sum()
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let (before, now) = (mixed(|index| index), mixed(|index| index * 7919 % FIELDS));
    let (narrow, wide) = (listed(4), listed(5));
    let mut medians = BTreeMap::new();
    for (group, old, new) in [("reordered", before, now), ("widened", narrow, wide)] {
        let mut bytes = vec![0_u8; old.size()];
        if group == "widened" {
            bytes[..8].copy_from_slice(&FIELDS.to_ne_bytes());
        }
        let (mut copy, mut fresh) = (vec![0_u8; old.size()], vec![0_u8; new.size()]);
        let run = old.migration_to(&new);
        let mut benchmarks = criterion.benchmark_group(format!("migration/{group}"));
        for name in ["memcpy", "run", "run and report", "plan"] {
            let mut times = Vec::new();
            benchmarks.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                bencher.iter_custom(|turns| match name {
                    "memcpy" => timed(turns, &mut times, || {
                        copy.copy_from_slice(black_box(&bytes));
                        black_box(&copy);
                    }),
                    "run" => timed(turns, &mut times, || {
                        black_box(run(black_box(&bytes), &mut fresh, false));
                    }),
                    "run and report" => timed(turns, &mut times, || {
                        black_box(run(black_box(&bytes), &mut fresh, true));
                    }),
                    _ => timed(turns, &mut times, || drop(black_box(old.migration_to(&new)))),
                });
            });
            times.sort();
            medians.insert((group, name), (times[times.len() / 2], old.size()));
        }
        benchmarks.finish();
    }
    for ((group, name), (median, size)) in &medians {
        let ratio = median.as_secs_f64() / medians[&(*group, "memcpy")].0.as_secs_f64();
        println!("{group}, {name} of {size} bytes: median {median:.1?}, {ratio:.2} × memcpy");
    }
}
