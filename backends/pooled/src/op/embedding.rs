//! embedding: `out[i] = table[ids[i]]`, row by row: the C library copies as fast as memory reads.

use smbench_sdk::Result;
use smbench_sdk::op::{Embedding, EmbeddingArgs};

use crate::Pooled;

impl Embedding for Pooled {
    fn embedding(&mut self, args: EmbeddingArgs<'_>) -> Result {
        let EmbeddingArgs { table, ids, mut out } = args;
        self.used = 1;
        for (i, &id) in ids.iter().enumerate() {
            out.row(i).copy_from_slice(table.row(id as usize));
        }
        Ok(())
    }
}
