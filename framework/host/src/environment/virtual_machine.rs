//! Is there a hypervisor?

use smbench_core::fact::Fact;

use super::Place;
use crate::machine::cpu;

pub fn fact(place: Place<'_>) -> Fact {
    of(cpu::hypervisor(place.root))
}

fn of(hypervisor: Option<String>) -> Fact {
    const NAME: &str = "virtual machine";
    match hypervisor {
        None => Fact::ok(NAME, "no"),
        Some(hypervisor) => Fact::ok(NAME, hypervisor).note(
            "other guests share caches, memory and perhaps cores, and nothing here shows what they do",
            "for times that hold elsewhere, take a machine of one's own; ratios are paired for this reason",
        ),
    }
}

#[cfg(test)]
mod tests {
    use smbench_core::fact::Level;

    use super::*;

    #[test]
    fn a_hypervisor_is_worth_knowing() {
        assert_eq!(of(None).level, Level::Ok);
        assert_eq!(
            (of(Some("KVM".to_owned())).level, of(Some("KVM".to_owned())).found.as_deref()),
            (Level::Note, Some("KVM"))
        );
    }
}
