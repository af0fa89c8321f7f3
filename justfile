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

# The hostile renderer under cargo fuzz (`cargo install cargo-fuzz`, a nightly compiler).
fuzz:
    cargo +nightly fuzz run owner

# The owner's turn at 1080p beside a memcpy.
bench:
    cargo bench -p hot-reload --features owner --bench owner_tick

# From save to effect, beside cargo build and other systems: see benchmarks/README.md.
bench-reload *options:
    cd benchmarks && cargo run --release -- {{options}}

# The example, hot.
demo:
    cargo run
