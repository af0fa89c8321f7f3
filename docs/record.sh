#!/usr/bin/env bash
# Records docs/reload.gif, the moving picture of the README: the example under Xvfb while its source
# is edited. Needs `Xvfb`, ImageMagick (`import`, `convert`) and the DejaVu fonts. Works in a copy of
# the workspace, in which it builds first.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
width=480 height=360
work=${TMPDIR:-/tmp}/hot-reload-record
export DISPLAY=:${RECORD_DISPLAY:-87} RUST_LOG=info
mkdir -p "$work/frames"
rm -f "$work/frames"/*
git -C "$root" archive HEAD | tar -x -C "$work"
cd "$work"
source_file=example-impl/src/lib.rs

cargo build --quiet --package example-app
cargo run --quiet -- --headless --frames 2

Xvfb "$DISPLAY" -screen 0 ${width}x${height}x24 >/dev/null 2>&1 &
screen=$!
trap 'kill $program $screen 2>/dev/null || true' EXIT
sleep 1
cargo run --quiet -- --size ${width}x${height} >"$work/log" 2>&1 &
program=$!

# Waits until the log has a line N times.
logged() {
    for _ in $(seq 600); do
        [ "$(grep -c "$1" "$work/log")" -ge "$2" ] && return
        sleep 0.1
    done
    echo "the log has no \"$1\" ($2 times); see $work/log" >&2
    exit 1
}

# Takes pictures for some tenths of a second, with a caption: what is in the source.
frame=0
show() {
    for _ in $(seq "$1"); do
        import -window root "$work/shot.png"
        convert "$work/shot.png" \( -size ${width}x30 xc:'#1d1f21' -font DejaVu-Sans-Mono -pointsize 14 \
            -fill "$2" -gravity west -annotate +10+0 "$3" \) -append \
            "$(printf '%s/frames/%03d.png' "$work" $frame)"
        frame=$((frame + 1))
    done
}

# Replaces text in the source by a rename, as many editors save.
save() {
    sed "s|$1|$2|" "$source_file" >"$source_file.new"
    mv "$source_file.new" "$source_file"
}

plain='#c5c8c6' saved='#b5bd68' wrong='#cc6666'
logged 'first frame' 1
sleep 2
show 9 "$plain" 'const RADIUS: f32 = 22.0;'
save 'RADIUS: f32 = 22.0' 'RADIUS: f32 = 44.0'
show 12 "$saved" 'const RADIUS: f32 = 44.0;   // saved'
save '0x0022_3a33' '0x0078_4a2a'
show 12 "$saved" 'const GROUND: u32 = 0x0078_4a2a;   // saved'
save 'RADIUS: f32 = 44.0' 'RADIUS: f32 = "large"'
show 16 "$wrong" 'const RADIUS: f32 = "large";   // saved'
save 'RADIUS: f32 = "large"' 'RADIUS: f32 = 30.0'
show 12 "$saved" 'const RADIUS: f32 = 30.0;   // saved'

convert -delay 14 -loop 0 "$work/frames"/*.png -resize 400x +dither -colors 32 -fuzz 3% \
    -layers optimize "$root/docs/reload.gif"
ls -l "$root/docs/reload.gif"
