//! Drawings, one file each: from figures to SVG. Pure, and no text of a stranger's goes unescaped.
//!
//! A drawing names its colours by class; a page gives them values that follow the reader's light or dark, a file of its own
//! has them literally ([`Theme`]). Each drawing brings its figures as a table, too, for those who cannot see it.

mod colour;
mod forest;
mod roofline;
mod scale;
mod shape;
mod svg;

pub use colour::{Theme, marks_css, variables_css};
pub use forest::{Forest, Line, Mark};
pub use roofline::{Point, Roofline};
pub use svg::Svg;

use crate::document::Table;

/// A drawing.
#[derive(Clone, Debug, PartialEq)]
pub enum Plot {
    /// Ratios with their intervals, case by case.
    Forest(Forest),
    /// Rates beside what the machine allows.
    Roofline(Roofline),
}

/// What every drawing can do.
pub trait Draw {
    /// What it shows, in a few words.
    fn title(&self) -> String;

    /// How to read it, in a sentence or two.
    fn legend(&self) -> String;

    /// Is it to be seen at once? Else it is folded.
    fn is_open(&self) -> bool {
        false
    }

    /// Draws it, and says how large it is.
    fn draw(&self, svg: &mut Svg);

    /// Its figures.
    fn table(&self) -> Table;
}

impl Plot {
    /// The drawing behind it.
    pub fn of(&self) -> &dyn Draw {
        match self {
            Self::Forest(plot) => plot,
            Self::Roofline(plot) => plot,
        }
    }
}
