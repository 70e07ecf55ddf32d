//! A table in the columns of a terminal.
//!
//! Too wide, it gives way in this order: names of groups move to lines of their own, columns that may be left
//! out are (and a line says which), names are elided in the middle. Figures never are.

use super::notes::Notes;
use super::styled::Styled;
use crate::document::{Align, Column, Fit, Row, Table, Tone};

/// Space between columns; between a figure and what belongs to it.
const GAP: usize = 2;
const NEAR: usize = 1;
/// Space before rows whose group has a line of its own.
const INDENT: usize = 2;
/// A name elided below this tells nothing.
const NAME_MIN: usize = 8;

/// Do the names of groups need lines of their own for a table to be no wider than `width`?
pub fn must_stack(table: &Table, width: usize) -> bool {
    let grid = Grid::of(table, false, &mut Notes::default());
    grid.has_stub() && grid.width() > width
}

/// The lines of a table no wider than `width`, and the notes its values carry.
pub fn lines<'a>(table: &'a Table, width: usize, stacked: bool, notes: &mut Notes<'a>) -> Vec<Styled> {
    let mut grid = Grid::of(table, stacked, notes);
    while grid.width() > width && grid.leave_out() {}
    while grid.width() > width && grid.elide(grid.width() - width) {}
    grid.lines(width)
}

struct Grid {
    lanes: Vec<Lane>,
    rows: Vec<Line>,
    /// Does the first column stand on lines of its own?
    stacked: bool,
    left_out: Vec<String>,
}

/// A column.
struct Lane {
    title: Styled,
    align: Align,
    fit: Fit,
    /// On its left, unless it is the first.
    gap: usize,
    width: usize,
}

/// A row.
struct Line {
    cells: Vec<Styled>,
    rest: Option<Styled>,
}

impl Grid {
    fn of<'a>(table: &'a Table, stacked: bool, notes: &mut Notes<'a>) -> Self {
        let lanes = table.columns.iter().map(|column| Lane::of(column, notes)).collect();
        let rows = table.rows.iter().map(|row| Line::of(row, notes)).collect();
        let mut grid = Self { lanes, rows, stacked: false, left_out: Vec::new() };
        grid.stacked = stacked && grid.has_stub();
        grid.measure();
        grid
    }

    fn has_stub(&self) -> bool {
        self.lanes.first().is_some_and(|lane| lane.fit == Fit::Stub)
    }

    /// Every column as wide as its widest cell; the names of groups are to be seen first.
    fn measure(&mut self) {
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            let cells = self.rows.iter_mut().filter_map(|row| row.cells.get_mut(index));
            lane.width = cells.fold(lane.title.width(), |width, cell| {
                if lane.fit == Fit::Stub {
                    *cell = std::mem::take(cell).all(Tone::Strong);
                }
                width.max(cell.width())
            });
        }
    }

    /// The columns that stand beside each other.
    fn beside(&self) -> &[Lane] {
        &self.lanes[usize::from(self.stacked)..]
    }

    fn indent(&self) -> usize {
        if self.stacked { INDENT } else { 0 }
    }

    /// Columns of the terminal it takes. Words in place of cells do not count: they can be broken.
    fn width(&self) -> usize {
        let gaps: usize = self.beside().iter().skip(1).map(|lane| lane.gap).sum();
        self.indent() + gaps + self.beside().iter().map(|lane| lane.width).sum::<usize>()
    }

    /// Leaves out the column that matters least; `false` if all matter.
    fn leave_out(&mut self) -> bool {
        let rank = |lane: &Lane| if let Fit::Drop(rank) = lane.fit { Some(rank) } else { None };
        let ranked = self.lanes.iter().enumerate().filter_map(|(index, lane)| Some((rank(lane)?, index)));
        let Some((_, index)) = ranked.max() else { return false };
        let lane = self.lanes.remove(index);
        self.left_out.push(lane.title.paint(false));
        for row in self.rows.iter_mut().filter(|row| row.cells.len() > index) {
            row.cells.remove(index);
        }
        true
    }

    /// Takes from the widest column of words; `false` if there is nothing to take.
    fn elide(&mut self, excess: usize) -> bool {
        let words = self.lanes.iter_mut().enumerate().skip(usize::from(self.stacked));
        let widest = words.filter(|(_, lane)| lane.align == Align::Left).max_by_key(|(_, lane)| lane.width);
        let Some((index, lane)) = widest.filter(|(_, lane)| lane.width > NAME_MIN) else { return false };
        lane.width = lane.width.saturating_sub(excess).max(NAME_MIN);
        let title = std::iter::once(&mut lane.title);
        for cell in title.chain(self.rows.iter_mut().filter_map(|row| row.cells.get_mut(index))) {
            *cell = std::mem::take(cell).elided(lane.width);
        }
        true
    }

    fn lines(mut self, width: usize) -> Vec<Styled> {
        let titles = self.lanes.iter_mut().map(|lane| std::mem::take(&mut lane.title).toned(Tone::Strong)).collect();
        let mut lines = self.row(Line { cells: titles, rest: None }, width);
        lines.push(Styled::piece(Tone::Faint, &"─".repeat(self.width())));
        for mut row in std::mem::take(&mut self.rows) {
            let group = row.cells.first_mut().filter(|cell| self.stacked && cell.width() > 0);
            lines.extend(group.map(|cell| std::mem::take(cell).elided(width)));
            lines.extend(self.row(row, width));
        }
        if !self.left_out.is_empty() {
            let names = self.left_out.join(", ");
            lines.push(Styled::piece(Tone::Faint, &format!("left out to fit the terminal: {names}")));
        }
        lines
    }

    /// A row; words in place of its cells are broken where they reach the edge.
    fn row(&self, row: Line, width: usize) -> Vec<Styled> {
        let mut line = Styled::blank(self.indent());
        let cells = row.cells.into_iter().skip(usize::from(self.stacked)).zip(self.beside());
        for (index, (cell, lane)) in cells.enumerate() {
            line.extend(Styled::blank(if index > 0 { lane.gap } else { 0 }));
            line.extend(cell.aligned(lane.align, lane.width));
        }
        match row.rest {
            None => vec![line],
            Some(rest) => {
                line.extend(Styled::blank(GAP));
                rest.hanging(line, width)
            }
        }
    }
}

