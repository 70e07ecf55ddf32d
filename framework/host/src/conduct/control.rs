//! The A/A control: the reference once more, from a copy of its own.

use smbench_core::control;
use smbench_core::message::PluginRef;

use super::Conductor;
use super::copies::Copies;
use crate::worker::Culprit;

impl Conductor<'_> {
    /// Who brings libraries of its own might not find them elsewhere: it is loaded from its own file, and has no control.
    pub(super) fn prepare_copies(&mut self) {
        Copies::sweep();
        let backends = self.run.plan.backends.iter().enumerate();
        let at_home = backends.filter(|(_, backend)| !backend.libraries_sha256.is_empty()).map(|(index, _)| index);
        self.at_home.extend(at_home);
        if let Some(reference) = self.run.plan.backends.get(self.run.plan.reference)
            && self.at_home.contains(&self.run.plan.reference)
        {
            let why = "brings libraries that a copy elsewhere might not find";
            self.note(format!("no A/A control: `{}` {why}", reference.alias()));
            self.controlled = false;
        }
    }

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

    /// Some do not run from another folder. Whoever fails from a copy gets another chance from its own file; says whether it is due.
    pub(super) fn goes_home(&mut self, culprit: &Culprit) -> bool {
        let Some(backend) = culprit.backend().filter(|&backend| backend < self.run.plan.backends.len()) else {
            return false;
        };
        let due = self.at_home.insert(backend);
        if due {
            let alias = self.run.plan.backends[backend].alias();
            self.note(format!("`{alias}` is loaded from its own file from here on; from a copy of it: {culprit}"));
            self.controlled &= backend != self.run.plan.reference;
        }
        due
    }
}
