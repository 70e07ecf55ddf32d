//! The blocks of a page.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::document::{Align, Bar, Bars, Block, Column, Fit, Row, Span, Subject, Table, Text, Tone};
use crate::escape;
use crate::figure::words;
use crate::plot::{Plot, Svg};
use crate::render::notes::Notes;

/// Writes blocks one after another, and knows what earlier ones have named.
#[derive(Default)]
pub struct Blocks {
    /// Places that links lead to.
    anchors: BTreeSet<String>,
    /// What the next table is about.
    about: String,
    /// Blocks written: notes are numbered in each.
    count: usize,
    /// Before the first section titles stand a level higher, so that none is skipped.
    is_top: bool,
}

impl Blocks {
    /// What stands before the first section.
    pub fn top(&mut self, blocks: &[Block]) -> String {
        self.is_top = true;
        let top = self.all(blocks);
        self.is_top = false;
        top
    }

    /// Some blocks.
    pub fn all(&mut self, blocks: &[Block]) -> String {
        blocks.iter().map(|block| self.one(block)).collect()
    }

    fn one(&mut self, block: &Block) -> String {
        self.count += 1;
        let mut notes = Notes::default();
        let mut out = match block {
            Block::Heading(level, text) => {
                self.about = words(text);
                let level = (*level).clamp(2, 6) - u8::from(self.is_top && *level > 2);
                format!("<h{level}>{}</h{level}>", self.inline(text, &mut notes))
            }
            Block::Paragraph(text) => {
                self.about = words(text);
                format!("<p>{}</p>", self.inline(text, &mut notes))
            }
            Block::List(points) => {
                let points = points.iter().map(|point| format!("<li>{}</li>", self.inline(point, &mut notes)));
                format!("<ul>{}</ul>", points.collect::<String>())
            }
            Block::Table(table) => {
                let about = std::mem::take(&mut self.about);
                self.table(table, &about, true, &mut notes)
            }
            Block::Bars(bars) => self.bars(bars),
            Block::Code(code) => {
                format!("<pre><code>{}</code></pre>", code.lines().map(escape::html).collect::<Vec<_>>().join("\n"))
            }
            Block::Plot(plot) => self.plot(plot),
        };
        let texts: String =
            notes.all().enumerate().map(|(index, (mark, note))| self.note(index, &mark, note)).collect();
        if !texts.is_empty() {
            let _ = write!(out, "<div class=\"notes\">{texts}</div>");
        }
        out
    }

    fn note(&self, index: usize, mark: &str, note: &str) -> String {
        format!("<p id=note-{}-{}>{mark} {}</p>", self.count, index + 1, escape::html(note))
    }

