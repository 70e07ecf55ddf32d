//! Quantities that print themselves with three or four significant digits.

use std::fmt;

/// A time in nanoseconds: `41.7 ns`, `1.52 ms`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Nanoseconds(pub f64);

/// A size in bytes, in powers of 1024: `512 B`, `1.50 MiB`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Bytes(pub f64);

/// A ratio of two times: `0.842x`, `12.4x`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Ratio(pub f64);

/// The same ratio as a change: `+55.8 %`, or `2.31x` once it doubles or halves.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Change(pub f64);

/// A share: `0.4 %`, `87 %`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Percent(pub f64);

/// Tokens per second: `812 tok/s`, `23.1k tok/s`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct TokenRate(pub f64);

/// How often something happened: `0`, `12.5`, `1.34M`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Count(pub f64);

/// An error against an oracle: `0`, `3.1e-7`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Deviation(pub f64);

impl fmt::Display for Nanoseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = scaled(self.0, 1000.0, &["ns", "µs", "ms", "s"]);
        f.pad(&format!("{} {unit}", significant(value)))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = scaled(self.0, 1024.0, &["B", "KiB", "MiB", "GiB"]);
        let digits = if unit == "B" && value.fract() == 0.0 { format!("{value}") } else { significant(value) };
        f.pad(&format!("{digits} {unit}"))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}x", significant(self.0)))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = (0.5..=2.0).contains(&self.0);
        f.pad(&if percent { format!("{:+.1} %", 100.0 * (self.0 - 1.0)) } else { Ratio(self.0).to_string() })
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = if self.0.abs() < 9.95 { format!("{:.1}", self.0) } else { format!("{:.0}", self.0) };
        f.pad(&format!("{digits} %"))
    }
}

impl fmt::Display for TokenRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = scaled(self.0, 1000.0, &["", "k", "M"]);
        f.pad(&format!("{}{unit} tok/s", significant(value)))
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = scaled(self.0, 1000.0, &["", "k", "M", "G", "T"]);
        let digits = if self.0 == 0.0 { "0".to_owned() } else { significant(value) };
        f.pad(&format!("{digits}{unit}"))
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&if self.0 == 0.0 { "0".to_owned() } else { format!("{:.1e}", self.0) })
    }
}

/// The value in the largest unit that leaves it at 1 or above.
fn scaled<'a>(value: f64, step: f64, units: &[&'a str]) -> (f64, &'a str) {
    // 999.6 would print as 1000: switch a little before the step.
    let fits = |value: f64| value.abs() < step * 0.9995;
    let mut scaled = value;
    for unit in &units[..units.len() - 1] {
        if fits(scaled) {
            return (scaled, unit);
        }
        scaled /= step;
    }
    (scaled, units[units.len() - 1])
}

/// Three significant digits, without an exponent.
pub fn significant(value: f64) -> String {
    let magnitude = value.abs();
    let decimals = match magnitude {
        m if m >= 99.95 => 0,
        m if m >= 9.995 => 1,
        m if m >= 0.9995 || m == 0.0 => 2,
        m if m >= 0.0995 => 3,
        m if m >= 0.00995 => 4,
        _ => 5,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: impl fmt::Display, want: &str) {
        assert_eq!(value.to_string(), want);
    }

    #[test]
    fn quantities_print_themselves() {
        check(Nanoseconds(41.68), "41.7 ns");
        check(Nanoseconds(999.7), "1.00 µs");
        check(Nanoseconds(1_520_000.0), "1.52 ms");
        check(Nanoseconds(0.2), "0.200 ns");
        check(Bytes(0.0), "0 B");
        check(Bytes(512.0), "512 B");
        check(Bytes(1_572_864.0), "1.50 MiB");
        check(Ratio(0.8421), "0.842x");
        check(Ratio(12.41), "12.4x");
        check(Ratio(0.00921), "0.00921x");
        check(Change(1.558), "+55.8 %");
        check(Change(0.5), "-50.0 %");
        check(Change(2.31), "2.31x");
        check(Change(0.021), "0.0210x");
        check(Percent(0.44), "0.4 %");
        check(Percent(87.2), "87 %");
        check(TokenRate(812.4), "812 tok/s");
        check(TokenRate(23_099.0), "23.1k tok/s");
        check(TokenRate(1_260_000.0), "1.26M tok/s");
        check(Count(0.0), "0");
        check(Count(12.54), "12.5");
        check(Count(1_340_000.0), "1.34M");
        check(Deviation(0.0), "0");
        check(Deviation(3.14e-7), "3.1e-7");
    }
}
