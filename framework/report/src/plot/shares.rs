//! Where the time of models goes: for each backend at each case the shares of its ops, side by side.

use smbench_core::units::Nanoseconds;

use super::Draw;
use super::colour::SERIES;
use super::svg::Svg;
use crate::document::{Column, Fit, Row, Subject, Table, Text};
use crate::figure;

/// Where the time of models goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// Ops with a colour of their own, the most time first.
    pub ops: Vec<String>,
    /// From top to bottom.
    pub bars: Vec<Bar>,
}

/// One backend at one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Of whom, at what.
    pub subject: Subject,
    /// Its call.
    pub call_ns: f64,
    /// Of the ops, in their order, then of all others; together at most 1.
    pub shares: Vec<f64>,
}

/// What has no colour of its own.
const OTHERS: &str = "others";
const LEFT: f64 = 150.0;
const WIDTH: f64 = 480.0;
const LINE: f64 = 17.0;
const GROUP: f64 = 24.0;

impl Shares {
    /// Ops that may have a colour of their own.
    pub const NAMED: usize = SERIES - 1;

    fn names(&self) -> impl Iterator<Item = &str> {
        self.ops.iter().map(String::as_str).chain([OTHERS])
    }
}

impl Draw for Shares {
    fn title(&self) -> String {
        "Where the time of models goes, op by op".to_owned()
    }

    fn legend(&self) -> String {
        "Every bar is a whole call, whose time stands behind it.".to_owned()
    }

    fn draw(&self, svg: &mut Svg) {
        let mut left = 0.0;
        for (index, name) in self.names().enumerate() {
            svg.rect([left, 3.0], [10.0, 10.0], &format!("box s{index}"));
            svg.text([left + 14.0, 12.0], "name", name);
            left += 30.0 + 6.4 * name.chars().count() as f64;
        }
        let (mut y, mut case) = (18.0, "");
        let mut boxes = vec![Vec::new(); self.ops.len() + 1];
        for bar in &self.bars {
            if bar.subject.case != case {
                case = &bar.subject.case;
                y += GROUP;
                svg.text([0.0, y - 4.0], "name head", case);
            }
            bar.draw(svg, y, &mut boxes);
            y += LINE;
        }
        for (index, boxes) in boxes.iter().enumerate() {
            svg.boxes(boxes, &format!("box s{index}"));
        }
        svg.size([(LEFT + WIDTH + 80.0).max(left), y + 4.0]);
    }

    fn table(&self) -> Option<Table> {
        let mut columns = vec![Column::words("case").fit(Fit::Stub), Column::words("backend"), Column::figures("call")];
        columns.extend(self.names().map(|name| Column::figures(Text::code(name))));
        let row = |bar: &Bar| {
            let Subject { case, backend, .. } = &bar.subject;
            let shares = bar.shares.iter().map(|share| Text::from(figure::share(*share)));
            let head = [Text::code(case), Text::code(backend), Nanoseconds(bar.call_ns).to_string().into()];
            Row::of(head.into_iter().chain(shares).collect())
        };
        Some(Table { columns, rows: self.bars.iter().map(row).collect() })
    }
}

impl Bar {
    /// Its name and its time; of each op a box, among those of the same colour.
    fn draw(&self, svg: &mut Svg, y: f64, boxes: &mut [Vec<[[f64; 2]; 2]>]) {
        svg.text([LEFT - 8.0, y + 10.0], "name end", &figure::elided(&self.subject.backend, 22));
        let mut x = LEFT;
        for (share, boxes) in self.shares.iter().zip(boxes) {
            let width = share * WIDTH;
            if width >= 0.5 {
                boxes.push([[x, y], [(width - 0.6).max(0.3), LINE - 4.0]]);
            }
            x += width;
        }
        svg.text([LEFT + WIDTH + 8.0, y + 10.0], "soft num", &Nanoseconds(self.call_ns).to_string());
    }
}
