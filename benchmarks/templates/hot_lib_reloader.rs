//! Draws at the start and after each reload, and prints the color it drew.

#[hot_lib_reloader::hot_module(dylib = "lib"/* setting */)]
mod hot_lib {
    hot_functions_from_file!("lib/src/lib.rs");

    #[lib_change_subscription]
    pub fn subscribe() -> hot_lib_reloader::LibReloadObserver {}
}

fn main() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
    let observer = hot_lib::subscribe();
    let mut pixels = vec![0; @WIDTH@ * @HEIGHT@];
    let mut tick = 0;
    loop {
        tick += 1;
        hot_lib::draw(&mut pixels, @WIDTH@, @HEIGHT@, tick);
        println!("shown {:06x}", pixels[@PROBE@]);
        observer.wait_for_reload();
    }
}
