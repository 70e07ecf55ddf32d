//! What `smbench check` says: what the plugin is, how far each op is from f64, what a call costs, what to mend.

use smbench_core::backend::Backend;
use smbench_core::inspection::{Finding, Inspection};
use smbench_core::units::{Deviation, Nanoseconds, significant};

use crate::document::{Block, Column, Document, Fit, Row, Table, Text, Tone};
use crate::figure;

/// The whole of it.
pub fn inspection(found: &Inspection) -> Document {
    let mut document = Document::default();
    document.heading(3, "What it is").list(identity(&found.backend));
    document.heading(3, format!("Against f64, {}", how(found)));
    if !found.findings.is_empty() {
        document.push(Block::Table(findings(&found.findings)));
    }
    document.list(remarks(found));
    document.append(verdict(found));
    document
}

/// `in tier avx2, on 1 thread`.
fn how(found: &Inspection) -> String {
    let tiers = match &found.backend.spec.tier {
        Some(tier) => format!("in tier {tier}, "),
        None if found.backend.plugin.tiers.len() > 1 => "in every tier, ".to_owned(),
        None => String::new(),
    };
    format!("{tiers}on {}", figure::count(found.threads as usize, "thread"))
}

fn identity(backend: &Backend) -> Vec<Text> {
    let plugin = &backend.plugin;
    let listed = |items: &[String]| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
    let optimised = match plugin.optimised {
        Some(true) => "optimised",
        Some(false) => "not optimised",
        None => "optimised or not it does not say",
    };
    let compiler = plugin.compiler.as_deref().unwrap_or("compiler unknown");
    let hash = backend.sha256.get(..12).unwrap_or(&backend.sha256);
    let abi =
        format!("{}, a table of {} bytes, doors: {}", plugin.abi_major, plugin.table_bytes, listed(&plugin.doors));
    let facts = [
        ("name", format!("{} {} by {}", plugin.name, plugin.version, plugin.vendor)),
        ("file", format!("{} ({hash})", backend.path)),
        ("abi", abi),
        ("built", format!("{compiler}, {optimised}")),
        ("tiers", listed(&plugin.tiers)),
        ("ops", listed(&plugin.ops)),
        ("extensions", listed(&plugin.extensions)),
        ("confined by", plugin.protection.map_or_else(|| "nobody knows".to_owned(), |it| it.to_string())),
    ];
    facts.into_iter().map(|(name, fact)| Text::of(Tone::Strong, name).plain(format!(": {fact}"))).collect()
}

fn findings(findings: &[Finding]) -> Table {
    let columns = vec![
        Column::words("check"),
        Column::words("what"),
        Column::figures("ulp"),
        Column::figures("max abs"),
        Column::figures("max rel"),
        Column::figures("call"),
        Column::words("ran").fit(Fit::Drop(1)),
    ];
    Table { columns, rows: findings.iter().map(row).collect() }
}

fn row(finding: &Finding) -> Row {
    let what = Text::code(&*finding.name);
    let Some(extremes) = &finding.extremes else {
        let tone = if finding.is_wrong() { Tone::Bad } else { Tone::Faint };
        let reason = finding.outcome.reason().unwrap_or_default();
        return Row::ending(vec![Text::of(tone, finding.word()), what], reason);
    };
    let ulp = if extremes.max_ulp == 0.0 { "0".to_owned() } else { significant(extremes.max_ulp) };
    let [abs, rel] = [extremes.error.max_abs, extremes.error.max_rel].map(|error| Deviation(error).to_string().into());
    let call = finding.call.map_or_else(|| figure::NONE.to_owned(), |call| Nanoseconds(call.call_ns).to_string());
    let ran = finding.receipt.as_ref().map_or("", |receipt| &*receipt.implementation);
    Row::of(vec![Text::of(Tone::Good, finding.word()), what, ulp.into(), abs, rel, call.into(), ran.into()])
}

/// What the figures are, and what was not looked at.
fn remarks(found: &Inspection) -> Vec<Text> {
    errors(&found.findings).into_iter().chain(call(found)).chain(elsewhere(found)).collect()
}

/// Of each finding the element that is furthest from f64.
fn errors(findings: &[Finding]) -> Vec<Text> {
    let extremes = findings.iter().filter_map(|finding| finding.extremes.as_ref());
    let furthest = extremes.filter(|extremes| !extremes.furthest.is_empty());
    let points = furthest.map(|of| Text::from(format!("{} ulp: {}", significant(of.max_ulp), of.furthest)));
    let points: Vec<Text> = points.collect();
    let words = "ulp: the largest error in units in the last place, of values above 1e-3 of the largest";
    if points.is_empty() { points } else { [vec![words.into()], points].concat() }
}

fn call(found: &Inspection) -> Option<Text> {
    let (op, cost) = found.cheapest_call()?;
    let [call, empty] = [cost.call_ns, cost.empty_ns].map(Nanoseconds);
    let text = format!(
        "call: at the smallest size, back to back. To enter the plugin and come back takes {call} at most ({op}); a call \
         of a function that does nothing takes {empty}"
    );
    Some(text.into())
}

/// Extensions that only models use.
const OF_MODELS: [&str; 2] = ["weights/1", "model/1"];

/// What is tried elsewhere, and what is not there.
fn elsewhere(found: &Inspection) -> Vec<Text> {
    let Inspection { backend, findings, absent, .. } = found;
    let listed = |ids: &[String], wanted: &dyn Fn(&str) -> bool| -> Option<String> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).filter(|id| wanted(id)).collect();
        (!ids.is_empty()).then(|| ids.join(", "))
    };
    let models = listed(&backend.plugin.extensions, &|id| OF_MODELS.contains(&id));
    let models = models.filter(|_| !findings.iter().any(|finding| finding.name.contains('/')));
    let models = models.map(|ids| {
        Text::from(format!("used by models only, and tried with them: {ids}: ")).and(Tone::Code, "--case model_small")
    });
    let own = listed(&backend.plugin.ops, &|id| id.contains('.'));
    let own =
        own.map(|ids| format!("ops of its own, which a run checks with a suite that declares them: {ids}").into());
    let absent = listed(absent, &|_| true).map(|ops| format!("not offered: {ops}").into());
    [models, own, absent].into_iter().flatten().collect()
}

/// A pass, or what to mend, each with the command that shows it again.
fn verdict(found: &Inspection) -> Document {
    let mut document = Document::default();
    let wrong: Vec<&Finding> = found.wrong().collect();
    if wrong.is_empty() {
        let declined = found.findings.len() - found.right();
        let word = if found.right() > 0 { "pass" } else { "nothing to pass" };
        let text =
            format!("{word}: {} right, {declined} unsupported, {} not offered", found.right(), found.absent.len());
        document.paragraph(Text::of(Tone::Strong, text));
        return document;
    }
    document.paragraph(Text::of(Tone::Strong, format!("to mend: {} of {}", wrong.len(), found.findings.len())));
    let again = |finding: &&Finding| Text::from(format!("{}: ", finding.name)).and(Tone::Code, &*finding.again);
    document.list(wrong.iter().map(again).collect());
    document
}
