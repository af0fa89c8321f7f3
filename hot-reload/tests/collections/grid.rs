//! Tests of `Grid` against an array of rows.

use crate::accepted;
use hot_reload::{SharedState, collections::Grid};
use std::panic::catch_unwind;

/// Returns a grid in which each cell has a different value.
fn grid() -> Grid<usize, 4, 3> {
    Grid::from_fn(|x, y| 10 * y + x)
}

#[test]
fn cells_are_found_by_x_and_y() {
    let mut grid = grid();
    assert_eq!((grid.width(), grid.height()), (4, 3));
    for y in 0..5 {
        for x in 0..5 {
            let expected = (x < 4 && y < 3).then_some(10 * y + x);
            assert_eq!(grid.get(x, y).copied(), expected);
            assert_eq!(grid.get_mut(x, y).copied(), expected);
            assert_eq!(grid.contains(x, y), expected.is_some());
            assert_eq!(catch_unwind(|| grid[(x, y)]).ok(), expected);
        }
    }
    grid[(3, 2)] = 99;
    assert_eq!(grid.get(3, 2), Some(&99));
    grid.swap((3, 2), (0, 0));
    assert_eq!((grid[(3, 2)], grid[(0, 0)]), (0, 99));
    accepted(&grid);
}

#[test]
fn cells_are_iterated_row_by_row() {
    let mut grid = grid();
    let all = [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23];
    assert_eq!(grid.as_slice(), all);
    assert!(grid.iter().eq(&all) && (&grid).into_iter().eq(&all));
    assert!(grid.rows().eq(&[[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]));
    assert!(grid.indexed().all(|((x, y), cell)| *cell == 10 * y + x));
    assert_eq!(grid.indexed().next_back(), Some(((3, 2), &23)));
    grid.rows_mut().for_each(|row| row.reverse());
    for cell in &mut grid {
        *cell += 1;
    }
    assert_eq!(grid, Grid::from([[4, 3, 2, 1], [14, 13, 12, 11], [24, 23, 22, 21]]));
    grid.fill(5);
    assert!(grid.iter().all(|cell| *cell == 5));
    assert_eq!(format!("{:?}", Grid::<u8, 2, 2>::new()), "[[0, 0], [0, 0]]");
}

#[test]
fn neighbours_are_those_that_exist() {
    let grid = grid();
    let four = |x, y| grid.neighbours4(x, y).map(|(_, cell)| *cell).collect::<Vec<_>>();
    let eight = |x, y| grid.neighbours8(x, y).map(|(_, cell)| *cell).collect::<Vec<_>>();
    assert_eq!(four(1, 1), [1, 10, 12, 21]);
    assert_eq!(four(0, 0), [1, 10]);
    assert_eq!(four(3, 2), [13, 22]);
    assert_eq!(eight(1, 1), [0, 1, 2, 10, 12, 20, 21, 22]);
    assert_eq!(eight(3, 0), [2, 12, 13]);
    assert_eq!((four(usize::MAX, 0), eight(9, 9)), (vec![], vec![]));
    assert!(grid.neighbours8(2, 1).all(|((x, y), cell)| grid[(x, y)] == *cell));
}

#[test]
fn grids_without_cells_are_grids() {
    let (mut flat, thin) = (Grid::<u8, 4, 0>::new(), Grid::<u8, 0, 4>::from_fn(|_, _| 1));
    assert_eq!((flat.indexed_mut().count(), thin.indexed().count()), (0, 0));
    assert_eq!((flat.rows().count(), thin.rows().count(), thin.get(0, 0)), (0, 4, None));
    accepted(&thin);
}

#[test]
fn blank_cells_are_blank_values() {
    #[derive(Clone, Copy, Debug, PartialEq, SharedState)]
    #[repr(i8)]
    enum Land {
        Water = 3,
        Grass,
    }
    let mut grid = Grid::<Land, 2, 2>::default();
    assert!(grid.iter().all(|cell| *cell == Land::Water));
    grid[(0, 1)] = Land::Grass;
    assert_eq!(
        grid.indexed().find(|(_, cell)| **cell == Land::Grass),
        Some(((0, 1), &Land::Grass))
    );
}
