//! A document as one HTML file: no request to anywhere, and no JavaScript for anything but filters and convenience.
//!
//! Written by hand: a page has one template with a dozen holes, and an engine for that would be the larger part.

mod block;

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::document::{Block, Document, Subject};
use crate::escape;
use crate::figure::words;
use crate::plot::{self, Theme};
use block::Blocks;

/// The document as a page, ending in a line break.
pub fn html(document: &Document) -> String {
    let (head, sections) = parts(document);
    let title = head.first().and_then(heading).unwrap_or_else(|| "smbench".to_owned());
    let mut blocks = Blocks::default();
    let top = blocks.top(head.get(1..).unwrap_or_default());
    let mut main = String::new();
    for (index, section) in sections.iter().enumerate() {
        let body = blocks.all(&section[1..]);
        let name = heading(&section[0]).unwrap_or_default();
        let (name, id) = (escape::html(&name), id(index));
        let _ = writeln!(main, "<section aria-labelledby=\"{id}\"><h2 id=\"{id}\">{name}</h2>{body}</section>");
    }
    let (title, nav) = (escape::html(&title), nav(&sections));
    let filters = filters(document);
    let css = css();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{title}</title>\n\
         <style>{css}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n\
         <header><h1>{title}</h1>{THEMES}</header>\n{nav}\n<main id=\"main\">\n{filters}\n<section class=\"top\" aria-label=\"Summary\">{top}</section>\n\
         {main}</main>\n<script>{JS}</script>\n</body>\n</html>\n"
    )
}

const JS: &str = include_str!("page.js");

/// Which colours; the reader's system decides until one is chosen, and CSS alone follows the choice.
const THEMES: &str = "<fieldset class=\"themes\"><legend>Colours</legend>\
    <label><input type=\"radio\" name=\"theme\" value=\"auto\" checked>auto</label>\
    <label><input type=\"radio\" name=\"theme\" value=\"light\">light</label>\
    <label><input type=\"radio\" name=\"theme\" value=\"dark\">dark</label></fieldset>";

fn css() -> String {
    let [light, dark] = [Theme::Light, Theme::Dark].map(plot::variables_css);
    let marks = plot::marks_css().replace('\n', "");
    let themes = format!(
        ":root{{color-scheme:light dark;{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}\
         :root:has([value=light]:checked){{color-scheme:light;{light}}}\
         :root:has([value=dark]:checked){{color-scheme:dark;{dark}}}@media print{{:root:root{{color-scheme:light;{light}}}}}"
    );
    themes + &marks + &columns() + &include_str!("page.css").replace('\n', "")
}

/// How the columns look that a table's classes name.
fn columns() -> String {
    // No table has more.
    const COLUMNS: usize = 28;
    let all = |class: char| {
        let one = |at: usize| format!(".{class}{at} tr>:nth-child({at})");
        (1..=COLUMNS).map(one).collect::<Vec<_>>().join(",")
    };
    let (code, right, near) = (all('c'), all('r'), all('n'));
    format!(
        "{code}{{font-family:ui-monospace,\"SF Mono\",Menlo,Consolas,\"DejaVu Sans Mono\",monospace;font-size:.88em;white-space:nowrap}}\
         {right}{{text-align:right;white-space:nowrap}}{near}{{color:var(--soft)}}"
    )
}

/// What stands before the first section, and the sections, each from its title on.
fn parts(document: &Document) -> (&[Block], Vec<&[Block]>) {
    let is_section = |block: &Block| matches!(block, Block::Heading(2, _));
    let first = document.blocks.iter().position(is_section).unwrap_or(document.blocks.len());
    let (head, mut rest) = document.blocks.split_at(first);
    let mut sections = Vec::new();
    while !rest.is_empty() {
        let end = rest.iter().skip(1).position(is_section).map_or(rest.len(), |next| next + 1);
        sections.push(&rest[..end]);
        rest = &rest[end..];
    }
    (head, sections)
}

fn heading(block: &Block) -> Option<String> {
    if let Block::Heading(_, text) = block { Some(words(text)) } else { None }
}

fn id(section: usize) -> String {
    format!("section-{}", section + 1)
}

fn nav(sections: &[&[Block]]) -> String {
    let link = |(index, section): (usize, &&[Block])| {
        let name = escape::html(&heading(&section[0]).unwrap_or_default());
        format!("<li><a href=\"#{}\">{name}</a></li>", id(index))
    };
    let links: String = sections.iter().enumerate().map(link).collect();
    if links.is_empty() { links } else { format!("<nav aria-label=\"Sections\"><ol>{links}</ol></nav>") }
}

/// Shown by JavaScript, since nothing else can filter; about whatever has a subject.
fn filters(document: &Document) -> String {
    let rows = document
        .blocks
        .iter()
        .filter_map(|block| if let Block::Table(table) = block { Some(&table.rows) } else { None });
    let subjects: Vec<&Subject> = rows.flatten().filter_map(|row| row.subject.as_ref()).collect();
    if subjects.is_empty() {
        return String::new();
    }
    let choice = |label: &str, name: &str, of: fn(&Subject) -> &str| {
        let mut seen = BTreeSet::new();
        let values = subjects.iter().map(|subject| of(subject)).filter(|value| seen.insert(*value));
        let options: String = values.map(escape::html).map(|value| format!("<option>{value}</option>")).collect();
        format!("<label>{label}<select name=\"{name}\"><option value=\"\">all</option>{options}</select></label>")
    };
    let [suite, backend, verdict] = [
        choice("Suite", "s", |subject| &subject.suite),
        choice("Backend", "b", |subject| &subject.backend),
        choice("Verdict", "v", |subject| subject.verdict),
    ];
    format!(
        "<form class=\"filters\" aria-label=\"Filters\" hidden>{suite}{backend}{verdict}\
         <label>Case<input name=\"c\" type=\"search\" placeholder=\"matmul\"></label><output></output></form>"
    )
}
