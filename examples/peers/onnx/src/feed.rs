//! What a pass gives to the graph.

use smbench_sdk::extension::model::{ModelSpec, Pass};
use smbench_sdk::{Error, Result};

/// Values of the graph's inputs, but for the past. They are kept from pass to pass, for their memory.
#[derive(Default, Debug, PartialEq)]
pub struct Feed {
    /// Of [`IDS`](crate::name::IDS), `[batch·new]`.
    pub ids: Vec<i32>,
    /// Of [`POSITIONS`](crate::name::POSITIONS), `[batch·new]`.
    pub positions: Vec<i32>,
    /// Of [`LAST`](crate::name::LAST), `[batch]`.
    pub last: Vec<i32>,
    /// Of [`TOTAL`](crate::name::TOTAL).
    pub total: i32,
    /// Of [`ROWS`](crate::name::ROWS), `[rows]`.
    pub rows: Vec<i32>,
}

impl Feed {
    /// Takes the values of this pass.
    pub fn fill(&mut self, spec: &ModelSpec, pass: &Pass<'_>) -> Result {
        let (batch, new, past) = (spec.batch as i32, pass.new as i32, pass.past_len as i32);
        if batch > 1 && new > 1 && past > 0 {
            return Err(Error::unsupported("several positions behind a past, in more than one sequence"));
        }
        let rows = 0..batch * new;
        let wanted = |row: &i32| !pass.last_only || row % new == new - 1;
        self.total = past + new;
        refill(&mut self.ids, pass.ids.iter().map(|&id| id as i32));
        refill(&mut self.positions, (0..batch).flat_map(|_| past..self.total));
        refill(&mut self.last, (0..batch).map(|_| self.total - 1));
        refill(&mut self.rows, rows.filter(wanted));
        Ok(())
    }
}

fn refill(values: &mut Vec<i32>, new: impl Iterator<Item = i32>) {
    values.clear();
    values.extend(new);
}

#[cfg(test)]
mod tests {
    use smbench_sdk::extension::model::{Activation, Normalisation};

    use super::*;

    const SPEC: ModelSpec = ModelSpec {
        vocabulary: 4,
        context: 8,
        width: 8,
        layers: 1,
        heads: 1,
        hidden: 8,
        batch: 2,
        cached: true,
        normalisation: Normalisation::Layernorm,
        activation: Activation::Silu,
        eps: 1e-5,
    };

    #[test]
    fn a_prompt_then_a_step() {
        let mut feed = Feed::default();
        let prompt = Pass { ids: &[1, 2, 3, 0, 1, 2], new: 3, past_len: 0, last_only: true, logits: &mut [] };
        feed.fill(&SPEC, &prompt).unwrap();
        let (ids, positions) = (vec![1, 2, 3, 0, 1, 2], vec![0, 1, 2, 0, 1, 2]);
        assert_eq!(feed, Feed { ids, positions, last: vec![2, 2], total: 3, rows: vec![2, 5] });
        let step = Pass { ids: &[3, 1], new: 1, past_len: 3, last_only: false, logits: &mut [] };
        feed.fill(&SPEC, &step).unwrap();
        assert_eq!(feed, Feed { ids: vec![3, 1], positions: vec![3, 3], last: vec![3, 3], total: 4, rows: vec![0, 1] });
    }
}
