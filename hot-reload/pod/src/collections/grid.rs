//! `Grid<T, W, H>`: a grid of cells whose width and height are part of its type.

use crate::{SharedState, blank};
use std::fmt;
use std::iter::{Enumerate, Map};
use std::ops::{Index, IndexMut};
use std::slice;

/// A grid of `H` rows of `W` cells: a board, a map, a height field.
///
/// Positions are `(x, y)` as for pixels: `x` increases to the right, `y` downwards.
///
/// ```
/// use hot_reload::collections::Grid;
///
/// let mut board = Grid::<u8, 4, 3>::from_fn(|x, y| u8::from((x, y) == (1, 1)));
/// let around = |board: &Grid<u8, 4, 3>, x, y| board.neighbours8(x, y).map(|(_, it)| it).sum::<u8>();
/// assert_eq!(around(&board, 0, 0), 1);
/// board[(3, 2)] = 5;
/// assert_eq!(board.rows().map(|row| row.iter().sum()).collect::<Vec<u8>>(), [0, 1, 5]);
/// assert_eq!(board.get(4, 0), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, hot_reload_derive::SharedState)]
#[repr(C)]
pub struct Grid<T, const W: usize, const H: usize> {
    cells: [[T; W]; H],
}

impl<T: SharedState, const W: usize, const H: usize> Grid<T, W, H> {
    /// Creates a grid of blank cells: numbers are zero, collections are empty, enums are at their
    /// first variant.
    #[must_use]
    pub fn new() -> Self {
        blank()
    }

    /// Creates a grid whose cells are `cell(x, y)`, called row by row.
    #[must_use]
    pub fn from_fn(mut cell: impl FnMut(usize, usize) -> T) -> Self {
        let mut grid = Self::new();
        grid.indexed_mut().for_each(|((x, y), place)| *place = cell(x, y));
        grid
    }

    /// Returns `W`.
    #[must_use]
    pub const fn width(&self) -> usize {
        W
    }

    /// Returns `H`.
    #[must_use]
    pub const fn height(&self) -> usize {
        H
    }

    /// Returns whether there is a cell at a position.
    #[must_use]
    pub const fn contains(&self, x: usize, y: usize) -> bool {
        x < W && y < H
    }

    /// Returns the cell at a position.
    #[must_use]
    pub fn get(&self, x: usize, y: usize) -> Option<&T> {
        self.cells.get(y)?.get(x)
    }

    /// Returns a mutable reference to the cell at a position.
    pub fn get_mut(&mut self, x: usize, y: usize) -> Option<&mut T> {
        self.cells.get_mut(y)?.get_mut(x)
    }

    /// Sets all cells to copies of `cell`.
    pub fn fill(&mut self, cell: T) {
        self.as_mut_slice().fill(cell);
    }

    /// Swaps the cells at two positions.
    ///
    /// # Panics
    /// Panics if either position is outside the grid.
    pub fn swap(&mut self, one: (usize, usize), other: (usize, usize)) {
        (self[one], self[other]) = (self[other], self[one]);
    }

