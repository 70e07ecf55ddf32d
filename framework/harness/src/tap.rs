//! What stands round every op of a composed workload: nothing while it is timed, a clock while it is traced.

use std::time::Instant;

use smbench_core::message::Span;

/// Stands round every op.
pub trait Tap {
    /// Runs `body`, which is `op`.
    fn around<R>(&mut self, op: &'static str, body: impl FnOnce() -> R) -> R;
}

/// Nothing.
pub struct Quiet;

impl Tap for Quiet {
    #[inline(always)]
    fn around<R>(&mut self, _op: &'static str, body: impl FnOnce() -> R) -> R {
        body()
    }
}

/// A clock, and what it showed: by op, in the order of first appearance.
pub struct Trace {
    spans: Vec<(&'static str, u64, u64)>,
    pair_ns: u64,
}

impl Tap for Trace {
    fn around<R>(&mut self, op: &'static str, body: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = body();
        let ns = (start.elapsed().as_nanos() as u64).saturating_sub(self.pair_ns);
        match self.spans.iter_mut().find(|(known, ..)| *known == op) {
            Some((_, sum, runs)) => (*sum, *runs) = (*sum + ns, *runs + 1),
            None => self.spans.push((op, ns, 1)),
        }
        result
    }
}

impl Trace {
    /// Traces one call: what its ops took, and under [`Span::OUTSIDE`] what is left of the whole.
    pub fn call<E>(body: impl FnOnce(&mut Self) -> Result<(), E>) -> Result<Vec<Span>, E> {
        let mut trace = Self { spans: Vec::with_capacity(64), pair_ns: pair_ns() };
        let start = Instant::now();
        body(&mut trace)?;
        Ok(trace.finish(start.elapsed().as_nanos() as u64))
    }

    /// Every op has added its two readings of the clock to the whole.
    fn finish(self, whole_ns: u64) -> Vec<Span> {
        let clock_ns = self.pair_ns * self.spans.iter().map(|(.., runs)| runs).sum::<u64>();
        let in_ops: u64 = self.spans.iter().map(|(_, ns, _)| ns).sum();
        let whole_ns = whole_ns.saturating_sub(clock_ns).max(in_ops).max(1);
        let span = |op: &str, ns: u64, runs: u64| Span {
            op: op.to_owned(),
            share: ns as f64 / whole_ns as f64,
            ns: ns as f64,
            runs: runs as f64,
        };
        let ops = self.spans.iter().map(|&(op, ns, runs)| span(op, ns, runs));
        ops.chain([span(Span::OUTSIDE, whole_ns - in_ops, 0)]).collect()
    }
}

/// What two readings of the clock cost: the least of many, as a trace keeps the least disturbed call.
fn pair_ns() -> u64 {
    let pair = || {
        let start = Instant::now();
        start.elapsed().as_nanos() as u64
    };
    (0..200).map(|_| pair()).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spans_and_the_rest_are_the_whole() {
        let trace = Trace { spans: vec![("matmul", 600, 2), ("add", 100, 1)], pair_ns: 10 };
        let spans = trace.finish(1030);
        let shares: Vec<(&str, f64, f64)> = spans.iter().map(|span| (&*span.op, span.share, span.runs)).collect();
        assert_eq!(shares, [("matmul", 0.6, 2.0), ("add", 0.1, 1.0), (Span::OUTSIDE, 0.3, 0.0)]);
    }

    #[test]
    fn runs_of_one_op_are_added_up() {
        let spans = Trace::call(|trace| {
            (0..3).for_each(|_| trace.around("add", || ()));
            trace.around("mul", || ());
            Ok::<_, ()>(())
        });
        let spans = spans.unwrap();
        assert_eq!(spans.iter().map(|span| span.runs).collect::<Vec<_>>(), [3.0, 1.0, 0.0]);
        assert!((spans.iter().map(|span| span.share).sum::<f64>() - 1.0).abs() < 1e-9);
    }
}
