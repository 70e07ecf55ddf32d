//! Inputs: seeded, the same on every machine.

use fastrand::Rng;

/// What an operand is filled with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fill {
    /// Uniform in [-1, 1).
    Uniform,
    /// Uniform in [-r, r).
    Range(f32),
    /// Uniform in [0.5, 1.5): gains that are neither zero nor one.
    Gain,
    /// Multiples of 2^-10 in [-1, 1): sums and differences of two of them are exact.
    Exact,
    /// Row numbers of a table of so many rows: u32 (see [`Operand::dtype`](crate::Operand::dtype)), kept bit for bit where
    /// the f32 would be.
    Ids(usize),
}

/// How nasty the values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// As the operand says.
    Usual,
    /// The same, with the first value of every row of 64 a thousand times larger; ids stay ids.
    Outliers,
}

/// Values repeat from here on: drawing 64 MB takes longer than measuring with them. A prime, so that no row or block of a
/// power of two has a twin.
const PERIOD: usize = 1_048_583;

/// Fills `out` as `fill` and `regime` say, from `seed`.
pub fn fill(out: &mut [f32], fill: Fill, regime: Regime, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let (drawn, rest) = out.split_at_mut(out.len().min(PERIOD));
    drawn.iter_mut().for_each(|value| *value = draw(fill, &mut rng));
    rest.chunks_mut(PERIOD).for_each(|chunk| chunk.copy_from_slice(&drawn[..chunk.len()]));
    if regime == Regime::Outliers && !matches!(fill, Fill::Ids(_)) {
        out.iter_mut().step_by(64).for_each(|value| *value *= 1000.0);
    }
}

fn draw(fill: Fill, rng: &mut Rng) -> f32 {
    match fill {
        Fill::Uniform => rng.f32() * 2.0 - 1.0,
        Fill::Range(range) => (rng.f32() * 2.0 - 1.0) * range,
        Fill::Gain => rng.f32() + 0.5,
        Fill::Exact => (rng.i32(-1024..1024) as f32) / 1024.0,
        Fill::Ids(rows) => f32::from_bits(rng.u32(..u32::try_from(rows).unwrap_or(u32::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_values() {
        let draw = |seed| {
            let mut out = [0.0; 100];
            fill(&mut out, Fill::Uniform, Regime::Usual, seed);
            out
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!(draw(7).iter().all(|value| (-1.0..1.0).contains(value)));
    }

    #[test]
    fn long_operands_repeat_themselves() {
        let mut out = vec![0.0; PERIOD + 1000];
        fill(&mut out, Fill::Uniform, Regime::Usual, 7);
        assert_eq!(out[..1000], out[PERIOD..]);
        assert_ne!(out[..1000], out[PERIOD - 1000..PERIOD]);
    }

    #[test]
    fn exact_values_survive_adding_and_subtracting() {
        let (mut a, mut b) = ([0.0; 1000], [0.0; 1000]);
        fill(&mut a, Fill::Exact, Regime::Usual, 1);
        fill(&mut b, Fill::Exact, Regime::Usual, 2);
        assert!(a.iter().zip(&b).all(|(a, b)| (a + b) - b == *a));
    }

    #[test]
    fn ids_name_every_row_and_no_other_in_both_regimes() {
        for regime in [Regime::Usual, Regime::Outliers] {
            let mut out = [0.0; 1000];
            fill(&mut out, Fill::Ids(7), regime, 1);
            let ids: std::collections::BTreeSet<u32> = out.iter().map(|id| id.to_bits()).collect();
            assert!(ids.into_iter().eq(0..7), "{regime:?}");
        }
    }
}
