//! A custom op as written in a suite.

use std::collections::BTreeMap;

use serde::Deserialize;
use smbench_core::case::Cost;
use smbench_core::config::ThreadList;

use super::formula::Formula;
use super::{CustomSpec, Shaped, Tensor, Tolerance};
use crate::suite::Size;

/// An op of a vendor's own at several sizes: what it takes, what it costs, and who knows what is right.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomEntry {
    /// As the plugin knows it: `"acme.topk/1"`.
    pub op: String,
    /// Names of a size's numbers, for the formulas: `["rows", "cols", "k"]`.
    pub dims: Vec<String>,
    /// `"64x1000x5"`, in the order of `dims`.
    pub sizes: Vec<Size>,
    /// Small sizes that are checked besides: ragged ones, degenerate ones.
    #[serde(default)]
    pub check: Vec<Size>,
    /// What is read.
    #[serde(default)]
    pub inputs: Vec<Declared>,
    /// What is written.
    pub outputs: Vec<Declared>,
    /// Numbers that the op takes by name.
    #[serde(default)]
    pub attributes: BTreeMap<String, Formula>,
    /// Floating-point operations of a call.
    pub flops: Formula,
    /// Bytes that have to be touched; all operands once, if left out.
    #[serde(default)]
    pub bytes: Option<Formula>,
    /// How far results may be from the oracle's.
    #[serde(default)]
    pub tolerance: Tolerance,
    /// Alias of the backend whose results are right; the run's reference, if left out.
    #[serde(default)]
    pub oracle: Option<String>,
    /// `"1"`, `"1,all"`.
    #[serde(default)]
    pub threads: ThreadList,
}

/// An operand.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// For messages.
    pub name: String,
    /// One to four formulas over the dims.
    pub shape: Vec<Formula>,
}

/// Most elements of one operand, as for ops of the contract.
const ELEMENTS_MAX: u128 = 1 << 40;

impl CustomEntry {
    /// The op without its revision: the second part of a case's id.
    pub fn name(&self) -> Result<&str, String> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
        let parts = self.op.split_once('/');
        let named = parts.filter(|(name, revision)| {
            let vendor = name.split_once('.').is_some_and(|(vendor, op)| !vendor.is_empty() && !op.is_empty());
            vendor && name.chars().all(allowed) && revision.parse::<u32>().is_ok()
        });
        named.map(|(name, _)| name).ok_or_else(|| {
            format!(
                "`{}` is no op of a vendor's own: write vendor, dot, name, slash, revision, as in \"acme.topk/1\"",
                self.op
            )
        })
    }

    /// The workload at a size.
    pub fn spec(&self, size: &Size) -> Result<CustomSpec, String> {
        let check = self.check.iter().map(|size| self.shaped(size)).collect::<Result<_, _>>()?;
        let (op, tolerance) = (self.op.clone(), self.tolerance);
        Ok(CustomSpec { op, at: self.shaped(size)?, check, tolerance })
    }

    /// What a call costs there.
    pub fn cost(&self, at: &Shaped) -> Result<Cost, String> {
        let elements =
            |tensors: &[Tensor]| tensors.iter().map(|tensor| tensor.dims.iter().product::<usize>() as u64).sum::<u64>();
        let outputs = elements(&at.outputs);
        let bytes = match &self.bytes {
            Some(bytes) => bytes.whole(1, &self.dims, &at.size)?,
            None => 4 * (elements(&at.inputs) + outputs),
        };
        Ok(Cost { flops: self.flops.whole(0, &self.dims, &at.size)?, bytes, elements: outputs, passes: 1 })
    }

    fn shaped(&self, size: &Size) -> Result<Shaped, String> {
        if size.0.len() != self.dims.len() {
            let dims = self.dims.join("×");
            return Err(format!(
                "size `{size}` does not fit `{}`, whose dims are {dims}: write one number for each",
                self.op
            ));
        }
        if self.outputs.is_empty() {
            return Err(format!(
                "`{}` has no output: declare one, as in `outputs: [(name: \"y\", shape: [\"n\"])]`",
                self.op
            ));
        }
        let tensors = |declared: &[Declared]| -> Result<Vec<Tensor>, String> {
            declared.iter().map(|operand| self.tensor(operand, size)).collect()
        };
        let number = |(name, formula): (&String, &Formula)| Ok((name.clone(), formula.value(&self.dims, &size.0)?));
        let attributes = self.attributes.iter().map(number).collect::<Result<_, String>>()?;
        Ok(Shaped {
            size: size.0.clone(),
            inputs: tensors(&self.inputs)?,
            outputs: tensors(&self.outputs)?,
            attributes,
        })
    }

    fn tensor(&self, operand: &Declared, size: &Size) -> Result<Tensor, String> {
        let Declared { name, shape } = operand;
        if !(1..=smbench_abi::MAX_RANK).contains(&shape.len()) {
            return Err(format!(
                "`{name}` of `{}` has {} dimensions: 1 to {} can be passed",
                self.op,
                shape.len(),
                smbench_abi::MAX_RANK
            ));
        }
        let dim = |formula: &Formula| formula.whole(1, &self.dims, &size.0).map(|dim| dim as usize);
        let dims = shape.iter().map(dim).collect::<Result<Vec<_>, _>>();
        let dims = dims.map_err(|why| format!("`{name}` at size `{size}`: {why}"))?;
        match dims.iter().fold(1_u128, |elements, &dim| elements.saturating_mul(dim as u128)) > ELEMENTS_MAX {
            true => Err(format!("`{name}` at size `{size}` has more than 2^40 elements: choose a smaller one")),
            false => Ok(Tensor { name: name.clone(), dims }),
        }
    }
}
