//! Finds the bracket or quote that was not closed. A parser stumbles only where something else was due, often
//! many lines further down.

use std::ops::Range;

/// A bracket or quote without its partner.
pub struct Fault {
    /// Where it is.
    pub span: Range<usize>,
    /// What is wrong with it.
    pub what: String,
    /// What to do.
    pub help: String,
}

/// The first one that does not fit, if any, in a text that is known to be malformed: there, a string that goes over
/// the end of a line was not meant to. Comments are passed over.
pub fn fault(text: &str) -> Option<Fault> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let at = text.len() - rest.len();
        match letter {
            '(' | '[' | '{' => open.push((at, letter)),
            ')' | ']' | '}' => match open.pop() {
                Some((_, opening)) if closing(opening) == letter => {}
                Some((begin, opening)) => return Some(crossed(text, begin, opening, letter)),
                None => return Some(fault_at(at, format!("`{letter}` closes nothing"), "remove it")),
            },
            '"' if rest[..string(rest)].contains('\n') => return Some(open_string(rest, at)),
            _ => {}
        }
        rest = &rest[passed(rest, letter)..];
    }
    let (at, opening) = open.pop()?;
    Some(fault_at(at, format!("`{opening}` is never closed"), &format!("add `{}`", closing(opening))))
}

fn crossed(text: &str, at: usize, opening: char, found: char) -> Fault {
    let line = text[..at].matches('\n').count() + 1;
    let what = format!("`{opening}` is not closed before the next `{found}`");
    fault_at(at, what, &format!("add `{}` to what begins in line {line}", closing(opening)))
}

fn open_string(rest: &str, at: usize) -> Fault {
    let line = rest.lines().next().unwrap_or(rest).trim_end();
    let what = "this string does not end in its line".to_owned();
    Fault { span: at..at + line.len(), what, help: "add `\"` where it ends".to_owned() }
}

fn fault_at(at: usize, what: String, help: &str) -> Fault {
    Fault { span: at..at + 1, what, help: help.to_owned() }
}

fn closing(opening: char) -> char {
    match opening {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// Length of the string, character or comment that begins here, else of the one letter.
fn passed(rest: &str, letter: char) -> usize {
    let until = |from: usize, end: &str| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
    match letter {
        '"' => string(rest),
        'r' if rest.starts_with("r\"") || rest.starts_with("r#") => raw_string(rest),
        '\'' => character(rest),
        '/' if rest.starts_with("//") => until(2, "\n"),
        '/' if rest.starts_with("/*") => until(2, "*/"),
        _ => letter.len_utf8(),
    }
}

fn string(rest: &str) -> usize {
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> usize {
    let hashes = rest[1..].len() - rest[1..].trim_start_matches('#').len();
    if !rest[1 + hashes..].starts_with('"') {
        return 1 + hashes;
    }
    let (from, end) = (2 + hashes, format!("\"{}", "#".repeat(hashes)));
    rest[from..].find(&end).map_or(rest.len(), |at| from + at + end.len())
}

/// `'('` and `'\''`; a lone apostrophe is passed as one letter.
fn character(rest: &str) -> usize {
    let escaped = rest[1..].starts_with('\\');
    let quote = rest.char_indices().skip(if escaped { 3 } else { 2 }).find(|&(_, letter)| letter == '\'');
    match quote {
        Some((at, _)) if escaped || rest[1..at].chars().count() == 1 => at + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Option<(usize, &str)>) {
        let found = fault(text).map(|fault| (fault.span.start, fault.what));
        assert_eq!(found.as_ref().map(|(at, what)| (*at, what.as_str())), want);
    }

    #[test]
    fn brackets_are_paired() {
        check("(a: [1, {2}], b: ())", None);
        check("(a: [1, 2, b: 3)", Some((4, "`[` is not closed before the next `)`")));
        check("(a: [1, 2]", Some((0, "`(` is never closed")));
        check("(a: 1))", Some((6, "`)` closes nothing")));
    }

    #[test]
    fn strings_and_comments_are_passed_over() {
        check(r#"(a: "[\"(", b: '(', c: '\'') // ["#, None);
        check("(a: r#\"[\"(\"#, /* ( */ b: 1)", None);
        check("(it's: [1])", None);
        check("(a: \"never ends ]", Some((0, "`(` is never closed")));
        check("(a: \"does not end,\n b: \"[\")", Some((4, "this string does not end in its line")));
    }
}
