//! The renderer's program. It is replaced when its code or the library in C changes.

fn main() -> hot_reload::Result<()> {
    hot_reload::run::<c_library_calls::Calling>(c_library_calls::caller())
}
