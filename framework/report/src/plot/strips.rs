//! How samples are distributed: for each row a strip of its quantiles, over its own median.

use smbench_core::units::{Nanoseconds, Ratio, significant};

use super::Draw;
use super::colour::SERIES;
use super::scale::Scale;
use super::svg::Svg;
use crate::document::{Column, Row, Subject, Table, Text};
use crate::figure;

/// How samples are distributed.
#[derive(Clone, Debug, PartialEq)]
pub struct Strips {
    /// From top to bottom.
    pub strips: Vec<Strip>,
}

/// One backend at one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// Index of the backend, for its colour.
    pub series: usize,
    /// Of whom, at what.
    pub subject: Subject,
    /// Median over launches of a call.
    pub median_ns: f64,
    /// Quantiles over the median, ascending, at [`Strips::LEVELS`].
    pub quantiles: Vec<f64>,
    /// Samples behind them.
    pub samples: usize,
}

const NAMES: usize = 44;
const LEFT: f64 = 300.0;
const WIDTH: f64 = 380.0;
const LINE: f64 = 10.0;
const CASE: f64 = 8.0;
const TOP: f64 = 44.0;
/// A mark reaches so far to either side of its line.
const HALF: f64 = 3.5;

impl Strips {
    /// Where each strip has its marks.
    pub const LEVELS: [f64; 7] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

    /// A tenth around the median at least, a half more at most.
    fn domain(&self) -> [f64; 2] {
        let ends = self.strips.iter().map(|strip| (strip.quantiles[1], strip.quantiles[Self::LEVELS.len() - 2]));
        let (low, high) = ends.fold((0.95f64, 1.05f64), |(low, high), (a, b)| (low.min(a), high.max(b)));
        [low.max(0.7), high.min(1.6)]
    }
}

impl Draw for Strips {
    fn title(&self) -> String {
        "How the samples of each row are distributed".to_owned()
    }

    fn legend(&self) -> String {
        "Sample over the median of its row: marks at the percentiles 1, 5, 25, 50, 75, 95 and 99; what lies beyond \
         the scale stands at its end."
            .to_owned()
    }

    fn draw(&self, svg: &mut Svg) {
        let scale = Scale::linear(self.domain(), [LEFT, LEFT + WIDTH]);
        let groups: Vec<&[Strip]> = self.strips.chunk_by(|a, b| a.subject.case == b.subject.case).collect();
        let bottom = TOP + self.strips.len() as f64 * LINE + groups.len() as f64 * CASE;
        for tick in scale.ticks() {
            svg.line(&[[scale.at(tick), TOP - 6.0], [scale.at(tick), bottom]], "grid");
            svg.text([scale.at(tick), TOP - 10.0], "soft mid num", &Ratio(tick).to_string());
        }
        let mut left = 0.0;
        for strip in &self.strips[..groups.first().map_or(0, |group| group.len())] {
            let (class, name) = (format!("box s{}", strip.series % SERIES), &strip.subject.backend);
            svg.rect([left, 0.0], [9.0, 9.0], &class);
            svg.text([left + 13.0, 9.0], "name", name);
            left += 30.0 + 6.4 * name.chars().count() as f64;
        }
        let mut rows = vec![Vec::new(); SERIES];
        let mut names = Vec::new();
        let mut y = TOP + CASE;
        for group in groups {
            names.push(([LEFT - 12.0, y + 3.5], figure::elided(&group[0].subject.case, NAMES)));
            for strip in group {
                let places = strip.quantiles.iter().map(|quantile| scale.at(*quantile)).collect();
                rows[strip.series % SERIES].push((places, y - HALF));
                y += LINE;
            }
            y += CASE;
        }
        svg.texts("name end", names.into_iter());
        for (index, rows) in rows.iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
            svg.ticks(rows, 2.0 * HALF, &format!("stroke s{index}"));
        }
        svg.size([LEFT + WIDTH + 20.0, bottom + 6.0]);
    }

    fn table(&self) -> Option<Table> {
        let mut names: Vec<(usize, &str)> = Vec::new();
        for strip in &self.strips {
            if !names.iter().any(|(series, _)| *series == strip.series) {
                names.push((strip.series, &strip.subject.backend));
            }
        }
        names.sort_unstable();
        let heads = names.iter().flat_map(|(_, name)| {
            [Column::figures(Text::code(*name)), Column::figures("5–95 %").near(), Column::figures("samples").near()]
        });
        let row = |group: &[Strip]| {
            let cells = names.iter().flat_map(|(series, _)| match group.iter().find(|strip| strip.series == *series) {
                Some(strip) => strip.cells(),
                None => [figure::none(), Text::default(), Text::default()],
            });
            Row::of([Text::code(&group[0].subject.case)].into_iter().chain(cells).collect())
        };
        let columns = [Column::words("case")].into_iter().chain(heads).collect();
        let groups = self.strips.chunk_by(|a, b| a.subject.case == b.subject.case);
        Some(Table { columns, rows: groups.map(row).collect() })
    }
}

impl Strip {
    fn cells(&self) -> [Text; 3] {
        let [low, high] = [self.quantiles[1], self.quantiles[Strips::LEVELS.len() - 2]].map(significant);
        let median = Nanoseconds(self.median_ns).to_string();
        [median.into(), format!("{low}–{high}").into(), self.samples.to_string().into()]
    }
}
