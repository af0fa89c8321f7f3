//! The cells, and the rules by which they fall.

use hot_reload::{SharedState, collections::Grid};

/// Number of cells in a row.
pub const WIDTH: usize = 1200;
/// Number of rows.
pub const HEIGHT: usize = 800;

/// Content of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SharedState)]
#[repr(u8)]
pub enum Cell {
    /// An empty cell.
    Empty,
    /// Sand, which falls and slides down steep slopes.
    Sand,
    /// Water, which falls and flows.
    Water,
    /// Stone, which stays in place.
    Stone,
}

/// The complete state.
#[derive(Debug, Clone, Copy, SharedState)]
#[repr(C)]
pub struct World {
    /// Cells; the lowest row is last.
    pub cells: Grid<Cell, WIDTH, HEIGHT>,
    /// Material that the mouse pours.
    pub poured: Cell,
    /// Number of turns so far.
    pub turns: u64,
}

impl Default for World {
    fn default() -> Self {
        World { cells: Grid::new(), poured: Cell::Sand, turns: 0 }
    }
}

impl World {
    /// Builds the initial world: a basin, ledges, a block of sand and one of water.
    pub fn build(&mut self) {
        self.cells.fill(Cell::Empty);
        (self.poured, self.turns) = (Cell::Sand, 0);
        self.block(Cell::Stone, (0, HEIGHT - 8), (WIDTH, 8));
        for ledge in 0..5 {
            self.block(Cell::Stone, (140 + 200 * ledge, 320 + 90 * (ledge % 3)), (150, 6));
        }
        self.block(Cell::Sand, (180, 20), (500, 140));
        self.block(Cell::Water, (760, 20), (240, 140));
    }

    /// Fills a rectangle with one kind of cell.
    fn block(&mut self, cell: Cell, (left, top): (usize, usize), (width, height): (usize, usize)) {
        for row in self.cells.rows_mut().skip(top).take(height) {
            row.iter_mut().skip(left).take(width).for_each(|place| *place = cell);
        }
    }

    /// Pours a material around a place. Only emptiness replaces stone.
    pub fn pour(&mut self, cell: Cell, (x, y): (f32, f32), reach: usize) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "in the canvas"
        )]
        let (x, y) = (x.max(0.0) as usize, y.max(0.0) as usize);
        for row in y.saturating_sub(reach)..=y + reach {
            for column in x.saturating_sub(reach)..=x + reach {
                let (dx, dy) = (column.abs_diff(x), row.abs_diff(y));
                let place = self.cells.get_mut(column, row);
                if let Some(place) = place.filter(|_| dx * dx + dy * dy <= reach * reach)
                    && (*place != Cell::Stone || cell == Cell::Empty)
                {
                    *place = cell;
                }
            }
        }
    }

    /// Returns the number of cells of one kind.
    #[must_use]
    pub fn count(&self, cell: Cell) -> usize {
        self.cells.iter().filter(|it| **it == cell).count()
    }

    /// Moves everything down by at most one cell; water can flow further sideways. `chance` decides
    /// which direction is tried first. Sand falls once per turn, so it is slower on a machine that
    /// does not reach sixty turns per second.
    pub fn fall(&mut self, chance: u64) {
        self.turns += 1;
        // From the bottom up, so that nothing falls twice; every other turn starts at the right.
        for y in (0..HEIGHT - 1).rev() {
            let begin = y * WIDTH;
            if self.turns.is_multiple_of(2) {
                (begin..begin + WIDTH).for_each(|at| self.move_cell(at, chance));
            } else {
                (begin..begin + WIDTH).rev().for_each(|at| self.move_cell(at, chance));
            }
        }
    }

    fn move_cell(&mut self, at: usize, chance: u64) {
        let cells = self.cells.as_mut_slice();
        let cell = cells[at];
        if cell == Cell::Empty || cell == Cell::Stone {
            return;
        }
        let makes_way = |it: Cell| it == Cell::Empty || (cell == Cell::Sand && it == Cell::Water);
        let below = at + WIDTH;
        if makes_way(cells[below]) {
            return cells.swap(at, below);
        }
        let first = (chance >> (at % 61)) & 1 == 1;
        for right in [first, !first] {
            let column = at % WIDTH;
            let edge = if right { WIDTH - 1 } else { 0 };
            if column == edge {
                continue;
            }
            let beside = |at: usize| if right { at + 1 } else { at - 1 };
            if makes_way(cells[beside(below)]) {
                return cells.swap(at, beside(below));
            }
            if cell == Cell::Water && cells[beside(at)] == Cell::Empty {
                return cells.swap(at, beside(at));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a test on a large stack: a world is a value of a megabyte, and an unoptimised program
    /// keeps several copies on its stack.
    fn with_world(test: impl FnOnce(&mut World) + Send) {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(64 << 20);
            let test = || test(&mut World::default());
            let ended = thread.spawn_scoped(scope, test).expect("a thread").join();
            ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        });
    }

    #[test]
    fn nothing_is_lost_and_nothing_made() {
        with_world(|world| {
            world.build();
            let kinds = [Cell::Empty, Cell::Sand, Cell::Water, Cell::Stone];
            let before = kinds.map(|kind| world.count(kind));
            for turn in 0..60_u64 {
                world.fall(turn.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            }
            assert_eq!(kinds.map(|kind| world.count(kind)), before);
        });
    }

    #[test]
    fn sand_sinks_and_comes_to_rest() {
        with_world(|world| {
            world.block(Cell::Stone, (0, HEIGHT - 1), (WIDTH, 1));
            world.block(Cell::Water, (0, HEIGHT - 2), (WIDTH, 1));
            world.pour(Cell::Sand, (600.0, 780.0), 0);
            (0..40).for_each(|turn| world.fall(turn));
            let column = (0..HEIGHT).position(|y| {
                world.cells.rows().nth(y).is_some_and(|row| row.contains(&Cell::Sand))
            });
            assert_eq!(column, Some(HEIGHT - 2), "below the water");
            assert_eq!((world.count(Cell::Sand), world.count(Cell::Water)), (1, WIDTH));
        });
    }
}
