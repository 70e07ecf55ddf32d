//! Bars of eighth blocks, from zero, all on one scale.

use unicode_width::UnicodeWidthStr;

use crate::document::Bars;
use crate::escape;

/// Columns of the longest bar; label and caption come on top.
const LONGEST: usize = 40;

/// A line for each bar: label, bar, caption. What has no value says so.
pub fn lines(bars: &Bars) -> Vec<String> {
    let longest = bars.bars.iter().filter_map(|bar| bar.value).fold(0.0, f64::max);
    let labels: Vec<_> = bars.bars.iter().map(|bar| escape::plain(&bar.label)).collect();
    let width = labels.iter().map(|label| label.width()).max().unwrap_or(0);
    let line = |(bar, label): (&crate::document::Bar, &std::borrow::Cow<str>)| {
        let space = " ".repeat(width - label.width());
        match bar.value {
            Some(value) => {
                let blocks = blocks(if longest > 0.0 { value / longest } else { 0.0 });
                let gap = if blocks.is_empty() { "" } else { " " };
                format!("{label}{space}  {blocks}{gap}{}", escape::plain(&bar.caption))
            }
            None => format!("{label}{space}  not measured"),
        }
    };
    bars.bars.iter().zip(&labels).map(line).collect()
}

/// A length between 0 and 1; what is above 0 is never invisible.
fn blocks(share: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share * (8 * LONGEST) as f64).round() as usize;
    let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Bar;

    #[test]
    fn lengths_are_in_proportion() {
        let bar = |label: &str, value, caption: &str| Bar { label: label.into(), value, caption: caption.into() };
        let bars = vec![
            bar("a", Some(16.0), "16 ms"),
            bar("long", Some(1.1), "1.1 ms"),
            bar("c", None, ""),
            bar("d", Some(0.0), "0 B"),
        ];
        let want = [
            "a     ████████████████████████████████████████ 16 ms",
            "long  ██▊ 1.1 ms",
            "c     not measured",
            "d     0 B",
        ];
        assert_eq!(lines(&Bars { bars }), want);
        assert_eq!(blocks(1e-9), "▏");
    }
}
