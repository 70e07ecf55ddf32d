//! Every ratio at a glance: a field for each case and backend, the darker the further from 1.

use smbench_core::verdict::Verdict;

use super::Draw;
use super::forest::{Forest, Line, Mark};
use super::svg::Svg;
use crate::document::Table;
use crate::figure;

/// The ratios of a forest plot as fields.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap(pub Forest);

const NAMES: usize = 40;
const CHAR: f64 = 6.4;
const LINE: f64 = 18.0;
const TOP: f64 = 22.0;
const FIELD: f64 = 92.0;
/// Steps of darkness, from these factors on.
const STEPS: [f64; 4] = [1.02, 1.1, 1.5, 3.0];

impl Draw for HeatMap {
    fn title(&self) -> String {
        format!("Heat map: time over that of {}", self.0.baseline)
    }

    fn legend(&self) -> String {
        "Darker from 1.02x, 1.1x, 1.5x and 3x on; = equivalent, ~ undecided, unreliable or not judged, and without a colour.".to_owned()
    }

    fn draw(&self, svg: &mut Svg) {
        let Forest { lanes, lines, .. } = &self.0;
        let longest = lines.iter().map(|line| line.whole().chars().count().min(NAMES)).max().unwrap_or(0);
        let left = longest as f64 * CHAR + 16.0;
        for (index, lane) in lanes.iter().enumerate() {
            let middle = left + (index as f64 + 0.5) * FIELD;
            svg.text([middle, 13.0], "name head mid", &figure::elided(lane, 13));
        }
        let mut fields: Vec<(String, Vec<[[f64; 2]; 2]>)> = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let y = TOP + index as f64 * LINE;
            for (lane, mark) in line.ratios.iter().enumerate().filter_map(|(lane, mark)| Some((lane, mark.as_ref()?))) {
                let field = [[left + lane as f64 * FIELD + 1.0, y + 1.0], [FIELD - 2.0, LINE - 2.0]];
                let class = class(mark);
                match fields.iter_mut().find(|(known, _)| *known == class) {
                    Some((_, fields)) => fields.push(field),
                    None => fields.push((class, vec![field])),
                }
            }
        }
        fields.iter().for_each(|(class, fields)| svg.boxes(fields, class));
        let baseline = |index: usize| TOP + index as f64 * LINE + 12.5;
        let name =
            |(index, line): (usize, &Line)| ([left - 10.0, baseline(index)], figure::elided(&line.whole(), NAMES));
        svg.texts("name end", lines.iter().enumerate().map(name));
        let ratios = lines.iter().enumerate().flat_map(|(index, line)| {
            let marks = line.ratios.iter().enumerate().filter_map(|(lane, mark)| Some((lane, mark.as_ref()?)));
            marks.map(move |(lane, mark)| {
                let middle = left + (lane as f64 + 0.5) * FIELD;
                ([middle, baseline(index)], figure::words(&mark.text()))
            })
        });
        svg.texts("mid", ratios);
        svg.size([left + lanes.len() as f64 * FIELD + 8.0, TOP + lines.len() as f64 * LINE + 6.0]);
    }

    fn table(&self) -> Option<Table> {
        None
    }
}

/// By its verdict and how far it is from 1.
fn class(mark: &Mark) -> String {
    let step = STEPS.iter().filter(|from| mark.ratio.max(1.0 / mark.ratio) >= **from).count();
    match mark.verdict {
        Some(Verdict::Improved) => format!("heat g{step}"),
        Some(Verdict::Regressed) => format!("heat b{step}"),
        _ => "heat".to_owned(),
    }
}
