//! Comparison of files.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Returns true if two files have the same contents. Programs have some 30 MB and are therefore
/// read piece by piece; otherwise the allocator would retain that much memory for each.
pub(super) fn same_contents(one: &Path, other: &Path) -> bool {
    let open = |path: &Path| Some(BufReader::with_capacity(1 << 16, File::open(path).ok()?));
    let (Some(mut one), Some(mut other)) = (open(one), open(other)) else { return false };
    loop {
        let same = match (one.fill_buf(), other.fill_buf()) {
            (Ok([]), Ok([])) => return true,
            (Ok(one), Ok(other)) => {
                let length = one.len().min(other.len());
                (length > 0 && one[..length] == other[..length]).then_some(length)
            }
            _ => None,
        };
        let Some(length) = same else { return false };
        one.consume(length);
        other.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn files_of_the_same_contents_are_told_from_others() {
        let folder = std::env::temp_dir().join(format!("hot-reload-same-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let long = vec![7_u8; 200_000];
        let (mut end, mut middle) = (long.clone(), long.clone());
        (end[199_999], middle[70_000]) = (8, 8);
        let files = [&long[..], &end, &middle, &long[..199_999], &[]];
        let path = |index: usize| folder.join(index.to_string());
        for (index, bytes) in files.iter().enumerate() {
            fs::write(path(index), bytes).unwrap();
        }
        for (one, other) in (0..files.len()).flat_map(|one| (0..5).map(move |other| (one, other))) {
            assert_eq!(same_contents(&path(one), &path(other)), one == other, "{one} and {other}");
        }
        assert!(!same_contents(&path(0), &path(9)) && !same_contents(&path(9), &path(9)));
        fs::remove_dir_all(folder).unwrap();
    }
}
