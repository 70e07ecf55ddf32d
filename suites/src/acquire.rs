//! acquire: a tensor of the backend's own, acquired, touched and released; nothing is computed.

use std::ffi::CStr;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};
use smbench_abi::extension::{Extension, Memory};
use smbench_core::case::Cost;
use smbench_core::config::ThreadList;
use smbench_core::outcome::Extremes;
use smbench_core::schedule::CallRule;
use smbench_harness::{
    Bound, Buffers, CallError, Instance, Layout, Look, Slot, Workload, count_of, fill, shortage, touch,
};
use smbench_ops::Regime;

/// Tensors of several sizes, as written.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcquireEntry {
    /// `"1MiB"`.
    pub sizes: Vec<ByteSize>,
    /// The backend is asked for zeros.
    #[serde(default)]
    pub zeroed: bool,
    /// What the backend holds for reuse is returned to the system after every release: as if there were no pool.
    #[serde(default)]
    pub trimmed: bool,
    /// `"1"`, `"1,all"`.
    #[serde(default)]
    pub threads: ThreadList,
}

/// A size in bytes, as people write it: `"64MiB"`, `"2KiB"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteSize(pub usize);

const UNITS: [(&str, usize); 3] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// No tensor is larger.
const LARGEST: usize = 64 << 30;

impl FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unit = UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)));
        let size = unit.and_then(|(number, unit)| number.trim().parse::<usize>().ok()?.checked_mul(unit));
        match size {
            Some(size) if (1..=LARGEST).contains(&size) => Ok(Self(size)),
            Some(_) => Err(format!("`{text}` is no size of a tensor: 1KiB to 64GiB")),
            None => Err(format!("`{text}` is not a size: write \"2KiB\", \"1MiB\" or \"1GiB\"")),
        }
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, unit) = UNITS.into_iter().rev().find(|(_, unit)| self.0.is_multiple_of(*unit)).unwrap_or(("B", 1));
        write!(f, "{}{name}", self.0 / unit)
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A tensor of the backend's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acquire {
    /// A multiple of 4.
    pub bytes: usize,
    /// Asked for as zeros.
    pub zeroed: bool,
    /// Nothing is kept for reuse.
    pub trimmed: bool,
}

impl Acquire {
    /// Last part of a case's id; nothing for a plain one.
    pub fn suffix(self) -> &'static str {
        match (self.zeroed, self.trimmed) {
            (false, false) => "",
            (true, false) => "/zeroed",
            (false, true) => "/trimmed",
            (true, true) => "/zeroed_trimmed",
        }
    }

    /// Nothing is computed.
    pub fn cost(self) -> Cost {
        Cost { flops: 0, bytes: self.bytes as u64, elements: self.elements() as u64, passes: 1 }
    }

    fn elements(self) -> usize {
        self.bytes / size_of::<f32>()
    }
}

/// Of a tensor, as many elements are looked at as it has pages, each at another place in its page.
const LOOK_EVERY: usize = 1021;

impl Workload for Acquire {
    fn variants(&self) -> Vec<Box<dyn Workload>> {
        [4, 4000, 1 << 20].into_iter().map(|bytes| Box::new(Self { bytes, ..*self }) as Box<dyn Workload>).collect()
    }

    fn receipt_id(&self, _instance: &Instance) -> &'static CStr {
        Memory::ID
    }

    fn title(&self) -> String {
        format!("acquire {} bytes{}", self.bytes, self.suffix().replace('/', " "))
    }

    fn layout(&self) -> Layout {
        Layout { slots: vec![Slot::output("first tensor", &[1]), Slot::output("second tensor", &[1])] }
    }

    fn calls(&self) -> CallRule {
        CallRule::default()
    }

    fn fill(&self, _buffers: &Buffers, _regime: Regime, _seed: u64) {}

    fn bind<'a>(&'a self, instance: &'a Instance, buffers: &'a Buffers) -> Result<Box<dyn Bound + 'a>, CallError> {
        if !instance.has_memory() {
            return Err(CallError::unsupported("the plugin has no `memory` extension"));
        }
        if self.trimmed && !instance.has_trim() {
            return Err(CallError::unsupported("the plugin's `memory` has no `trim`"));
        }
        // Two, as when it is verified.
        match shortage(2 * self.bytes as u128) {
            Some(shortage) => Err(CallError::unsupported(format!("needs {shortage}"))),
            None => Ok(Box::new(Bind { acquire: *self, instance, buffers })),
        }
    }

    fn verify(&self, buffers: &Buffers, _look: Look) -> Result<Extremes, String> {
        let looked = self.elements().div_ceil(LOOK_EVERY) as f32;
        for index in 0..2 {
            let (right, name) = (buffers.values(index)[0], &buffers.slot(index).name);
            if right != looked {
                let what =
                    if self.zeroed { "zero when it came, or kept what was written" } else { "kept what was written" };
                return Err(format!(
                    "{right} of {looked} elements of the {name} were {what}: is its memory another's, too?"
                ));
            }
        }
        Ok(Extremes::default())
    }
}

struct Bind<'a> {
    acquire: Acquire,
    instance: &'a Instance,
    buffers: &'a Buffers,
}

impl Bind<'_> {
    fn once(&self) -> Result<(), CallError> {
        let tensor = self.instance.acquire(&[self.acquire.elements()], self.acquire.zeroed)?;
        touch(&tensor);
        self.instance.release(&tensor);
        if self.acquire.trimmed {
            self.instance.trim();
        }
        Ok(())
    }
}

impl Bound for Bind<'_> {
    fn run(&mut self, calls: u64) -> Result<(), CallError> {
        (0..calls).try_for_each(|_| self.once())
    }

    /// Two at once, each with values of its own: a pool that gives one block to both is found, and one that forgets its
    /// zeros.
    fn reveal(&mut self) -> Result<(), CallError> {
        let tensors = [0, 1].map(|_| self.instance.acquire(&[self.acquire.elements()], self.acquire.zeroed));
        let [first, second] = tensors;
        let tensors = [first?, second?];
        let zeros = tensors.map(|tensor| count_of(&tensor, 0.0, LOOK_EVERY));
        [1.0, 2.0].iter().zip(&tensors).for_each(|(value, tensor)| fill(tensor, *value, LOOK_EVERY));
        let written = [count_of(&tensors[0], 1.0, LOOK_EVERY), count_of(&tensors[1], 2.0, LOOK_EVERY)];
        for index in 0..2 {
            let right = if self.acquire.zeroed { zeros[index].min(written[index]) } else { written[index] };
            self.buffers.write(index, |values| values[0] = right as f32);
            // What is released is not zero, so that a pool has something to forget.
            fill(&tensors[index], 3.0, LOOK_EVERY);
            self.instance.release(&tensors[index]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_binary() {
        #[track_caller]
        fn check(text: &str, want: usize) {
            let size: ByteSize = text.parse().unwrap();
            assert_eq!((size.0, size.to_string().as_str()), (want, text));
        }
        check("2KiB", 2048);
        check("64MiB", 64 << 20);
        check("3GiB", 3 << 30);
        assert_eq!("1024KiB".parse::<ByteSize>().unwrap().to_string(), "1MiB");
        for text in ["", "MiB", "0MiB", "1MB", "1000", "-1KiB", "65GiB", "99999999999999999999GiB"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }
}
