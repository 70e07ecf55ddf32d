//! Memory spared: how much less a pair's one side asks for, in which layer, and what of it a pool served. Counted, so measured.

use smbench_core::message::Tensors;
use smbench_core::study::{Row, Study};

use super::pair::{self, Pair, Side};
use super::{Insight, Status};
use crate::document::Text;
use crate::figure;
use crate::section::theme::Theme;

/// Less of a saving is not worth a word.
const WORTH: f64 = 0.1;

/// Of every pair.
pub fn find(study: &Study) -> Vec<Insight> {
    pair::pairs(study).iter().filter_map(of_pair).collect()
}

fn of_pair(pair: &Pair) -> Option<Insight> {
    let layers: Vec<Layer> = Theme::ALL.into_iter().filter_map(|theme| Layer::of(pair, theme)).collect();
    let total = |of: fn(&Layer) -> f64| layers.iter().map(of).sum::<f64>();
    let (now, before) = (total(|layer| layer.now), total(|layer| layer.before));
    let most = layers.iter().max_by(|a, b| a.spared().total_cmp(&b.spared()))?;
    if before - now < WORTH * before || before == now {
        return None;
    }
    let share = most.spared() / layers.iter().map(|layer| layer.spared().max(0.0)).sum::<f64>();
    let mut evidence: Vec<Text> = layers.iter().map(Layer::told).collect();
    evidence.extend(pools(pair));
    let claim = format!(
        " asks for {} less a pass ({} instead of {}), {} of it in {}",
        figure::bytes(before - now),
        figure::bytes(now),
        figure::bytes(before),
        figure::share(share),
        most.theme.word()
    );
    Some(Insight {
        claim: pair.who().plain(claim),
        evidence,
        status: Status::Measured,
        look: match layers.iter().find(|layer| layer.spared() <= 0.0 && layer.now > 0.0) {
            Some(layer) => format!("{}, which it does not reach", layer.theme.word()).into(),
            None => "nowhere: every layer that allocates asks for less".into(),
        },
        decide: None,
        weight: (before / now.max(1.0)).ln().min(1.0),
    })
}

/// Bytes of one call of each of its cases.
struct Layer {
    theme: Theme,
    cases: usize,
    now: f64,
    before: f64,
}

impl Layer {
    fn of(pair: &Pair, theme: Theme) -> Option<Self> {
        let own = pair.sides.iter().filter(|side| Theme::of(&side.now.case) == theme);
        let bytes = |side: &Side| Some((side.now.allocations?.bytes, side.before.allocations?.bytes));
        let bytes: Vec<(f64, f64)> = own.filter_map(bytes).collect();
        let (now, before) = bytes.iter().fold((0.0, 0.0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
        (now > 0.0 || before > 0.0).then_some(Self { theme, cases: bytes.len(), now, before })
    }

    fn spared(&self) -> f64 {
        self.before - self.now
    }

    fn told(&self) -> Text {
        let step = figure::step(figure::bytes(self.before), figure::bytes(self.now));
        let mut text =
            Text::from(format!("{}: {step} over {}, ", self.theme.word(), figure::count(self.cases, "case")));
        text.spans.extend(figure::less(self.now, self.before).spans);
        text
    }
}

/// What a pool served, where it counts.
fn pools(pair: &Pair) -> Vec<Text> {
    let tensors = |of: fn(&Side) -> Option<Tensors>| {
        let all = pair.sides.iter().filter_map(of);
        all.fold((0.0, 0.0), |sum, tensors| (sum.0 + tensors.acquired, sum.1 + tensors.reused))
    };
    let now = tensors(|side| of(side.now));
    let before = tensors(|side| of(side.before));
    let told = |who: &str, (acquired, reused): (f64, f64)| {
        let share = figure::share(reused / acquired);
        (acquired > 0.0).then(|| Text::code(who).plain(format!(": {share} of the tensors acquired came from its pool")))
    };
    [told(&pair.now, now), told(&pair.before, before)].into_iter().flatten().collect()
}

fn of(row: &Row) -> Option<Tensors> {
    row.tensors
}
