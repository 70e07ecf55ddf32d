//! What a call asks the allocator for: bars from zero, case by case.

use super::Draw;
use super::colour::SERIES;
use super::svg::Svg;
use crate::document::{Subject, Table};
use crate::figure;

/// What calls ask the allocator for.
#[derive(Clone, Debug, PartialEq)]
pub struct Amounts {
    /// From top to bottom.
    pub bars: Vec<Amount>,
    /// Further cases ask for less.
    pub more: usize,
}

/// One backend at one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    /// Index of the backend, for its colour.
    pub series: usize,
    /// Of whom, at what.
    pub subject: Subject,
    /// Blocks of one call.
    pub blocks: f64,
    /// Bytes of one call.
    pub bytes: f64,
}

const LEFT: f64 = 150.0;
const WIDTH: f64 = 440.0;
const LINE: f64 = 16.0;
const GROUP: f64 = 22.0;

impl Draw for Amounts {
    fn title(&self) -> String {
        "Bytes asked of the allocator in one call".to_owned()
    }

    fn legend(&self) -> String {
        let more = match self.more {
            0 => String::new(),
            more => format!(" {} ask for less.", figure::count(more, "more case")),
        };
        format!(
            "Cases in which anybody allocates, the most bytes first; every case has a scale of its own, from zero.{more}"
        )
    }

    fn draw(&self, svg: &mut Svg) {
        let mut y = 0.0;
        let mut boxes = vec![Vec::new(); SERIES];
        for group in self.bars.chunk_by(|a, b| a.subject.case == b.subject.case) {
            y += GROUP;
            svg.text([0.0, y - 5.0], "name head", &group[0].subject.case);
            let most = group.iter().map(|bar| bar.bytes).fold(1.0, f64::max);
            for bar in group {
                boxes[bar.series % SERIES].push(bar.draw(svg, y, most));
                y += LINE;
            }
        }
        for (index, boxes) in boxes.iter().enumerate() {
            svg.boxes(boxes, &format!("box s{index}"));
        }
        svg.size([LEFT + WIDTH + 120.0, y + 4.0]);
    }

    fn table(&self) -> Option<Table> {
        None
    }
}

impl Amount {
    /// Its name and its value; the bar between them is the caller's to draw.
    fn draw(&self, svg: &mut Svg, y: f64, most: f64) -> [[f64; 2]; 2] {
        svg.text([LEFT - 8.0, y + 9.0], "name end", &figure::elided(&self.subject.backend, 22));
        let width = WIDTH * self.bytes / most;
        svg.text([LEFT + width + 7.0, y + 9.0], "soft num", &figure::blocks(self.blocks, self.bytes));
        [[LEFT, y], [width.max(0.8), LINE - 5.0]]
    }
}
