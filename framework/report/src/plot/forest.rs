//! Ratios with their 95 % intervals, case by case, on a log axis, round a band that does not matter.

use smbench_core::stats::Interval;
use smbench_core::verdict::Verdict;

use super::Draw;
use super::scale::Scale;
use super::shape::Shape;
use super::svg::Svg;
use crate::document::{Column, Row, Subject, Table, Text};
use crate::figure;

/// Ratios, case by case: a line for each case, a lane for each backend.
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    /// Whose time the ratios are over.
    pub baseline: String,
    /// Names of the lanes, left to right.
    pub lanes: Vec<String>,
    /// From top to bottom.
    pub lines: Vec<Line>,
    /// The largest relative change that does not matter.
    pub margin: f64,
}

/// A case.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The group it is in; named where it begins.
    pub group: String,
    /// Its name in the group.
    pub name: String,
    /// One for each lane; `None` where nothing was compared.
    pub ratios: Vec<Option<Mark>>,
}

/// A ratio.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Below 1 is faster.
    pub ratio: f64,
    /// 95 %.
    pub interval: Option<Interval>,
    /// What may be said of it; nothing between separate runs.
    pub verdict: Option<Verdict>,
    /// Of whom, at what.
    pub subject: Subject,
}

const LINE: f64 = 17.0;
const TOP: f64 = 44.0;
const GAP: f64 = 22.0;
/// Half of a mark.
const DOT: f64 = 2.4;
/// A character of a name.
const CHAR: f64 = 6.4;
/// Where names of cases end at the latest.
const NAMES: usize = 34;
/// All lanes together; a lane is this wide at most.
const WIDTH: f64 = 620.0;
const LANE: f64 = 520.0;

impl Draw for Forest {
    fn title(&self) -> String {
        format!("Time over that of {}, with 95 % intervals", self.baseline)
    }

    fn legend(&self) -> String {
        format!(
            "Left of 1 is faster. ◂ faster and ▸ slower by a verdict, ● equivalent, ○ undecided or not judged, ◇ unreliable; \
             the band is ±{} %, which does not matter.",
            figure::number(100.0 * self.margin)
        )
    }

    fn is_open(&self) -> bool {
        true
    }

    fn draw(&self, svg: &mut Svg) {
        let names = self.lines.iter().map(|line| line.name.chars().count().min(NAMES)).max().unwrap_or(0);
        let left = names as f64 * CHAR + 16.0;
        let lanes = self.lanes.len().max(1) as f64;
        let lane = ((WIDTH - GAP * (lanes - 1.0)) / lanes).clamp(90.0, LANE);
        let rows = self.places();
        let bottom = rows.last().map_or(TOP, |(y, _)| y + LINE);
        svg.size([left + lanes * (lane + GAP), bottom + 24.0]);
        for (y, group) in rows.iter().filter_map(|(y, line)| Some((*y, line.err()?))) {
            svg.text([0.0, y + 4.0], "head", group);
        }
        let name = |(y, line): &(f64, Result<&Line, &str>)| {
            Some(([left - 12.0, y + 3.5], figure::elided(&line.ok()?.name, NAMES)))
        };
        svg.texts("name end", rows.iter().filter_map(name));
        let right = left + lanes * (lane + GAP) - GAP;
        let hair = |(y, line): &(f64, Result<&Line, &str>)| line.is_ok().then_some([[left - 6.0, *y], [right, *y]]);
        svg.lines(&rows.iter().filter_map(hair).collect::<Vec<_>>(), "hair");
        for (index, name) in self.lanes.iter().enumerate() {
            let start = left + index as f64 * (lane + GAP);
            let scale = Scale::log(self.domain(), [start, start + lane]);
            svg.text([start, 11.0], "name head", &figure::elided(name, (lane / CHAR) as usize));
            self.axis(svg, &scale, bottom);
            let of_lane = rows.iter().filter_map(|(y, line)| Some((*y, line.ok()?.ratios[index].as_ref()?)));
            svg.group("", name, |svg| of_lane.for_each(|(y, mark)| mark.draw(svg, &scale, y)));
        }
    }

    fn table(&self) -> Option<Table> {
        let lanes = self.lanes.iter().flat_map(|lane| {
            [Column::figures(Text::code(lane)), Column::figures("95 %").near(), Column::words("").near()]
        });
        let row = |line: &Line| {
            let cells = line.ratios.iter().flat_map(|mark| match mark {
                Some(mark) => [mark.text(), figure::interval(mark.interval), mark.word().into()],
                None => [figure::none(), Text::default(), Text::default()],
            });
            Row::of([Text::code(line.whole())].into_iter().chain(cells).collect())
        };
        let columns = [Column::words("case")].into_iter().chain(lanes).collect();
        Some(Table { columns, rows: self.lines.iter().map(row).collect() })
    }
}