impl Lane {
    fn of<'a>(column: &'a Column, notes: &mut Notes<'a>) -> Self {
        let gap = if column.near { NEAR } else { GAP };
        Self { title: Styled::of(&column.title, notes), align: column.align, fit: column.fit, gap, width: 0 }
    }
}

impl Line {
    fn of<'a>(row: &'a Row, notes: &mut Notes<'a>) -> Self {
        let cells = row.cells.iter().map(|cell| Styled::of(cell, notes)).collect();
        Self { cells, rest: row.rest.as_ref().map(|rest| Styled::of(rest, notes)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Text;

    fn table() -> Table {
        let row = |cells: [&str; 5]| Row::of(cells.map(Text::from).to_vec());
        Table {
            columns: vec![
                Column::words("case").fit(Fit::Stub),
                Column::words("backend"),
                Column::figures("time"),
                Column::figures("±").near(),
                Column::figures("error").fit(Fit::Drop(1)),
            ],
            rows: vec![
                row(["matmul/64x64x64", "naive", "9 µs", "±1 %", "1e-7"]),
                row(["", "pooled@avx2", "41 µs", "±12 %", "2e-7"]),
                Row::ending(vec!["add/10".into(), "naive".into()], "failed: signal 11"),
            ],
        }
    }

    #[track_caller]
    fn check(width: usize, want: &[&str]) {
        let table = table();
        let lines = lines(&table, width, must_stack(&table, width), &mut Notes::default());
        assert_eq!(lines.iter().map(|line| line.paint(false)).collect::<Vec<_>>(), want);
    }

    #[test]
    fn it_stands_in_columns() {
        check(
            60,
            &[
                "case             backend       time     ±  error",
                "────────────────────────────────────────────────",
                "matmul/64x64x64  naive         9 µs  ±1 %   1e-7",
                "                 pooled@avx2  41 µs ±12 %   2e-7",
                "add/10           naive        failed: signal 11",
            ],
        );
    }

    #[test]
    fn too_wide_it_stacks() {
        check(
            34,
            &[
                "  backend       time     ±  error",
                "─────────────────────────────────",
                "matmul/64x64x64",
                "  naive         9 µs  ±1 %   1e-7",
                "  pooled@avx2  41 µs ±12 %   2e-7",
                "add/10",
                "  naive        failed: signal 11",
            ],
        );
    }

    #[test]
    fn then_it_leaves_out_elides_and_breaks_words() {
        check(
            23,
            &[
                "  backend    time     ±",
                "───────────────────────",
                "matmul/64x64x64",
                "  naive      9 µs  ±1 %",
                "  pool…vx2  41 µs ±12 %",
                "add/10",
                "  naive     failed:",
                "            signal 11",
                "left out to fit the terminal: error",
            ],
        );
    }
}
