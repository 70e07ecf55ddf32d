//! The A/A control: the reference once more, from a copy of its own.

use smbench_core::control;
use smbench_core::message::PluginRef;

use super::Conductor;
use crate::worker::Culprit;

impl Conductor<'_> {
    /// The reference as one more player of this launch, where it plays and it is the control's turn.
    pub(super) fn control(&self, number: u32, case: usize, able: &[usize]) -> Option<PluginRef> {
        let plan = &self.run.plan;
        let plays = self.controlled && able.contains(&plan.reference) && control::takes_part(plan, number, case);
        plays.then(|| PluginRef { index: plan.control(), control: true, ..self.plugin(case, plan.reference) })
    }

    /// A build that does not bear its own copy fails as the one or the other, whichever was loaded later.
    pub(super) fn may_be_the_control(&self, culprit: &Culprit, number: u32, case: usize, able: &[usize]) -> bool {
        let twins = [self.run.plan.reference, self.run.plan.control()];
        let suspected = culprit.backend().is_some_and(|backend| twins.contains(&backend));
        suspected && self.control(number, case, able).is_some()
    }

    /// Whatever went wrong with the copy is no backend's fault: the run goes on without it.
    pub(super) fn give_up_control(&mut self, why: &str) {
        self.controlled = false;
        self.note(format!("no A/A control from here on: {why}"));
    }
}
