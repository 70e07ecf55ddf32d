//! What is right, where only another backend knows it: asked of that backend, in a process of its own, for every set of
//! inputs.

use std::result;

use smbench_core::case::{Case, Oracle};
use smbench_core::message::{Reply, Request};
use smbench_core::outcome::Outcome;

use super::folder::Folder;
use super::{Conductor, OUT_OF_STEP};
use crate::error::{Error, Result};
use crate::worker::How;

/// A case as a worker gets it, and the folder with the answers that it names, which has to last as long.
pub(super) type Answered = (Case, Option<Folder>);

/// Why nobody can be compared with the oracle.
pub(super) enum Unanswered {
    /// Ctrl-C.
    Cancelled,
    /// The oracle's failing.
    Because(Outcome),
}

impl Conductor<'_> {
    /// The case with the right results for the inputs of `seed`, where smbench does not know them by itself; those of the
    /// sizes that a check tries too, if `variants`.
    pub(super) fn answered(
        &mut self,
        case: usize,
        seed: u64,
        variants: bool,
    ) -> Result<result::Result<Answered, Unanswered>> {
        let mut answered = self.run.plan.cases[case].clone();
        let Some(oracle) = self.run.plan.oracle(case) else { return Ok(Ok((answered, None))) };
        if let Some(reason) = self.run.plan.backends[oracle].plugin.refused.clone() {
            return Ok(Err(self.unanswered(oracle, &reason)));
        }
        let cannot = |error: std::io::Error| Error::internal("no place for the oracle's results").because(error);
        let folder = Folder::create().map_err(cannot)?;
        let path = folder.path().join("answers.safetensors");
        let (plugin, threads) = (self.plugin(case, oracle), answered.threads);
        let request = Request::Answer { plugin, case: answered.clone(), seed, variants, path: path.clone() };
        let reason = match self.workers.ask_once(threads, &request) {
            Ok(Reply::Answered) => {
                let Some(oracle) = &mut answered.oracle else { return Ok(Ok((answered, None))) };
                *oracle = Oracle { answers: Some(path), ..oracle.clone() };
                return Ok(Ok((answered, Some(folder))));
            }
            Ok(Reply::Refused { outcome, .. }) => outcome.reason().unwrap_or("refused").to_owned(),
            Ok(_) => OUT_OF_STEP.to_owned(),
            Err(death) if death.how == How::Cancelled => return Ok(Err(Unanswered::Cancelled)),
            Err(death) => self.killed(oracle, &death)?.reason().unwrap_or("died").to_owned(),
        };
        Ok(Err(self.unanswered(oracle, &reason)))
    }

    fn unanswered(&self, oracle: usize, reason: &str) -> Unanswered {
        let alias = self.run.plan.backends[oracle].alias();
        Unanswered::Because(Outcome::Unsupported(format!("cannot be checked: its oracle `{alias}`: {reason}")))
    }
}
