//! Where a series changes, without a word on how: E-divisive.
//!
//! Of all places to part a segment into X (m values) and Y (n values) it takes the one with the largest
//!
//! ```text
//! Q = mn/(m+n) · ( 2/(mn) Σᵢⱼ |xᵢ - yⱼ|  -  2/(m(m-1)) Σᵢ﹤ₖ |xᵢ - xₖ|  -  2/(n(n-1)) Σⱼ﹤ₖ |yⱼ - yₖ| )
//! ```
//!
//! and keeps it if hardly any order of the same values has a larger one; then it looks on both sides. D. S. Matteson and N. A. James,
//! "A nonparametric approach for multiple change point analysis of multivariate data", Journal of the American Statistical
//! Association 109 (2014) 334–345, with α = 1. Every segment is tested for itself.

use super::sorted;

/// Fewer values on either side of a change say too little.
pub const SIDE_MIN: usize = 8;
/// Orders tried.
const PERMUTATIONS: usize = 199;
/// A change is kept if it has a p of this at most.
const LEVEL: f64 = 0.01;

/// Where a series changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePoint {
    /// Index of the first value after the change.
    pub at: usize,
    /// Part of the orders, this one among them, with a Q as large.
    pub p: f64,
}

/// The changes of a series, in its order; the same seed finds the same. None in under 16 values, or where any is not finite.
pub fn change_points(values: &[f64], seed: u64) -> Vec<ChangePoint> {
    let mut found = Vec::new();
    if sorted(values).is_some() {
        divide(values, 0, &mut fastrand::Rng::with_seed(seed), &mut found);
    }
    found
}

fn divide(values: &[f64], offset: usize, rng: &mut fastrand::Rng, found: &mut Vec<ChangePoint>) {
    let ranked = Ranked::of(values);
    let Some((at, q)) = ranked.best_split(&ranked.order) else { return };
    let Some(p) = p_value(&ranked, q, rng) else { return };
    divide(&values[..at], offset, rng, found);
    found.push(ChangePoint { at: offset + at, p });
    divide(&values[at..], offset + at, rng, found);
}

/// `None` as soon as it cannot become small enough.
fn p_value(ranked: &Ranked, q: f64, rng: &mut fastrand::Rng) -> Option<f64> {
    let all = (PERMUTATIONS + 1) as f64;
    let mut order = ranked.order.clone();
    let mut as_large = 1;
    for _ in 0..PERMUTATIONS {
        rng.shuffle(&mut order);
        as_large += usize::from(ranked.best_split(&order).is_some_and(|(_, other)| other >= q));
        if as_large as f64 > LEVEL * all {
            return None;
        }
    }
    Some(as_large as f64 / all)
}

/// The values of a segment in ascending order, and their order in time.
struct Ranked {
    ascending: Vec<f64>,
    /// Distance of each to all others together.
    distances: Vec<f64>,
    /// Ranks as they came.
    order: Vec<usize>,
}

impl Ranked {
    fn of(values: &[f64]) -> Self {
        let mut by_value: Vec<usize> = (0..values.len()).collect();
        by_value.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        let mut order = vec![0; values.len()];
        by_value.iter().enumerate().for_each(|(rank, &index)| order[index] = rank);
        let ascending: Vec<f64> = by_value.iter().map(|&index| values[index]).collect();
        let (total, mut below) = (ascending.iter().sum::<f64>(), 0.0);
        let distances = ascending.iter().enumerate().map(|(rank, value)| {
            let above = total - below - value;
            let distance = value * rank as f64 - below + above - value * (ascending.len() - rank - 1) as f64;
            below += value;
            distance
        });
        Self { distances: distances.collect(), ascending, order }
    }

    /// Where an order of the values is parted best, and its Q.
    ///
    /// The values cross over from right to left one by one. Each adds its distances to those already there to the left's
    /// sum, and takes what remains of its distances from the right's.
    fn best_split(&self, order: &[usize]) -> Option<(usize, f64)> {
        let len = order.len();
        let mut passed = Passed::new(len);
        let (mut left, mut right) = (0.0, 0.5 * self.distances.iter().sum::<f64>());
        let whole = right;
        let mut best: Option<(usize, f64)> = None;
        for (at, &rank) in (1..).zip(order) {
            let value = self.ascending[rank];
            let to_left = passed.distance(rank, value);
            left += to_left;
            right -= self.distances[rank] - to_left;
            passed.add(rank, value);
            if at >= SIDE_MIN && len - at >= SIDE_MIN {
                let (m, n) = (at as f64, (len - at) as f64);
                let between = 2.0 * (whole - left - right) / (m * n);
                let within = 2.0 * left / (m * (m - 1.0)) + 2.0 * right / (n * (n - 1.0));
                let q = m * n / (m + n) * (between - within);
                best = best.filter(|(_, known)| *known >= q).or(Some((at, q)));
            }
        }
        best
    }
}

