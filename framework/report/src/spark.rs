//! A row of figures as a line of eighth blocks: `▃▄▃▅█`.

use smbench_core::stats::quantile;

/// Up to this far from the median is drawn as what it mostly is: noise.
const CALM: f64 = 0.1;
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const LAST: usize = BLOCKS.len() - 1;
/// The median's block.
const MIDDLE: usize = LAST / 2;

/// A block for each value, or for each of `most` equal stretches of them, by its median.
///
/// The median of all is always the same block. The scale spans the values, and at least ±10 % round the median, so that
/// noise does not look dramatic.
pub fn spark(values: &[f64], most: usize) -> String {
    let values = stretches(values, most);
    let median = quantile::median(&values);
    let farthest = |away: &dyn Fn(f64) -> f64| values.iter().map(|&value| away(value)).fold(0.0, f64::max);
    let down = farthest(&|value| median - value) / MIDDLE as f64;
    let up = farthest(&|value| value - median) / (LAST - MIDDLE) as f64;
    let step = (CALM * median / MIDDLE as f64).max(down).max(up);
    // Not finite becomes the lowest block: the conversion saturates.
    let block = |value: &f64| (MIDDLE as f64 + (value - median) / step).round() as usize;
    values.iter().map(|value| BLOCKS[block(value).min(LAST)]).collect()
}

fn stretches(values: &[f64], most: usize) -> Vec<f64> {
    let parts = values.len().min(most);
    let bound = |part: usize| part * values.len() / parts;
    (0..parts).map(|part| quantile::median(&values[bound(part)..bound(part + 1)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[f64], want: &str) {
        assert_eq!(spark(values, 8), want);
    }

    #[test]
    fn noise_stays_flat_and_steps_stand_out() {
        check(&[], "");
        check(&[5.0], "▄");
        check(&[100.0, 100.0, 100.0], "▄▄▄");
        check(&[100.0, 101.0, 98.5, 100.0], "▄▄▄▄");
        check(&[100.0, 110.0, 90.0, 100.0], "▄▇▁▄");
        check(&[100.0, 100.0, 100.0, 200.0], "▄▄▄█");
        check(&[100.0, 50.0, 100.0, 100.0], "▄▁▄▄");
        check(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], "▁▂▃▄▅▆▇");
    }

    #[test]
    fn many_values_share_blocks() {
        let values: Vec<f64> = (0..80).map(f64::from).collect();
        check(&values, "▁▂▃▄▄▅▆▇");
        assert_eq!(spark(&values, 100).chars().count(), 80);
        assert_eq!(spark(&values[..13], 5).chars().count(), 5);
    }

    #[test]
    fn senseless_values_are_no_accident() {
        for values in [[f64::NAN, 1.0], [0.0, 0.0], [f64::INFINITY, 1.0]] {
            assert_eq!(spark(&values, 8).chars().count(), 2);
        }
    }
}
