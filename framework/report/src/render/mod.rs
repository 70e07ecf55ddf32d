//! What a document looks like, one file for each format. Nothing here knows what is reported.

mod bars;
mod grid;
mod html;
mod markdown;
mod notes;
mod styled;
mod svg;
mod terminal;

pub use html::html;
pub use markdown::markdown;
pub use styled::Style;
pub use svg::svg;
pub use terminal::terminal;
