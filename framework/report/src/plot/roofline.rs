//! The roofline: what each case reaches, beside what this machine's arithmetic and memory allow as measured in the run.
//!
//! S. Williams, A. Waterman, D. Patterson, Communications of the ACM 52 (2009) 65–76. With the intensity I in flops per byte, every
//! operand counted once, the attainable rate is `min(peak, I · bandwidth)`. The slope is that of main memory: what a cache
//! holds may lie above it.

use smbench_core::units::{Percent, significant};

use super::Draw;
use super::colour::SERIES;
use super::scale::Scale;
use super::shape::Shape;
use super::svg::Svg;
use crate::document::{Column, Row, Subject, Table, Text};
use crate::figure;

/// Rates beside what the machine allows.
#[derive(Clone, Debug, PartialEq)]
pub struct Roofline {
    /// Threads of all its cases.
    pub threads: u32,
    /// What so many threads' arithmetic reached in the run.
    pub peak_gflops: f64,
    /// What reading main memory reached.
    pub read_gbs: f64,
    /// Names of the series.
    pub series: Vec<String>,
    /// What was measured.
    pub points: Vec<Point>,
}

/// One backend at one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Index into the series.
    pub series: usize,
    /// Flops per byte.
    pub intensity: f64,
    /// 1e9 flops per second.
    pub gflops: f64,
    /// Do its operands fit into a cache?
    pub is_cached: bool,
    /// Of whom, at what.
    pub subject: Subject,
}

const SIZE: [f64; 2] = [720.0, 400.0];
const LEFT: f64 = 52.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 38.0;

impl Draw for Roofline {
    fn title(&self) -> String {
        match self.threads {
            1 => "Roofline: what each case reaches of what the core allows".to_owned(),
            threads => format!("Roofline with {threads} threads"),
        }
    }

    fn legend(&self) -> String {
        format!(
            "Roof: {} GFLOPS and {} GB/s, as this run measured them. Filled: the operands come from main memory; hollow: a cache \
             holds them, and they may lie above its slope.",
            significant(self.peak_gflops),
            significant(self.read_gbs)
        )
    }

    fn is_open(&self) -> bool {
        self.threads == 1
    }

    fn draw(&self, svg: &mut Svg) {
        svg.size(SIZE);
        let [x, y] = self.scales();
        axes(svg, &x, &y);
        self.roof(svg, &x, &y);
        self.names(svg);
        for (index, name) in self.series.iter().enumerate() {
            let points = self.points.iter().filter(|point| point.series == index);
            svg.group(&format!("s{}", index % SERIES), name, |svg| {
                for point in points {
                    let place = [x.at(point.intensity), y.at(point.gflops)];
                    let class = if point.is_cached { "in" } else { "" };
                    let shape = Shape::SERIES[index % SERIES];
                    svg.mark(class, &self.said(point), Some(&point.subject), |svg| svg.dot(place, shape));
                }
            });
        }
    }

    fn table(&self) -> Option<Table> {
        let heads = [
            Column::words("case"),
            Column::figures("flops per byte"),
            Column::figures("attainable GFLOPS"),
            Column::words("limit"),
        ];
        let series =
            self.series.iter().flat_map(|name| [Column::figures(Text::code(name)), Column::figures("of that").near()]);
        let cases = self.points.chunk_by(|a, b| a.subject.case == b.subject.case);
        Some(Table {
            columns: heads.into_iter().chain(series).collect(),
            rows: cases.map(|case| self.row(case)).collect(),
        })
    }
}

impl Roofline {
    fn attainable(&self, point: &Point) -> f64 {
        self.peak_gflops.min(point.intensity * self.read_gbs)
    }

