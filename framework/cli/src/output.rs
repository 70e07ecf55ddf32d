//! Results in the formats people ask for, on standard output or in files.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use smbench_core::gate::Ruling;
use smbench_core::reference::References;
use smbench_core::study::Study;
use smbench_host::config_file;
use smbench_host::error::{Error, Result};
use smbench_report::document::{Block, Document};
use smbench_report::plot::Theme;
use smbench_report::render::{self, Style};
use smbench_report::{Options, View};

use crate::args::{Format, OutputArgs};
use crate::command::command_line;
use crate::{png, shipped, terminal};

/// `-o`: a file, with its format given or read off its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    format: Format,
    path: PathBuf,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let known = |name: &str| match name {
            "md" | "markdown" => Some(Format::Md),
            "json" => Some(Format::Json),
            "txt" | "table" => Some(Format::Table),
            "pr" => Some(Format::Pr),
            "html" => Some(Format::Html),
            "ron" => Some(Format::Goals),
            "svg" => Some(Format::Svg),
            "png" => Some(Format::Png),
            _ => None,
        };
        if let Some((format, path)) = text.split_once(':').and_then(|(name, path)| Some((known(name)?, path))) {
            return Ok(Self { format, path: path.into() });
        }
        if text.ends_with("dark.svg") {
            return Ok(Self { format: Format::SvgDark, path: text.into() });
        }
        let extension = text.rsplit_once('.').map_or("", |(_, extension)| extension);
        let format = known(extension).ok_or_else(|| {
            format!("no format for `{text}`: end it in .html, .md, .svg, .png, .json, .ron or .txt, or write md:{text}")
        })?;
        Ok(Self { format, path: text.into() })
    }
}

/// What is shown of a study, however it is shown.
pub struct Shown<'a> {
    /// The study.
    pub study: &'a Study,
    /// The table of it, as the command arranges it.
    pub table: Document,
    /// What the gates found, if any was asked for.
    pub ruling: Option<Ruling>,
    /// What a chart of it is told.
    pub options: Options,
}

impl<'a> Shown<'a> {
    /// With this command, the gates' goals and the shipped references in its charts.
    pub fn of(study: &'a Study, table: Document, ruling: Option<Ruling>) -> Result<Self> {
        let newest = study.runs.len().checked_sub(1);
        let goals = ruling.as_ref().map(|ruling| ruling.goals.clone()).filter(|goals| !goals.is_empty());
        let References { references } = config_file::read("references.ron", shipped::REFERENCES)?;
        let goals = newest.zip(goals).into_iter().collect();
        let options = Options { command: command_line(), goals, references, is_brief: false };
        Ok(Self { study, table, ruling, options })
    }

    /// Prints in the format asked for, and writes the files asked for.
    pub fn put(&self, output: &OutputArgs) -> Result<()> {
        put(output, &|format, style| self.render(format, style))
    }

    /// Writes one file.
    pub fn write(&self, target: &Target) -> Result<()> {
        write(target, &|format, style| self.render(format, style))
    }

    fn chart(&self) -> Document {
        smbench_report::chart(self.study, &self.options)
    }

    fn render(&self, format: Format, style: Style) -> String {
        match format {
            Format::Table => render::terminal(&self.table, style),
            Format::Json => smbench_report::json::render(self.study, self.ruling.as_ref()),
            Format::Md => render::markdown(&self.chart()),
            Format::Html => render::html(&self.chart()),
            Format::Goals => smbench_report::next_goals(self.study, &self.options),
            Format::Svg | Format::Png => render::svg(&self.chart(), Theme::Light),
            Format::SvgDark => render::svg(&self.chart(), Theme::Dark),
            Format::Pr => smbench_report::pull_request(self.study),
        }
    }
}

/// Prints in the format asked for, and writes the files asked for.
pub fn put(output: &OutputArgs, render: &dyn Fn(Format, Style) -> String) -> Result<()> {
    output.out.iter().try_for_each(|target| write(target, render))?;
    print(&render(output.format, terminal::style()))
}

fn write(target: &Target, render: &dyn Fn(Format, Style) -> String) -> Result<()> {
    let text = render(target.format, Style { colour: false, width: 100 });
    if target.format == Format::Png {
        return write_file(&target.path, png::pixels(&text)?);
    }
    write_file(&target.path, text)
}

/// Goals follow from a study; a history and a diagnosis have none to write.
pub fn refuse_goals(output: &OutputArgs) -> Result<()> {
    let asked = output.out.iter().map(|target| target.format).chain([output.format]);
    match asked.into_iter().any(|format| format == Format::Goals) {
        true => Err(Error::usage("no goals follow from this").help("`smbench chart -o goals.next.ron` writes them")),
        false => Ok(()),
    }
}

/// Prints and writes what no study is behind: as it is on a terminal, elsewhere as a page of its own.
pub fn put_page(output: &OutputArgs, title: &str, document: &Document, json: &dyn Fn() -> String) -> Result<()> {
    put(output, &|format, style| rendered(title, document, json, format, style))
}

fn rendered(title: &str, document: &Document, json: &dyn Fn() -> String, format: Format, style: Style) -> String {
    let page = || page(title, document.clone());
    match format {
        Format::Table => render::terminal(document, style),
        Format::Json => json(),
        Format::Md | Format::Pr | Format::Goals => render::markdown(&page()),
        Format::Html => render::html(&page()),
        Format::Svg | Format::Png => render::svg(&page(), Theme::Light),
        Format::SvgDark => render::svg(&page(), Theme::Dark),
    }
}

/// A document as a page of its own: its title, and the command that made it.
fn page(title: &str, document: Document) -> Document {
    let mut page = Document::default();
    page.heading(1, title).push(Block::Code(command_line())).append(document);
    page
}

/// The table of a run with its notes, its goals and closing lines.
pub fn run_table(study: &Study, view: &View<'_>, ruling: Option<&Ruling>) -> Document {
    let mut document = smbench_report::table(study, view);
    document.append(smbench_report::remarks(study));
    document.append(goals(study, ruling));
    document.append(smbench_report::closing(study));
    document
}

/// Where the newest run stands with its goals, if there are any.
pub fn goals(study: &Study, ruling: Option<&Ruling>) -> Document {
    ruling.map_or_else(Document::default, |ruling| smbench_report::goals(study, &ruling.goals))
}

/// Writes a file, and says where it went.
pub fn write_file(path: &PathBuf, content: impl AsRef<[u8]>) -> Result<()> {
    let cannot = |error| Error::usage(format!("cannot write `{}`", path.display())).because(error);
    fs::write(path, content).map_err(cannot)?;
    anstream::eprintln!("wrote {}", path.display());
    Ok(())
}

/// Prints to standard output; whoever reads it may have gone (`| head`).
pub fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::internal("cannot write to standard output").because(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_follow_from_names() {
        let target = |text: &str| text.parse::<Target>().unwrap();
        assert_eq!(target("chart.md").format, Format::Md);
        assert_eq!(target("out/run.json").format, Format::Json);
        assert_eq!(target("chart.html").format, Format::Html);
        assert_eq!(target("pr:comment.md").format, Format::Pr);
        assert_eq!(target("md:report"), Target { format: Format::Md, path: "report".into() });
        assert!("report".parse::<Target>().is_err());
        assert!("chart.pdf".parse::<Target>().unwrap_err().contains(".md"));
    }
}