/// Values that have crossed over, by rank: how many and how much up to each (P. M. Fenwick, Software: Practice and
/// Experience 24 (1994) 327–336), so that a distance to all of them costs log n.
struct Passed {
    counts: Vec<f64>,
    sums: Vec<f64>,
    all: [f64; 2],
}

impl Passed {
    fn new(len: usize) -> Self {
        Self { counts: vec![0.0; len + 1], sums: vec![0.0; len + 1], all: [0.0; 2] }
    }

    fn add(&mut self, rank: usize, value: f64) {
        let mut place = rank + 1;
        while place < self.counts.len() {
            self.counts[place] += 1.0;
            self.sums[place] += value;
            place += place & place.wrapping_neg();
        }
        self.all = [self.all[0] + 1.0, self.all[1] + value];
    }

    fn distance(&self, rank: usize, value: f64) -> f64 {
        let [mut count, mut sum] = [0.0; 2];
        let mut place = rank + 1;
        while place > 0 {
            count += self.counts[place];
            sum += self.sums[place];
            place &= place - 1;
        }
        let [all, total] = self.all;
        value * count - sum + (total - sum) - value * (all - count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the formula is written.
    fn q_by_formula(values: &[f64], at: usize) -> f64 {
        let (x, y) = values.split_at(at);
        let sum = |a: &[f64], b: &[f64]| a.iter().flat_map(|a| b.iter().map(move |b| (a - b).abs())).sum::<f64>();
        let (m, n) = (x.len() as f64, y.len() as f64);
        let within = sum(x, x) / (m * (m - 1.0)) + sum(y, y) / (n * (n - 1.0));
        m * n / (m + n) * (2.0 / (m * n) * sum(x, y) - within)
    }

    fn noise(len: usize, seed: u64) -> Vec<f64> {
        let mut rng = fastrand::Rng::with_seed(seed);
        (0..len).map(|_| rng.f64() + rng.f64()).collect()
    }

    #[test]
    fn the_best_split_is_that_of_the_formula() {
        for len in [16, 17, 40] {
            let mut values = noise(len, len as u64);
            values[3] = values[7];
            let (at, q) = Ranked::of(&values).best_split(&Ranked::of(&values).order).unwrap();
            let want = (SIDE_MIN..=len - SIDE_MIN).map(|at| (at, q_by_formula(&values, at)));
            let want = want.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            assert!(at == want.0 && (q - want.1).abs() < 1e-9, "{at} {q}, {want:?}");
        }
    }

    #[test]
    fn steps_are_found_where_they_are() {
        #[track_caller]
        fn check(steps: &[(usize, f64)], want: &[usize]) {
            let mut values = noise(60, 7);
            for &(from, by) in steps {
                values[from..].iter_mut().for_each(|value| *value += by);
            }
            let found: Vec<usize> = change_points(&values, 1).iter().map(|change| change.at).collect();
            assert!(found.len() == want.len() && found.iter().zip(want).all(|(a, b)| a.abs_diff(*b) <= 1), "{found:?}");
        }
        check(&[], &[]);
        check(&[(30, 3.0)], &[30]);
        check(&[(20, 3.0), (40, -5.0)], &[20, 40]);
        check(&[(4, 3.0)], &[8]); // never nearer to an end than 8
    }

    #[test]
    fn noise_alone_rarely_changes() {
        let found = (0..300).filter(|&seed| !change_points(&noise(40, seed + 1000), seed).is_empty()).count();
        assert!(found <= 9, "{found} of 300"); // 3 expected at a level of 0.01
    }

    #[test]
    fn the_same_seed_finds_the_same_and_little_finds_nothing() {
        let mut values = noise(50, 3);
        values[25..].iter_mut().for_each(|value| *value += 1.0);
        assert_eq!(change_points(&values, 5), change_points(&values, 5));
        assert!(change_points(&values[..15], 5).is_empty() && change_points(&[], 5).is_empty());
        values[4] = f64::NAN;
        assert!(change_points(&values, 5).is_empty());
    }
}
