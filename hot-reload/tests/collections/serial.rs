//! Tests that the collections look like their counterparts in `std` to serde.

use hot_reload::{
    FixedString, FixedVec,
    collections::{FixedDuration, FixedInstant, FixedMap, FixedOption, Grid, Handle, Pool, Ring},
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;
use std::time::Duration;

/// Checks that the value is written as this text, and read back from it.
#[track_caller]
fn both_ways<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T, json: &str) {
    assert_eq!(serde_json::to_string(&value).expect("JSON"), json);
    assert_eq!(serde_json::from_str::<T>(json).expect("a value"), value);
    let packed = rmp_serde::to_vec(&value).expect("bytes");
    assert_eq!(rmp_serde::from_slice::<T>(&packed).expect("a value"), value);
}

#[test]
fn values_are_written_as_those_of_std() {
    both_ways(FixedVec::<u8, 4>::try_from([1, 2]).unwrap(), "[1,2]");
    both_ways(Ring::<u8, 4>::try_from(&[1, 2][..]).unwrap(), "[1,2]");
    both_ways(FixedString::<8>::truncated("a\"€"), "\"a\\\"€\"");
    both_ways(FixedOption::<u8>::None, "null");
    both_ways(FixedOption::Some(3), "3");
    both_ways(Grid::from([[1, 2, 3], [4, 5, 6]]), "[[1,2,3],[4,5,6]]");
    both_ways(
        FixedMap::<u8, bool, 4>::try_from([(2, true), (1, false)]).unwrap(),
        r#"{"1":false,"2":true}"#,
    );
    let duration = Duration::from_millis(1500);
    both_ways(FixedDuration::from(duration), &serde_json::to_string(&duration).unwrap());
    both_ways(FixedInstant::at(duration), &serde_json::to_string(&duration).unwrap());
    both_ways(Handle::<u8>::NONE, "[0,0]");
}

#[test]
fn handles_find_the_same_in_a_pool_that_was_read() {
    let mut pool = Pool::<char, 5>::new();
    let [gone, here, later] = ['a', 'b', 'c'].map(|it| pool.insert(it).unwrap());
    pool.remove(gone);
    pool.remove(later);
    both_ways(pool, r#"[[2,null],[1,"b"],[2,null]]"#);
    let json = serde_json::to_string(&pool).unwrap();
    let mut read = serde_json::from_str::<Pool<char, 3>>(&json).unwrap();
    assert_eq!((read.get(here), read.get(gone), read.len()), (Some(&'b'), None, 1));
    let new = [read.insert('d').unwrap(), read.insert('e').unwrap()];
    assert!(read.is_full() && !new.contains(&gone) && !new.contains(&later));
}

#[track_caller]
fn refused<T: DeserializeOwned + Debug>(json: &str, expected: &str) {
    let message = serde_json::from_str::<T>(json).expect_err("refused").to_string();
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn what_does_not_fit_is_refused_with_the_capacity() {
    let list = "invalid length 3, expected a sequence of at most 2 elements";
    refused::<FixedVec<u8, 2>>("[1,2,3]", list);
    refused::<Ring<u8, 2>>("[1,2,3,4]", list);
    refused::<FixedString<2>>("\"€\"", "invalid length 3, expected a text of at most 2 bytes");
    let map = r#"{"1":1,"2":2,"1":3,"3":4}"#;
    refused::<FixedMap<u8, u8, 2>>(map, "invalid length 3, expected a map of at most 2 entries");
    refused::<Grid<u8, 2, 2>>("[[1,2]]", "invalid length 1, expected 2 rows of 2 cells");
    refused::<Grid<u8, 2, 2>>(
        "[[1,2],[1,2],[1,2]]",
        "invalid length 3, expected 2 rows of 2 cells",
    );
    refused::<Grid<u8, 2, 2>>("[[1,2],[1]]", "invalid length 1, expected a row of 2 cells");
    refused::<Grid<u8, 2, 2>>("[[1,2,3],[1,2]]", "invalid length 3, expected a row of 2 cells");
    refused::<Pool<u8, 1>>(
        "[[1,1],[1,2]]",
        "invalid length 2, expected a sequence of at most 1 slots",
    );
    refused::<Pool<u8, 2>>(
        "[[2,1]]",
        "slot 0: a value must be present exactly if the generation is odd",
    );
    refused::<Pool<u8, 2>>(
        "[[2,null],[1,null]]",
        "slot 1: a value must be present exactly if the generation is odd",
    );
}

#[test]
fn types_that_hold_collections_derive_serde() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct World {
        balls: FixedVec<(f32, f32), 8>,
        name: FixedString<8>,
        best: FixedOption<FixedDuration>,
        nodes: FixedMap<FixedString<4>, [u8; 2], 4>,
    }
    let world = World {
        balls: [(1.0, 2.0)].try_into().unwrap(),
        name: "a".parse().unwrap(),
        best: FixedOption::None,
        nodes: [("b".parse().unwrap(), [1, 2])].try_into().unwrap(),
    };
    both_ways(world, r#"{"balls":[[1.0,2.0]],"name":"a","best":null,"nodes":{"b":[1,2]}}"#);
}