    fn limit(&self, point: &Point) -> &'static str {
        match (self.attainable(point) < self.peak_gflops, point.is_cached) {
            (false, _) => "arithmetic",
            (true, false) => "memory",
            (true, true) => "memory (cached)",
        }
    }

    fn percent(&self, point: &Point) -> Percent {
        Percent(100.0 * point.gflops / self.attainable(point))
    }

    /// `pooled at simd/add/1000000/f32: 3.1 GFLOPS, 94 % of memory`
    fn said(&self, point: &Point) -> String {
        let Subject { case, backend, .. } = &point.subject;
        let (rate, percent) = (significant(point.gflops), self.percent(point));
        format!("{backend} at {case}: {rate} GFLOPS, {percent} of {}", self.limit(point))
    }

    /// All backends at one case.
    fn row(&self, case: &[Point]) -> Row {
        let first = &case[0];
        let head = [
            Text::code(&first.subject.case),
            significant(first.intensity).into(),
            significant(self.attainable(first)).into(),
            self.limit(first).into(),
        ];
        let cells = (0..self.series.len()).flat_map(|series| match case.iter().find(|point| point.series == series) {
            Some(point) => [significant(point.gflops).into(), self.percent(point).to_string().into()],
            None => [figure::none(), Text::default()],
        });
        Row::of(head.into_iter().chain(cells).collect())
    }

    /// Powers of two that hold all points and the ridge; powers of ten upwards.
    fn scales(&self) -> [Scale; 2] {
        let ridge = self.peak_gflops / self.read_gbs;
        let ends = |values: &dyn Fn(&Point) -> f64, within: [f64; 2]| {
            self.points.iter().map(values).fold(within, |[low, high], value| [low.min(value), high.max(value)])
        };
        let x = ends(&|point| point.intensity, [ridge / 4.0, ridge * 4.0]);
        let lowest = self.read_gbs * x[0];
        let y = ends(&|point| point.gflops, [lowest, self.peak_gflops]);
        [
            Scale::log([x[0] / 1.3, x[1] * 1.3], [LEFT, SIZE[0] - RIGHT]),
            Scale::log([y[0] / 1.5, y[1] * 1.5], [SIZE[1] - BOTTOM, TOP]),
        ]
    }

    fn roof(&self, svg: &mut Svg, x: &Scale, y: &Scale) {
        let [low, high] = x.domain();
        let ridge = self.peak_gflops / self.read_gbs;
        let corners = [[low, low * self.read_gbs], [ridge, self.peak_gflops], [high, self.peak_gflops]];
        svg.line(&corners.map(|[intensity, rate]| [x.at(intensity), y.at(rate)]), "roof");
        let peak = format!("{} GFLOPS", significant(self.peak_gflops));
        svg.text([SIZE[0] - RIGHT - 4.0, y.at(self.peak_gflops) - 6.0], "end num", &peak);
        let read = format!("{} GB/s", significant(self.read_gbs));
        let along = low.powf(0.75) * ridge.powf(0.25);
        svg.text([x.at(along) - 6.0, y.at(along * self.read_gbs) - 8.0], "end num", &read);
    }

    /// Who is which shape.
    fn names(&self, svg: &mut Svg) {
        let mut left = LEFT;
        for (index, name) in self.series.iter().enumerate() {
            let class = format!("s{}", index % SERIES);
            svg.group(&class, name, |svg| svg.dot([left + 4.0, 12.0], Shape::SERIES[index % SERIES]));
            svg.text([left + 13.0, 16.0], "name", name);
            left += 30.0 + 6.6 * name.chars().count() as f64;
        }
    }
}

fn axes(svg: &mut Svg, x: &Scale, y: &Scale) {
    let floor = SIZE[1] - BOTTOM;
    for tick in x.ticks() {
        svg.line(&[[x.at(tick), TOP], [x.at(tick), floor]], "grid");
        svg.text([x.at(tick), floor + 14.0], "soft mid num", &tick.to_string());
    }
    for tick in y.ticks() {
        svg.line(&[[LEFT, y.at(tick)], [SIZE[0] - RIGHT, y.at(tick)]], "grid");
        svg.text([LEFT - 6.0, y.at(tick) + 3.5], "soft end num", &tick.to_string());
    }
    svg.text([SIZE[0] - RIGHT, SIZE[1] - 6.0], "soft end", "flops per byte");
    svg.text([0.0, TOP - 8.0], "soft", "GFLOPS");
}
