//! Drawings, one file each: from figures to SVG. Pure, and no text of a stranger's goes unescaped.
//!
//! A drawing names its colours by class; a page gives them values that follow the reader's light or dark, a file of its own
//! has them literally ([`Theme`]). Each drawing brings its figures as a table, too, or
//! writes every one of them out, for those who cannot see it.

mod amounts;
mod colour;
mod forest;
mod heat_map;
mod roofline;
mod scale;
mod shape;
mod shares;
mod strips;
mod svg;
mod trend;

pub use amounts::{Amount, Amounts};
pub use colour::{Theme, marks_css, variables_css};
pub use forest::{Forest, Line, Mark};
pub use heat_map::HeatMap;
pub use roofline::{Point, Roofline};
pub use shares::{Bar as ShareBar, Shares};
pub use strips::{Strip, Strips};
pub use svg::Svg;
pub use trend::{Level, Point as TrendPoint, Trend};

use crate::document::Table;

/// A drawing.
#[derive(Clone, Debug, PartialEq)]
pub enum Plot {
    /// Ratios with their intervals, case by case.
    Forest(Forest),
    /// Rates beside what the machine allows.
    Roofline(Roofline),
    /// A figure over runs.
    Trend(Trend),
    /// Where the time of models goes.
    Shares(Shares),
    /// What calls ask the allocator for.
    Amounts(Amounts),
    /// How samples are distributed.
    Strips(Strips),
    /// Ratios as fields.
    HeatMap(HeatMap),
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

    /// Its figures; nothing where each of them is written in the drawing itself.
    fn table(&self) -> Option<Table>;
}

impl Plot {
    /// The drawing behind it.
    pub fn of(&self) -> &dyn Draw {
        match self {
            Self::Forest(plot) => plot,
            Self::Roofline(plot) => plot,
            Self::Trend(plot) => plot,
            Self::Shares(plot) => plot,
            Self::Amounts(plot) => plot,
            Self::Strips(plot) => plot,
            Self::HeatMap(plot) => plot,
        }
    }
}
