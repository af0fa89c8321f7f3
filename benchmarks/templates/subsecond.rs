//! Draws every two milliseconds, and prints the color when it changes.

mod scene;

use dioxus_devtools::subsecond;
use std::time::Duration;

fn main() {
    dioxus_devtools::connect_subsecond();
    let mut pixels = vec![0; @WIDTH@ * @HEIGHT@];
    let (mut shown, mut tick) = (0, 0);
    loop {
        subsecond::call(|| {
            tick += 1;
            scene::draw(&mut pixels, @WIDTH@, @HEIGHT@, tick);
        });
        if pixels[@PROBE@] != shown {
            shown = pixels[@PROBE@];
            println!("shown {shown:06x}");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
