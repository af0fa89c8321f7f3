# The few commands that people type; CI runs the same.

# Runs everything that must pass before a change lands; installs what the tests need.
check:
    .ci/run

# Runs the loom models: mailbox, rings, wake flag, the handover's commands.
loom:
    cargo test -p hot-reload --lib segment

# Runs the storm; each round kills a renderer. 150 rounds run with the other tests.
storm rounds="10000":
    HOT_RELOAD_STORM={{rounds}} cargo test -p two-process-tests --release --test storm -- --nocapture

# Measures reloads, crashes and hangs in about three minutes; needs an otherwise idle machine.
handover:
    cargo bench -p two-process-tests --bench handover

# RUSTC_BOOTSTRAP lets the stable compiler accept the fuzzer's options; `-len_control=0` lets inputs
# grow from the start.
# Fuzzes code that reads other programs' bytes: a target in `fuzz/fuzz_targets`, for some seconds.
fuzz target="owner" seconds="600":
    command -v cargo-fuzz > /dev/null || cargo install cargo-fuzz --locked
    mkdir -p fuzz/corpus/{{target}}
    RUSTC_BOOTSTRAP=1 cargo fuzz run {{target}} fuzz/corpus/{{target}} fuzz/seeds/{{target}} -- \
        -len_control=0 -max_len=8192 -rss_limit_mb=2048 -timeout=20 -max_total_time={{seconds}}

# Runs what takes too long for every change: each fuzzing target for half a minute, the storm, the
# tests of many edits, and a short run of the benchmarks.
nightly seconds="30":
    for target in fuzz/fuzz_targets/*.rs; do just fuzz $(basename $target .rs) {{seconds}} || exit 1; done
    just storm 10000
    HOT_RELOAD_EDITS=200 cargo nextest run -p two-process-tests -E 'binary(libraries) | test(newest_source)'
    cd benchmarks && cargo run --locked --release -- --quick --systems hot-reload

# Measures the owner's turn at 1080p, compared with a memcpy.
bench:
    cargo bench -p hot-reload --features owner --bench owner_tick

# Compares the time from save to effect with other systems: see benchmarks/README.md.
bench-reload *options:
    cd benchmarks && cargo run --release -- {{options}}

# Runs the example in hot mode.
demo:
    cargo run