    fn inline<'a>(&self, text: &'a Text, notes: &mut Notes<'a>) -> String {
        text.spans.iter().map(|span| self.span(span, notes)).collect()
    }

    fn span<'a>(&self, span: &'a Span, notes: &mut Notes<'a>) -> String {
        let text = escape::html(&span.text);
        let mut out = match span.tone {
            _ if text.is_empty() => text,
            Tone::Plain => text,
            Tone::Strong => format!("<strong>{text}</strong>"),
            Tone::Code => format!("<code>{text}</code>"),
            Tone::Faint => format!("<span class=f>{text}</span>"),
            Tone::Good => format!("<span class=g>{text}</span>"),
            Tone::Bad => format!("<span class=w>{text}</span>"),
            Tone::Caution => format!("<span class=c>{text}</span>"),
        };
        if let Some(note) = &span.note {
            let mark = notes.mark(note);
            let place = notes.all().position(|(known, _)| known == mark).unwrap_or(0) + 1;
            let count = self.count;
            let _ = write!(out, "<a class=mark href=#note-{count}-{place}>{mark}</a>");
        }
        out
    }

    /// A table in a box of its own that scrolls where it is too wide.
    ///
    /// Rows are what a page has most of: what the cells of a column have in common is said once, by classes of the table, and
    /// end tags that HTML does not ask for are left out.
    fn table<'a>(&mut self, table: &'a Table, about: &str, is_place: bool, notes: &mut Notes<'a>) -> String {
        let mut out = format!("{}<table{}><thead><tr>", scroll(about), classes(table));
        for column in &table.columns {
            let title = self.inline(&column.title, notes);
            // A column of icons has no title, and a header without words is none.
            let _ = write!(out, "<{}>{title}", if title.is_empty() { "td" } else { "th" });
        }
        out += "<tbody>\n";
        let is_code: Vec<bool> = (0..table.columns.len()).map(|index| is_code(table, index)).collect();
        // A first column of names alone makes them headers of their rows; where some are missing, each has to say so.
        let has_all = table.rows.iter().all(|row| row.cells.first().is_some_and(|cell| !cell.is_empty()));
        let header = if has_all { "<th>" } else { "<th scope=row>" };
        for row in &table.rows {
            out += &self.row(table, row, header, &is_code, is_place, notes);
        }
        out + "</table></div>\n"
    }

    fn row<'a>(
        &mut self,
        table: &'a Table,
        row: &'a Row,
        header: &str,
        is_code: &[bool],
        is_place: bool,
        notes: &mut Notes<'a>,
    ) -> String {
        let subject = row.subject.as_ref().filter(|_| is_place);
        let anchor = subject.map(|subject| escape::anchor(&subject.case));
        let place = anchor.filter(|anchor| self.anchors.insert(anchor.clone()));
        let mut out = String::from("<tr");
        if let Some(place) = &place {
            let _ = write!(out, " id={place}");
        }
        // What a case's first row says of it, filters know of the rows that follow.
        out += &subject.map(|subject| attributes(subject, place.is_some())).unwrap_or_default();
        out.push('>');
        for (index, (cell, column)) in row.cells.iter().zip(&table.columns).enumerate() {
            let words = match is_code[index] {
                true => cell.spans.iter().map(|span| escape::html(&span.text)).collect(),
                false => self.inline(cell, notes),
            };
            let words = match &place {
                Some(place) if index == 0 && column.fit == Fit::Stub => format!("<a href=#{place}>{words}</a>"),
                _ => words,
            };
            let _ = write!(out, "{}{words}", if index == 0 && !words.is_empty() { header } else { "<td>" });
        }
        if let Some(rest) = &row.rest {
            let over = table.columns.len().saturating_sub(row.cells.len()).max(1);
            let _ = write!(out, "<td colspan={over} class=rest>{}", self.inline(rest, notes));
        }
        out.push('\n');
        out
    }

    /// Bars are a table of their values already.
    fn bars(&self, bars: &Bars) -> String {
        let longest = bars.bars.iter().filter_map(|bar| bar.value).fold(0.0, f64::max);
        let line = |bar: &Bar| {
            let label = escape::html(&bar.label);
            let (width, caption) = match bar.value {
                Some(value) if longest > 0.0 => (100.0 * value / longest, escape::html(&bar.caption)),
                Some(_) => (0.0, escape::html(&bar.caption)),
                None => (0.0, "<span class=f>not measured</span>".to_owned()),
            };
            format!("<tr><th>{label}<td><i style=width:{width:.1}%></i> {caption}")
        };
        format!("<table class=bars><tbody>{}</table>\n", bars.bars.iter().map(line).collect::<String>())
    }

    fn plot(&mut self, plot: &Plot) -> String {
        let plot = plot.of();
        let mut svg = Svg::on_page();
        plot.draw(&mut svg);
        let title = escape::html(&plot.title());
        let (drawing, legend) = (svg.element(&plot.title()), escape::html(&plot.legend()));
        let figures = plot.table().map_or_else(String::new, |table| {
            let table = self.table(&table, &plot.title(), false, &mut Notes::default());
            format!("<details class=\"figures\"><summary>The same as a table</summary>{table}</details>")
        });
        let body = format!("<p class=\"legend\">{legend}</p>{}{drawing}</div>{figures}", scroll(&plot.title()));
        match plot.is_open() {
            true => format!("<figure><figcaption>{title}</figcaption>{body}</figure>\n"),
            false => format!("<details class=\"folded\"><summary>{title}</summary><figure>{body}</figure></details>\n"),
        }
    }
}

/// What filters go by.
fn attributes(subject: &Subject, with_case: bool) -> String {
    let backend = escape::html(&subject.backend);
    let suite = if with_case { format!(" data-s=\"{}\"", escape::html(&subject.suite)) } else { String::new() };
    format!("{suite} data-b=\"{backend}\" data-v=\"{}\"", subject.verdict)
}

/// ` class="c1 r2 r3 n3"`: names in the first column, figures in the second and third, the third close to the second.
fn classes(table: &Table) -> String {
    let of = |(index, column): (usize, &Column)| {
        let kinds = [(is_code(table, index), 'c'), (column.align == Align::Right, 'r'), (column.near, 'n')];
        kinds.into_iter().filter(|(is, _)| *is).map(move |(_, kind)| format!("{kind}{}", index + 1))
    };
    let classes: Vec<String> = table.columns.iter().enumerate().flat_map(of).collect();
    if classes.is_empty() { String::new() } else { format!(" class=\"{}\"", classes.join(" ")) }
}

/// Do names that are to be copied as they are, and nothing else, stand in this column?
fn is_code(table: &Table, index: usize) -> bool {
    let is_code = |cell: &Text| match &cell.spans[..] {
        [span] => span.tone == Tone::Code && span.note.is_none(),
        spans => spans.is_empty(),
    };
    let mut cells = table.rows.iter().filter_map(|row| row.cells.get(index)).peekable();
    cells.peek().is_some() && cells.all(is_code)
}

/// Opens a box that the keyboard can scroll, too.
fn scroll(about: &str) -> String {
    let about = escape::html(about.trim_end_matches([':', '.']));
    let label = if about.is_empty() { "Table".to_owned() } else { about };
    format!("<div class=scroll tabindex=0 role=group aria-label=\"{label}\">")
}
