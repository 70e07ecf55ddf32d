//! The drawings of a document as one file, with literal colours.

use crate::document::Document;
use crate::plot::{Svg, Theme};

/// Room between two drawings.
const GAP: f64 = 34.0;
/// Height of a drawing's title.
const TITLE: f64 = 24.0;
const MARGIN: f64 = 16.0;

/// The drawings that a page shows unfolded, each below its title; those that are folded if there are no others.
pub fn svg(document: &Document, theme: Theme) -> String {
    let has_open = document.plots().any(|plot| plot.of().is_open());
    let mut all = Svg::default();
    for plot in document.plots().map(|plot| plot.of()).filter(|plot| plot.is_open() || !has_open) {
        let mut title = Svg::default();
        title.text([0.0, 12.0], "head", &plot.title());
        title.size([0.0, TITLE]);
        let mut drawing = Svg::default();
        plot.draw(&mut drawing);
        title.below(&drawing, 0.0);
        all.below(&title, GAP);
    }
    all.file("Drawings of a smbench chart", MARGIN, theme)
}
