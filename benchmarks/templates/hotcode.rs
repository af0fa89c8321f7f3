//! Draws every two milliseconds, and prints the color when it changes.

use std::time::Duration;

fn main() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
    let mut pixels = vec![0; @WIDTH@ * @HEIGHT@];
    let mut shown = 0;
    for tick in 1.. {
        contest::draw(&mut pixels, @WIDTH@, @HEIGHT@, tick);
        if pixels[@PROBE@] != shown {
            shown = pixels[@PROBE@];
            println!("shown {shown:06x}");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
