//! Where every run stands with every goal.

use smbench_core::goal::{Goal, Judged, Reached, Standing};
use smbench_core::study::Study;

use crate::document::{Column, Fit, Row, Table, Text, Tone};
use crate::figure;
use crate::view::Judgement;

/// Cases of one goal that are met; more are counted.
const LISTED: usize = 4;

/// A row for each case of each goal, a column for each run; what is not met comes first.
pub fn table(study: &Study, goals: &[Judgement]) -> Table {
    let mut columns = vec![
        Column::words("goal").fit(Fit::Stub),
        Column::words("case"),
        Column::words("backend"),
        Column::figures("limit"),
    ];
    for (run, _) in goals {
        let name = if goals.len() > 1 { figure::run_name(&study.runs[*run]) } else { "reached" };
        columns.push(Column::figures(Text::from(figure::cut(name, 24))));
        columns.push(Column::words("").near());
    }
    if goals.len() > 1 {
        columns.push(Column::figures("change"));
    }
    let newest = goals.last().map_or(&[][..], |(_, judged)| judged);
    let rows = newest.iter().enumerate().flat_map(|(number, judged)| of_goal(study, goals, number, judged));
    Table { columns, rows: rows.collect() }
}

fn of_goal(study: &Study, goals: &[Judgement], number: usize, judged: &Judged) -> Vec<Row> {
    let mut name = Text::from(judged.goal.name());
    if judged.goal.blocker {
        name = name.and(Tone::Faint, " (blocker)");
    }
    if judged.rows.is_empty() {
        let scope = Text::of(Tone::Caution, "without a case").plain(": ").and(Tone::Code, judged.goal.scope());
        return vec![Row::ending(vec![name], scope.plain(" matches nothing in this run"))];
    }
    let mut standings: Vec<&Standing> = judged.rows.iter().collect();
    standings.sort_by_key(|standing| rank(standing.reached));
    let met = standings.iter().filter(|standing| standing.reached == Reached::Met).count();
    let shown = standings.len() - met.saturating_sub(LISTED);
    let rows =
        standings[..shown].iter().map(|of| row(study, goals, number, &judged.goal, of, std::mem::take(&mut name)));
    let more = (shown < standings.len()).then(|| {
        Row::ending(vec![Text::default()], Text::of(Tone::Faint, format!("and {} more, met", standings.len() - shown)))
    });
    rows.chain(more).collect()
}

/// The worst first.
fn rank(reached: Reached) -> usize {
    [Reached::Missed, Reached::Inconclusive, Reached::NotMeasured, Reached::Met]
        .iter()
        .position(|of| *of == reached)
        .unwrap_or(0)
}

fn row(study: &Study, goals: &[Judgement], number: usize, goal: &Goal, standing: &Standing, name: Text) -> Row {
    let newest = &study.rows[standing.row];
    let mut cells = vec![name, Text::code(newest.case.title()), Text::code(&*newest.alias), limit(goal).into()];
    let mut values = Vec::new();
    for (_, judged) in goals {
        let is_same = |of: &&Standing| {
            let row = &study.rows[of.row];
            (&row.case.id, row.case.threads, &row.alias) == (&newest.case.id, newest.case.threads, &newest.alias)
        };
        let then = judged[number].rows.iter().find(is_same);
        let value = then.and_then(|then| then.figure).map(|figure| figure.value);
        cells.push(value.map_or_else(figure::none, |value| goal.metric.value(value).into()));
        cells.push(then.map_or_else(Text::default, word));
        values.push(value);
    }
    if let [.., before, now] = values[..] {
        let both = before.zip(now).filter(|(before, _)| *before > 0.0);
        cells.push(both.map_or_else(figure::none, |(before, now)| figure::change(now / before).into()));
    }
    Row::of(cells)
}

/// `≤ 0.770x`, `≥ 90 % of peak`
fn limit(goal: &Goal) -> String {
    let (key, value) = goal.written();
    let sign = if key == "at_most" { '≤' } else { '≥' };
    format!("{sign} {}", goal.metric.value(value))
}

fn word(standing: &Standing) -> Text {
    let tone = match standing.reached {
        Reached::Met => Tone::Good,
        Reached::Missed => Tone::Bad,
        Reached::Inconclusive | Reached::NotMeasured => Tone::Caution,
    };
    let icon = match standing.reached {
        Reached::Met => "✅",
        Reached::Missed => "❌",
        Reached::Inconclusive => "?",
        Reached::NotMeasured => figure::NONE,
    };
    let text = Text::of(tone, format!("{icon} {}", standing.reached.words()));
    match &standing.reason {
        Some(reason) => text.note(reason),
        None => text,
    }
}
