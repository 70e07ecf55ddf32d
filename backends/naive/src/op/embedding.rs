//! embedding: `out[i] = table[ids[i]]`.

use smbench_sdk::Result;
use smbench_sdk::op::{Embedding, EmbeddingArgs};

use crate::Naive;

impl Embedding for Naive {
    fn embedding(&mut self, args: EmbeddingArgs<'_>) -> Result {
        let EmbeddingArgs { table, ids, mut out } = args;
        for (i, &id) in ids.iter().enumerate() {
            out.row(i).copy_from_slice(table.row(id as usize));
        }
        Ok(())
    }
}
