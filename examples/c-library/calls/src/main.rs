//! The program that is rebuilt and replaced, also when the library in C is another.

fn main() -> hot_reload::Result<()> {
    hot_reload::run::<c_library_calls::Calling>(c_library_calls::caller())
}
