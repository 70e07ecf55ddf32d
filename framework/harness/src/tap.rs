//! What stands round every op of a composed workload: nothing while it is timed, a clock while it is traced.

use std::sync::OnceLock;
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
    cost: Cost,
}

/// What tracing itself costs, for every run of an op.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    /// Two readings of the clock, which are part of what is read.
    pair_ns: u64,
    /// All of it, the book-keeping included.
    around_ns: u64,
}

impl Tap for Trace {
    fn around<R>(&mut self, op: &'static str, body: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = body();
        let ns = (start.elapsed().as_nanos() as u64).saturating_sub(self.cost.pair_ns);
        // By address: names are constants, and comparing texts would take as long as a small op.
        match self.spans.iter_mut().find(|(known, ..)| std::ptr::eq(*known, op)) {
            Some((_, sum, runs)) => (*sum, *runs) = (*sum + ns, *runs + 1),
            None => self.spans.push((op, ns, 1)),
        }
        result
    }
}

impl Trace {
    fn new(cost: Cost) -> Self {
        Self { spans: Vec::with_capacity(64), cost }
    }

    /// Traces one call: what its ops took, and under [`Span::OUTSIDE`] what is left of the whole.
    pub fn call<E>(body: impl FnOnce(&mut Self) -> Result<(), E>) -> Result<Vec<Span>, E> {
        let mut trace = Self::new(Cost::of_tracing());
        let start = Instant::now();
        body(&mut trace)?;
        Ok(trace.finish(start.elapsed().as_nanos() as u64))
    }

    fn finish(self, whole_ns: u64) -> Vec<Span> {
        let runs: u64 = self.spans.iter().map(|(.., runs)| runs).sum();
        let in_ops: u64 = self.spans.iter().map(|(_, ns, _)| ns).sum();
        let whole_ns = whole_ns.saturating_sub(self.cost.around_ns * runs).max(in_ops).max(1);
        let mut spans: Vec<Span> = Vec::with_capacity(self.spans.len() + 1);
        for (op, ns, runs) in self.spans.into_iter().chain([(Span::OUTSIDE, whole_ns - in_ops, 0)]) {
            let (share, ns, runs) = (ns as f64 / whole_ns as f64, ns as f64, runs as f64);
            // One constant may have several addresses.
            match spans.iter_mut().find(|span| span.op == op) {
                Some(span) => (span.share, span.ns, span.runs) = (span.share + share, span.ns + ns, span.runs + runs),
                None => spans.push(Span { op: op.to_owned(), share, ns, runs }),
            }
        }
        spans
    }
}

impl Cost {
    /// Measured once in a process.
    fn of_tracing() -> Self {
        static COST: OnceLock<Cost> = OnceLock::new();
        *COST.get_or_init(Self::measure)
    }

    /// With a table as long as a model's.
    fn measure() -> Self {
        const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
        const RUNS: u64 = 96;
        let batch = || {
            let mut trace = Trace::new(Self::default());
            NAMES.iter().for_each(|name| trace.around(name, || ()));
            trace.spans.iter_mut().for_each(|(_, ns, _)| *ns = 0);
            let start = Instant::now();
            (0..RUNS).for_each(|run| trace.around(NAMES[run as usize % NAMES.len()], || ()));
            let around_ns = start.elapsed().as_nanos() as u64 / RUNS;
            Self { pair_ns: trace.spans.iter().map(|(_, ns, _)| ns).sum::<u64>() / RUNS, around_ns }
        };
        // The least disturbed of some; cheap beside a call that is worth tracing.
        (0..8).map(|_| batch()).min_by_key(|cost| cost.around_ns).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spans_and_the_rest_are_the_whole() {
        let cost = Cost { pair_ns: 10, around_ns: 30 };
        let trace = Trace { spans: vec![("matmul", 600, 2), ("add", 100, 1)], cost };
        let spans = trace.finish(1090);
        let shares: Vec<(&str, f64, f64)> = spans.iter().map(|span| (&*span.op, span.share, span.runs)).collect();
        assert_eq!(shares, [("matmul", 0.6, 2.0), ("add", 0.1, 1.0), (Span::OUTSIDE, 0.3, 0.0)]);
    }

    #[test]
    fn one_name_at_two_addresses_is_one_op() {
        let spans: Vec<(&'static str, u64, u64)> = vec![("add", 10, 1), (String::from("add").leak(), 30, 2)];
        let spans = Trace { spans, cost: Cost::default() }.finish(40);
        assert_eq!((spans.len(), spans[0].ns, spans[0].runs), (2, 40.0, 3.0));
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
