//! Who stands beside whom. The backends of one run are one panel; one backend in several runs is another.

use smbench_core::case::Case;
use smbench_core::study::{Comparison, Row, Study};

use crate::figure;

/// A set of contenders that are compared with one another.
pub struct Panel {
    /// What they have in common; empty if there is no other panel.
    pub title: String,
    /// Left to right.
    pub contenders: Vec<Contender>,
    /// What the others are compared with, in words.
    pub baseline: String,
    /// One backend in several runs? Else several backends in one.
    pub over_runs: bool,
}

/// A backend of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contender {
    /// Index into the study's runs.
    pub run: usize,
    /// The backend's alias.
    pub alias: String,
    /// What tells it from the others of its panel.
    pub label: String,
}

/// Everybody who stands beside somebody: the newest run's backends, then each of its backends over the runs.
pub fn panels(study: &Study) -> Vec<Panel> {
    let Some(newest) = study.runs.len().checked_sub(1) else { return Vec::new() };
    let mut panels = Vec::new();
    let aliases: Vec<&str> = study.runs[newest].plan.backends.iter().map(|backend| backend.alias()).collect();
    if aliases.len() > 1 || newest == 0 {
        panels.push(backends(study, newest));
    }
    if newest > 0 {
        panels.extend(aliases.iter().filter_map(|alias| runs(study, alias)));
    }
    panels
}

/// The backends of one run.
fn backends(study: &Study, run: usize) -> Panel {
    let plan = &study.runs[run].plan;
    let contender = |alias: &str| Contender { run, alias: alias.to_owned(), label: alias.to_owned() };
    Panel {
        title: if study.runs.len() > 1 { format!("backends in {}", name(study, run)) } else { String::new() },
        contenders: plan.backends.iter().map(|backend| contender(backend.alias())).collect(),
        baseline: plan.backends.get(plan.reference).map_or_else(String::new, |backend| backend.alias().to_owned()),
        over_runs: false,
    }
}

/// One backend in all runs that have it; `None` if only one has.
fn runs(study: &Study, alias: &str) -> Option<Panel> {
    let has = |run: &usize| study.runs[*run].plan.backends.iter().any(|backend| backend.alias() == alias);
    let contender = |run| Contender { run, alias: alias.to_owned(), label: name(study, run) };
    let contenders: Vec<Contender> = (0..study.runs.len()).filter(has).map(contender).collect();
    (contenders.len() > 1).then(|| Panel {
        title: format!("{alias} over runs"),
        contenders,
        baseline: "the run before".to_owned(),
        over_runs: true,
    })
}

/// A run's name, and its id where another has the same name.
fn name(study: &Study, run: usize) -> String {
    let name = figure::run_name(&study.runs[run]);
    let shared = study.runs.iter().filter(|other| figure::run_name(other) == name).count() > 1;
    if shared { format!("{name} ({})", study.runs[run].id) } else { name.to_owned() }
}

impl Panel {
    /// Every case that one of them was to do, in the order of their plans.
    pub fn cases<'a>(&self, study: &'a Study) -> Vec<&'a Case> {
        let mut cases: Vec<&Case> = Vec::new();
        for contender in &self.contenders {
            for case in &study.runs[contender.run].plan.cases {
                if !cases.iter().any(|known| same(known, case)) {
                    cases.push(case);
                }
            }
        }
        cases
    }

    /// Whom a contender is compared with: backends with the reference, a run with the one before it.
    pub fn baseline_of(&self, index: usize) -> Option<usize> {
        if self.over_runs {
            return index.checked_sub(1);
        }
        let baseline = self.contenders.iter().position(|contender| contender.is_baseline(self))?;
        (baseline != index).then_some(baseline)
    }

    /// What stands before the figures of a contender.
    pub fn who(&self) -> &'static str {
        if self.over_runs { "run" } else { "backend" }
    }

    /// A contender's row at a case and that of whom it is compared with, if both were measured.
    pub fn pair<'a>(&self, study: &'a Study, index: usize, case: &Case) -> Option<(&'a Row, &'a Row)> {
        let baseline = &self.contenders[self.baseline_of(index)?];
        Some((self.contenders[index].measured(study, case)?, baseline.measured(study, case)?))
    }
}

impl Contender {
    /// Its row at a case, with the row's index.
    pub fn row<'a>(&self, study: &'a Study, case: &Case) -> Option<(usize, &'a Row)> {
        study.rows_of(self.run).find(|(_, row)| row.alias == self.alias && same(&row.case, case))
    }

    /// Its row at a case, if it was measured.
    pub fn measured<'a>(&self, study: &'a Study, case: &Case) -> Option<&'a Row> {
        self.row(study, case).map(|(_, row)| row).filter(|row| row.time_ns.is_some())
    }

    /// Its comparison at a case with another one of its panel.
    pub fn comparison<'a>(&self, study: &'a Study, case: &Case, panel: &Panel) -> Option<&'a Comparison> {
        let (row, _) = self.row(study, case)?;
        let fits = |c: &&Comparison| c.row == row && c.evidence.is_together() != panel.over_runs;
        study.comparisons.iter().find(fits)
    }

    /// Did it do a case of the same name, whatever its definition?
    pub fn defines(&self, study: &Study, case: &Case) -> bool {
        let mut rows = study.rows_of(self.run).map(|(_, row)| row).filter(|row| row.alias == self.alias);
        rows.any(|row| (&row.case.id, row.case.threads) == (&case.id, case.threads))
    }

    /// Is it what the others of its panel are compared with?
    pub fn is_baseline(&self, panel: &Panel) -> bool {
        if panel.over_runs { panel.contenders.first() == Some(self) } else { self.alias == panel.baseline }
    }
}

/// Are they the same case, measured the same way?
fn same(a: &Case, b: &Case) -> bool {
    (&a.id, a.threads, &a.definition) == (&b.id, b.threads, &b.definition)
}