impl Line {
    /// Its name with its group's.
    pub fn whole(&self) -> String {
        format!("{}/{}", self.group, self.name)
    }
}

impl Forest {
    /// Every line with its height; a group's name before its first.
    fn places(&self) -> Vec<(f64, Result<&Line, &str>)> {
        let mut places = Vec::with_capacity(self.lines.len());
        let (mut y, mut group) = (TOP, "");
        for line in &self.lines {
            if line.group != group {
                group = &line.group;
                places.push((y + 4.0, Err(group)));
                y += LINE + 4.0;
            }
            places.push((y, Ok(line)));
            y += LINE;
        }
        places
    }

    /// From the least to the most that any interval reaches, and a little beside 1 at least.
    fn domain(&self) -> [f64; 2] {
        const BESIDE: f64 = 1.06;
        let marks = self.lines.iter().flat_map(|line| line.ratios.iter().flatten());
        let ends = marks.map(|mark| mark.interval.map_or([mark.ratio; 2], |interval| [interval.low, interval.high]));
        let reached = ends.fold([1.0 / BESIDE, BESIDE], |[low, high], [a, b]| [low.min(a), high.max(b)]);
        let pad = (reached[1] / reached[0]).powf(0.03);
        [reached[0] / pad, reached[1] * pad]
    }

    fn axis(&self, svg: &mut Svg, scale: &Scale, bottom: f64) {
        let [low, high] = [1.0 / (1.0 + self.margin), 1.0 + self.margin].map(|ratio| scale.at(ratio));
        let (top, width) = (TOP - LINE, (high - low).max(1.5));
        svg.rect([(low + high - width) / 2.0, top], [width, bottom - top], "band");
        for tick in scale.ticks() {
            let x = scale.at(tick);
            svg.line(&[[x, top], [x, bottom]], if tick == 1.0 { "axis" } else { "grid" });
            let label = format!("{}x", figure::number(tick).trim_end_matches('0').trim_end_matches('.'));
            let label = if tick >= 10.0 { format!("{tick:.0}x") } else { label };
            svg.text([x, top - 4.0], "soft mid num", &label);
            svg.text([x, bottom + 14.0], "soft mid num", &label);
        }
    }
}

impl Mark {
    fn draw(&self, svg: &mut Svg, scale: &Scale, y: f64) {
        svg.mark(self.class(), &self.says(), Some(&self.subject), |svg| {
            let place = scale.at(self.ratio);
            let ends = self.interval.map(|Interval { low, high }| [scale.at(low), scale.at(high)]);
            // What the dot covers need not be drawn.
            if let Some([low, high]) = ends.filter(|[low, high]| place - low > DOT || high - place > DOT) {
                svg.line(&[[low, y], [high, y]], "whisker");
            }
            svg.dot([place, y], self.shape());
        });
    }

    /// `pooled at simd/…: 0.478x (0.476–0.480), faster`
    pub fn says(&self) -> String {
        let interval = match self.interval {
            Some(_) => format!(" ({})", figure::words(&figure::interval(self.interval))),
            None => String::new(),
        };
        let Subject { case, backend, .. } = &self.subject;
        format!("{backend} at {case}: {}{interval}, {}", figure::words(&self.text()), self.word())
    }

    /// The ratio as it is written everywhere.
    pub fn text(&self) -> Text {
        figure::ratio_of(self.ratio, self.interval, self.verdict)
    }

    fn word(&self) -> &'static str {
        self.verdict.map_or("not judged", figure::verdict)
    }

    fn class(&self) -> &'static str {
        match self.verdict {
            Some(Verdict::Improved) => "good",
            Some(Verdict::Regressed) => "bad",
            Some(Verdict::Equivalent) => "same",
            Some(Verdict::Unreliable) => "warn",
            Some(Verdict::Inconclusive) | None => "open",
        }
    }

    fn shape(&self) -> Shape {
        match self.verdict {
            Some(Verdict::Improved) => Shape::Left,
            Some(Verdict::Regressed) => Shape::Right,
            Some(Verdict::Unreliable) => Shape::Diamond,
            Some(Verdict::Equivalent | Verdict::Inconclusive) | None => Shape::Disc,
        }
    }
}
