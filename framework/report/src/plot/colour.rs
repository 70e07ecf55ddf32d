//! The colours, once: light and dark. Faster is blue-green and slower orange, which colour-blind people can tell apart; and
//! no meaning is carried by colour alone.

use std::fmt::Write;

/// Which colours a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// For white paper.
    Light,
    /// For a dark screen.
    Dark,
}

/// Name, light, dark. Texts reach a contrast of 4.5 : 1 on `paper` and on `tint` in both.
const COLOURS: [(&str, &str, &str); 26] = [
    ("paper", "#ffffff", "#14171c"),
    ("tint", "#f4f6f8", "#1d2229"),
    ("line", "#d5dbe1", "#39414b"),
    ("ink", "#1c2127", "#e6e9ed"),
    ("soft", "#56606b", "#a3adb8"),
    ("link", "#0a5bb5", "#7db7ff"),
    ("good", "#00695f", "#4fd1bd"),
    ("bad", "#ad3b00", "#ff9e64"),
    ("warn", "#7a5600", "#f0c050"),
    ("band", "#e3e8ee", "#2a313a"),
    ("s0", "#4c5866", "#aab4c0"),
    ("s1", "#0072b2", "#56b4e9"),
    ("s2", "#c25e00", "#f0a050"),
    ("s3", "#00805e", "#3fd0a0"),
    ("s4", "#a3478a", "#e08cc8"),
    ("s5", "#8a6d00", "#e6cf4a"),
    ("s6", "#b0263f", "#f07a8c"),
    ("s7", "#6a4fb0", "#a996f0"),
    ("g1", "#e0f2ee", "#16302d"),
    ("g2", "#c3e5dd", "#17403a"),
    ("g3", "#9fd5c9", "#18524a"),
    ("g4", "#79c3b3", "#19645a"),
    ("b1", "#fbeade", "#3a2618"),
    ("b2", "#f7d5bd", "#52331c"),
    ("b3", "#f2bc97", "#6a401f"),
    ("b4", "#eba471", "#834d22"),
];

/// Colours of series; further ones begin again, and differ in their shape.
pub const SERIES: usize = 8;

/// `--paper:#fff;…`: what a page sets for one theme.
pub fn variables_css(theme: Theme) -> String {
    COLOURS.iter().fold(String::new(), |mut css, (name, light, dark)| {
        let value = if theme == Theme::Light { light } else { dark };
        let _ = write!(css, "--{name}:{value};");
        css
    })
}

/// How classes of drawings look, by variables.
pub fn marks_css() -> &'static str {
    include_str!("marks.css")
}

/// The same with literal colours.
pub fn literal_css(theme: Theme) -> String {
    COLOURS.iter().fold(marks_css().to_owned(), |css, (name, light, dark)| {
        css.replace(&format!("var(--{name})"), if theme == Theme::Light { light } else { dark })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of `#rrggbb` (WCAG 2.2).
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[track_caller]
    fn check(theme: Theme, name: &str, behind: &str, least: f64) {
        let of = |wanted: &str| {
            let (_, light, dark) = COLOURS.iter().find(|(name, ..)| *name == wanted).unwrap();
            luminance(if theme == Theme::Light { light } else { dark })
        };
        let (a, b) = (of(name), of(behind));
        let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
        assert!(contrast >= least, "{name} on {behind}, {theme:?}: {contrast:.2}");
    }

    #[test]
    fn everything_can_be_read_in_both_themes() {
        for theme in [Theme::Light, Theme::Dark] {
            for name in ["ink", "soft", "link", "good", "bad", "warn"] {
                ["paper", "tint", "band"].iter().for_each(|behind| check(theme, name, behind, 4.5));
            }
            (1..=4).for_each(|step| check(theme, "ink", &format!("g{step}"), 4.5));
            (1..=4).for_each(|step| check(theme, "ink", &format!("b{step}"), 4.5));
            (0..SERIES).for_each(|index| check(theme, &format!("s{index}"), "paper", 3.0));
        }
    }

    #[test]
    fn a_file_has_no_variables() {
        assert!(marks_css().contains("var(--ink)"));
        assert!(!literal_css(Theme::Light).contains("var("));
        assert!(variables_css(Theme::Dark).contains("--paper:#14171c;"));
    }
}
