//! What a document looks like, one file for each format. Nothing here knows what is reported.

mod bars;
mod grid;
mod markdown;
mod notes;
mod styled;
mod terminal;

pub use markdown::markdown;
pub use styled::Style;
pub use terminal::terminal;
