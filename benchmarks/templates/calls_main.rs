//! Measures one round for each line of standard input.

mod rounds;
/* where the functions are */

fn main() {
    for _ in std::io::stdin().lines() {
        let (empty, fibonacci) = rounds::round(|| functions::empty(), |n| functions::fibonacci(n));
        println!("round {empty} {fibonacci}");
    }
}
