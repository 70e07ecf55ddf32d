//! How wide standard output is, and whether it wants colours.

use std::io::stdout;

use smbench_report::render::Style;

/// What a table fits when nobody says how wide it may be.
const WIDTH: usize = 100;

/// The style for standard output: colours on a terminal unless NO_COLOR says otherwise, `COLUMNS` honoured.
pub fn style() -> Style {
    let colour = anstream::AutoStream::choice(&stdout()) != anstream::ColorChoice::Never;
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    Style { colour, width: columns.map_or(WIDTH, |columns: usize| columns.clamp(60, 200)) }
}