    /// Returns all cells as one slice, row by row.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        self.cells.as_flattened()
    }

    /// Returns all cells as one mutable slice, row by row.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        self.cells.as_flattened_mut()
    }

    /// Returns an iterator over the rows from top to bottom.
    pub fn rows(&self) -> slice::Iter<'_, [T; W]> {
        self.cells.iter()
    }

    /// Returns a mutable iterator over the rows from top to bottom.
    pub fn rows_mut(&mut self) -> slice::IterMut<'_, [T; W]> {
        self.cells.iter_mut()
    }

    /// Returns an iterator over the cells, row by row.
    pub fn iter(&self) -> slice::Iter<'_, T> {
        self.as_slice().iter()
    }

    /// Returns a mutable iterator over the cells, row by row.
    pub fn iter_mut(&mut self) -> slice::IterMut<'_, T> {
        self.as_mut_slice().iter_mut()
    }

    /// Returns an iterator over the cells with their positions, row by row.
    pub fn indexed(&self) -> Indexed<slice::Iter<'_, T>> {
        self.iter().enumerate().map(|(index, cell)| ((index % W, index / W), cell))
    }

    /// Returns a mutable iterator over the cells with their positions, row by row.
    pub fn indexed_mut(&mut self) -> Indexed<slice::IterMut<'_, T>> {
        self.iter_mut().enumerate().map(|(index, cell)| ((index % W, index / W), cell))
    }

    /// Returns an iterator over the existing cells above, to the left, to the right and below, with
    /// their positions.
    pub fn neighbours4(&self, x: usize, y: usize) -> GridNeighbours<'_, T, W, H> {
        let steps = const { &[(0, -1), (-1, 0), (1, 0), (0, 1)] };
        GridNeighbours { grid: self, of: (x, y), steps: steps.iter() }
    }

    /// Returns an iterator over the existing cells that touch the one at `(x, y)`, diagonally too,
    /// with their positions, row by row.
    pub fn neighbours8(&self, x: usize, y: usize) -> GridNeighbours<'_, T, W, H> {
        let steps =
            const { &[(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)] };
        GridNeighbours { grid: self, of: (x, y), steps: steps.iter() }
    }
}

/// An iterator over cells with their positions. Spelled out in full, because an `impl Iterator`
/// might have a destructor, and `if let Some(it) = …next()` would then keep the grid borrowed.
type Indexed<I> = Map<
    Enumerate<I>,
    fn((usize, <I as Iterator>::Item)) -> ((usize, usize), <I as Iterator>::Item),
>;

/// Iterator over the neighbours of a cell in a [`Grid`], with their positions.
#[derive(Debug, Clone)]
pub struct GridNeighbours<'a, T: SharedState, const W: usize, const H: usize> {
    grid: &'a Grid<T, W, H>,
    of: (usize, usize),
    /// Remaining steps to the right and down.
    steps: slice::Iter<'static, (isize, isize)>,
}

impl<'a, T: SharedState, const W: usize, const H: usize> Iterator for GridNeighbours<'a, T, W, H> {
    type Item = ((usize, usize), &'a T);

    fn next(&mut self) -> Option<Self::Item> {
        let (x, y) = self.of;
        self.steps.find_map(|&(right, down)| {
            let at = (x.checked_add_signed(right)?, y.checked_add_signed(down)?);
            Some((at, self.grid.get(at.0, at.1)?))
        })
    }
}

impl<T: SharedState, const W: usize, const H: usize> Default for Grid<T, W, H> {
    fn default() -> Self {
        Self::new()
    }
}

/// Converts rows of cells.
impl<T, const W: usize, const H: usize> From<[[T; W]; H]> for Grid<T, W, H> {
    fn from(cells: [[T; W]; H]) -> Self {
        Grid { cells }
    }
}

impl<T: SharedState, const W: usize, const H: usize> Index<(usize, usize)> for Grid<T, W, H> {
    type Output = T;

    fn index(&self, (x, y): (usize, usize)) -> &T {
        let Some(cell) = self.get(x, y) else { panic!("cell ({x}, {y}) of {W} × {H}") };
        cell
    }
}

impl<T: SharedState, const W: usize, const H: usize> IndexMut<(usize, usize)> for Grid<T, W, H> {
    fn index_mut(&mut self, (x, y): (usize, usize)) -> &mut T {
        let Some(cell) = self.get_mut(x, y) else { panic!("cell ({x}, {y}) of {W} × {H}") };
        cell
    }
}

impl<'a, T: SharedState, const W: usize, const H: usize> IntoIterator for &'a Grid<T, W, H> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T: SharedState, const W: usize, const H: usize> IntoIterator for &'a mut Grid<T, W, H> {
    type Item = &'a mut T;
    type IntoIter = slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// Prints the list of rows, each a list of its cells.
impl<T: SharedState + fmt::Debug, const W: usize, const H: usize> fmt::Debug for Grid<T, W, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.cells, f)
    }
}
