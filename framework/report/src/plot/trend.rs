//! A figure over runs: each run's value with its interval, the level between changes, and the band of its noise.

use smbench_core::stats::{Interval, quantile};
use smbench_core::units::{Nanoseconds, Ratio};

use super::Draw;
use super::scale::Scale;
use super::shape::Shape;
use super::svg::Svg;
use crate::document::{Column, Row, Table, Text};
use crate::figure;

/// A figure over runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// Of what.
    pub title: String,
    /// Times in nanoseconds? Else ratios.
    pub is_time: bool,
    /// Names of all runs, oldest first.
    pub runs: Vec<String>,
    /// What was measured, by run.
    pub points: Vec<Point>,
    /// What lies between changes, oldest first.
    pub levels: Vec<Level>,
    /// Who.
    pub backend: String,
}

/// A run's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Index into the runs.
    pub run: usize,
    /// The value.
    pub value: f64,
    /// 95 %, where it has one.
    pub interval: Option<Interval>,
}

/// A stretch of runs without a change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Index of its first point.
    pub from: usize,
    /// Index behind its last point.
    pub to: usize,
    /// Its median.
    pub median: f64,
    /// Where its noise mostly lies.
    pub band: Interval,
    /// p of the change that it begins with; none of the first.
    pub p: Option<f64>,
}

const SIZE: [f64; 2] = [720.0, 190.0];
const LEFT: f64 = 62.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 22.0;
/// More points are a line of their medians: nobody can point at one of a thousand.
const POINTS: usize = 90;
/// A scale spans at least so much of the middle, so that noise does not look dramatic.
const CALM: f64 = 0.1;

impl Draw for Trend {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn legend(&self) -> String {
        let changes = self.levels.len().saturating_sub(1);
        let found = match changes {
            0 if self.points.len() < 16 => "under 16 runs no change can be looked for".to_owned(),
            0 => "no change was found".to_owned(),
            changes => format!("{} found by E-divisive, dashed", figure::count(changes, "change")),
        };
        format!(
            "Oldest run on the left. Line: the median between changes; band: twice the usual deviation from it; {found}."
        )
    }

    fn is_open(&self) -> bool {
        true
    }

    fn draw(&self, svg: &mut Svg) {
        svg.size(SIZE);
        let (x, y) = self.scales();
        self.axes(svg, &x, &y);
        for level in &self.levels {
            self.level(svg, &x, &y, level);
        }
        if self.points.len() > POINTS {
            let many = self.stretches();
            svg.line(
                &many.iter().map(|(run, value)| [x.at(*run), y.at(*value)]).collect::<Vec<_>>(),
                "curve stroke s1",
            );
            return;
        }
        svg.group("s1", &self.backend, |svg| {
            for point in &self.points {
                let place = [x.at(point.run as f64), y.at(point.value)];
                svg.mark("", &self.said(point), None, |svg| {
                    if let Some(Interval { low, high }) = point.interval {
                        svg.line(&[[place[0], y.at(low)], [place[0], y.at(high)]], "whisker");
                    }
                    svg.dot(place, Shape::Disc);
                });
            }
        });
    }

    fn table(&self) -> Option<Table> {
        let columns = vec![
            Column::words("from run"),
            Column::words("to run"),
            Column::figures("runs"),
            Column::figures("median"),
            Column::figures("change"),
            Column::figures("p"),
        ];
        let row = |(index, level): (usize, &Level)| {
            let before = index.checked_sub(1).map(|before| self.levels[before].median);
            let [first, last] = [level.from, level.to - 1].map(|at| self.runs[self.points[at].run].as_str());
            Row::of(vec![
                Text::code(first),
                Text::code(last),
                (level.to - level.from).to_string().into(),
                self.value(level.median).into(),
                before.map_or_else(figure::none, |before| figure::change(level.median / before).into()),
                level.p.map_or_else(figure::none, |p| figure::number(p).into()),
            ])
        };
        Some(Table { columns, rows: self.levels.iter().enumerate().map(row).collect() })
    }
}

impl Trend {
    fn value(&self, value: f64) -> String {
        if self.is_time { Nanoseconds(value).to_string() } else { Ratio(value).to_string() }
    }

    fn said(&self, point: &Point) -> String {
        let run = &self.runs[point.run];
        match point.interval {
            Some(Interval { low, high }) => {
                format!("{run}: {} ({} to {})", self.value(point.value), self.value(low), self.value(high))
            }
            None => format!("{run}: {}", self.value(point.value)),
        }
    }

    fn scales(&self) -> (Scale, Scale) {
        let values = self.points.iter().map(|point| point.value);
        let (low, high) = values.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), v| (low.min(v), high.max(v)));
        let middle = 0.5 * (low + high);
        let (low, high) = (low.min(middle * (1.0 - CALM)), high.max(middle * (1.0 + CALM)));
        let pad = 0.06 * (high - low);
        let last = self.runs.len().saturating_sub(1).max(1) as f64;
        (
            Scale::linear([0.0, last], [LEFT + 8.0, SIZE[0] - RIGHT - 8.0]),
            Scale::linear([(low - pad).max(0.0), high + pad], [SIZE[1] - BOTTOM, TOP]),
        )
    }

    fn axes(&self, svg: &mut Svg, x: &Scale, y: &Scale) {
        for tick in y.ticks() {
            svg.line(&[[LEFT, y.at(tick)], [SIZE[0] - RIGHT, y.at(tick)]], "grid");
            svg.text([LEFT - 6.0, y.at(tick) + 3.5], "soft end num", &self.value(tick));
        }
        let name = |run: usize| self.runs.get(run).map_or_else(String::new, |name| figure::cut(name, 24));
        svg.text([LEFT, SIZE[1] - 4.0], "soft name", &name(0));
        if self.runs.len() > 1 {
            svg.text([x.at(self.runs.len() as f64), SIZE[1] - 4.0], "soft name end", &name(self.runs.len() - 1));
        }
    }

    fn level(&self, svg: &mut Svg, x: &Scale, y: &Scale, level: &Level) {
        let run = |at: usize| self.points[at].run as f64;
        let half = |a: usize, b: usize| 0.5 * (run(a) + run(b));
        let start = if level.from == 0 { x.at(run(0)) - 6.0 } else { x.at(half(level.from - 1, level.from)) };
        let is_last = level.to == self.points.len();
        let end = if is_last { x.at(run(level.to - 1)) + 6.0 } else { x.at(half(level.to - 1, level.to)) };
        let [top, bottom] = [y.at(level.band.high), y.at(level.band.low)];
        svg.rect([start, top], [end - start, (bottom - top).max(1.0)], "band");
        svg.line(&[[start, y.at(level.median)], [end, y.at(level.median)]], "axis");
        if level.from > 0 {
            svg.line(&[[start, TOP], [start, SIZE[1] - BOTTOM]], "axis dash");
        }
    }

    /// So many points that nobody could tell them apart, by the medians of equal stretches.
    fn stretches(&self) -> Vec<(f64, f64)> {
        const STRETCHES: usize = 240;
        let parts = self.points.len().min(STRETCHES);
        let bound = |part: usize| part * self.points.len() / parts;
        (0..parts)
            .map(|part| {
                let stretch = &self.points[bound(part)..bound(part + 1)];
                let values: Vec<f64> = stretch.iter().map(|point| point.value).collect();
                (stretch[stretch.len() / 2].run as f64, quantile::median(&values))
            })
            .collect()
    }
}
