# The few commands people type; CI runs the same.

# Everything that must hold before a change lands; installs what the tests need.
check:
    .ci/run

# The loom models: mailbox, rings, wake flag, handover's words.
loom:
    cargo test -p hot-reload --lib segment

# The storm: as many rounds as wanted, each of which kills a renderer. 500 run with the tests.
storm rounds="10000":
    HOT_RELOAD_STORM={{rounds}} cargo test -p two-process-tests --release --test storm -- --nocapture

# What reloads, crashes and hangs cost, on a machine that does nothing else; some three minutes.
handover:
    cargo bench -p two-process-tests --bench handover

# Whatever reads other people's bytes, with any bytes: a target of `fuzz/fuzz_targets`, and for how long.
# RUSTC_BOOTSTRAP lets the stable compiler take the options of the fuzzer; `-len_control=0` lets inputs grow
# from the start.
fuzz target="owner" seconds="600":
    command -v cargo-fuzz > /dev/null || cargo install cargo-fuzz --locked
    mkdir -p fuzz/corpus/{{target}}
    RUSTC_BOOTSTRAP=1 cargo fuzz run {{target}} fuzz/corpus/{{target}} fuzz/seeds/{{target}} -- \
        -len_control=0 -max_len=8192 -rss_limit_mb=2048 -timeout=20 -max_total_time={{seconds}}

# What takes longer than a change can wait for: every target of the fuzzer for half a minute.
nightly seconds="30":
    for target in fuzz/fuzz_targets/*.rs; do just fuzz $(basename $target .rs) {{seconds}} || exit 1; done

# The owner's turn at 1080p beside a memcpy.
bench:
    cargo bench -p hot-reload --features owner --bench owner_tick

# From save to effect, beside cargo build and other systems: see benchmarks/README.md.
bench-reload *options:
    cd benchmarks && cargo run --release -- {{options}}

# The example, hot.
demo:
    cargo run
