//! Names come from strangers' plugins. The one place where they are made harmless, for every format.
//!
//! What would act instead of being read (control bytes, ANSI sequences, marks that turn or hide text) is shown
//! as `\u{1b}` everywhere; what a format itself would take for syntax is escaped in that format's way.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with nothing in it that acts: on a terminal it stays on its line and in its direction.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            c if acts(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The text as running Markdown text.
pub fn markdown(text: &str) -> String {
    let text = plain(text);
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        // A colon before slashes would make a link of a bare address; `_` emphasises only at the edge of a word.
        let special = match c {
            ':' => after == '/',
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            c => "\\`*[]<>|~&$".contains(c),
        };
        if special {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// The text as a Markdown paragraph's beginning, where `#`, `-` or `1.` would begin another block.
pub fn markdown_start(escaped: String) -> String {
    let digits = escaped.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = digits > 0 && escaped[digits..].starts_with(['.', ')']);
    match escaped.chars().next() {
        Some('#' | '+' | '-' | '=') => format!("\\{escaped}"),
        Some(_) if numbered => format!("{}\\{}", &escaped[..digits], &escaped[digits..]),
        _ => escaped,
    }
}

/// The text as a Markdown code span in a table. A `|` would end the cell even inside the span, and whether a
/// backslash helps depends on what stands before it: such a name is no code then.
pub fn markdown_cell_code(text: &str) -> String {
    if text.contains('|') { markdown(text) } else { markdown_code(text) }
}

/// The text as a Markdown code span.
pub fn markdown_code(text: &str) -> String {
    let text = plain(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The lines as a fenced Markdown block.
pub fn markdown_block(language: &str, lines: &str) -> String {
    let fence = "`".repeat(longest_run(lines).max(2) + 1);
    let mut out = format!("{fence}{language}\n");
    lines.lines().for_each(|line| out.extend([&*plain(line), "\n"]));
    out + &fence
}

/// The text as HTML or SVG, between tags or inside quotes.
pub fn html(text: &str) -> String {
    let text = plain(text);
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Where a page has a case: `case-simd-add-1000-f32`. Two names may share a place; then it is the first one's.
pub fn anchor(case: &str) -> String {
    let words = case.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    std::iter::once("case").chain(words).collect::<Vec<_>>().join("-")
}

/// The text as a string of RON; what acts is escaped there too, and reads back as it was.
pub fn ron(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if acts(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out + "\""
}

/// JSON text with every character that acts as `\uXXXX`: the same value to a parser, harmless on a screen.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || !acts(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// Does it act instead of being read?
fn acts(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' // control bytes; ESC begins an ANSI sequence, so does U+009B
        | '\u{ad}' | '\u{61c}' | '\u{180e}' // soft hyphen, Arabic letter mark, Mongolian separator
        | '\u{200b}'..='\u{200f}' // zero widths, left-to-right and right-to-left marks
        | '\u{2028}'..='\u{202e}' // line separators, embeddings and overrides
        | '\u{2060}'..='\u{206f}' // joiners, isolates
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' // byte order mark, annotations
        | '\u{e0000}'..='\u{e007f}' // tags
    )
}

/// Length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "a|b`c<script>*x*\x1b[31m\u{202e}evil\u{9b}2J\r\n[l](http://x)";

    #[test]
    fn nothing_acts_on_a_terminal() {
        let shown = plain(NASTY);
        assert_eq!(shown, "a|b`c<script>*x*\\u{1b}[31m\\u{202e}evil\\u{9b}2J\\u{d} [l](http://x)");
        assert!(matches!(plain("simd/matmul · µs"), Cow::Borrowed(_)));
    }

    #[test]
    fn nothing_is_markdown() {
        let want = "a\\|b\\`c\\<script\\>\\*x\\*\\\\u{1b}\\[31m\\\\u{202e}evil\\\\u{9b}2J\\\\u{d} \
                    \\[l\\](http\\://x)";
        assert_eq!(markdown(NASTY), want);
        assert_eq!(markdown("gelu_tanh _x_"), "gelu_tanh \\_x\\_");
    }

    #[test]
    fn code_spans_hold_together() {
        #[track_caller]
        fn check(text: &str, want: &str) {
            assert_eq!(markdown_code(text), want);
        }
        check("simd/add", "`simd/add`");
        check("a`b", "``a`b``");
        check("`", "`` ` ``");
        check("a|b", "`a|b`");
        check("a\x1bb", "`a\\u{1b}b`");
        assert_eq!(markdown_cell_code("a\\|b"), "a\\\\\\|b");
    }

    #[test]
    fn a_paragraph_stays_a_paragraph() {
        #[track_caller]
        fn check(text: &str, want: &str) {
            assert_eq!(markdown_start(markdown(text)), want);
        }
        check("# no title", "\\# no title");
        check("- no point", "\\- no point");
        check("12. no number", "12\\. no number");
        check("12 cases", "12 cases");
        check("a # b", "a # b");
    }

    #[test]
    fn a_block_cannot_be_closed_from_inside() {
        assert_eq!(markdown_block("sh", "a\n```\nb\x07"), "````sh\na\n```\nb\\u{7}\n````");
    }

    #[test]
    fn nothing_is_html() {
        let want = "a|b`c&lt;script&gt;*x*\\u{1b}[31m\\u{202e}evil\\u{9b}2J\\u{d} [l](http://x)";
        assert_eq!(html(NASTY), want);
        assert_eq!(ron("a\\b\"\x1b"), "\"a\\\\b\\\"\\u{1b}\"");
        assert_eq!(html("\"a\" & 'b'"), "&quot;a&quot; &amp; &#39;b&#39;");
        assert_eq!(anchor("simd/add_x/10\"><b/f32 · 2 threads"), "case-simd-add_x-10-b-f32-2-threads");
    }

    #[test]
    fn json_keeps_the_value() {
        let text = serde_json::to_string(&NASTY).unwrap();
        let safe = json(&text);
        assert!(!safe.chars().any(acts));
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), NASTY);
        assert_eq!(json("\"\u{e0041}\""), "\"\\udb40\\udc41\"");
    }
}
