//! A plain minifb program.

mod scene;

fn main() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
    let options = minifb::WindowOptions { borderless: true, ..Default::default() };
    let mut window =
        minifb::Window::new("Contest", @WIDTH@, @HEIGHT@, options).expect("a window");
    window.set_target_fps(60);
    let mut pixels = vec![0; @WIDTH@ * @HEIGHT@];
    let mut tick = 0;
    while window.is_open() {
        tick += 1;
        scene::draw(&mut pixels, @WIDTH@, @HEIGHT@, tick);
        window.update_with_buffer(&pixels, @WIDTH@, @HEIGHT@).expect("a picture");
    }
}
