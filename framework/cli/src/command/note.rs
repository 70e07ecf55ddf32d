//! `smbench note`: what people have to say of a stored run.

use smbench_core::run::Note;
use smbench_host::error::{Error, Result};
use smbench_host::file;
use smbench_host::store::Store;
use smbench_report::escape;

use super::location;
use crate::args::NoteArgs;
use crate::exit::Exit;
use crate::measure::now;
use crate::output::print;

/// Adds a remark, or lists those there are.
pub fn note(args: &NoteArgs) -> Result<Exit> {
    if file::looks_like_one(&args.run) {
        return Err(Error::usage(format!("`{}` is a file, and notes are kept in the store", args.run))
            .because("a file is a copy: what was added to it would not reach the run, nor anyone else's copy")
            .help("name a stored run: `smbench list runs`"));
    }
    let text = if args.text.is_empty() { None } else { Some(sound(&args.text.join(" "))?) };
    let mut store = location(&args.store).open()?;
    let run = store.resolve(&args.run)?;
    match text {
        None => list(&store, &run)?,
        Some(text) => {
            store.note(&run, &Note { created: now(), text })?;
            anstream::eprintln!("noted; `smbench show {run}` prints it");
        }
    }
    Ok(Exit::OK)
}

/// The text on one line. What a terminal would obey is no remark.
fn sound(text: &str) -> Result<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let refuse = |why, help| Err(Error::usage("this cannot be a note").because(why).help(help));
    if line.is_empty() {
        return refuse("it is empty", "say something, or leave it out to list what was said");
    }
    match line.chars().any(char::is_control) {
        true => refuse("it has control characters", "leave them out"),
        false => Ok(line),
    }
}

fn list(store: &dyn Store, run: &str) -> Result<()> {
    let notes = store.load(run)?.notes;
    if notes.is_empty() {
        anstream::eprintln!("run {run} has no note; add one: `smbench note {run} TEXT`");
    }
    let line = |note: &Note| format!("{}  {}\n", note.created, escape::plain(&note.text));
    print(&notes.iter().map(line).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_line_without_control_characters() {
        assert_eq!(sound(" with\nthe  fan\ton ").unwrap(), "with the fan on");
        for text in ["", " \n", "a\x1b[2Jb", "a\0b"] {
            assert!(sound(text).is_err(), "{text:?}");
        }
    }
}
