//! Results of a backend that are taken as right, for ops that have no oracle: written by a process of its own, read by
//! whoever compares with them. What was given is told by its hash.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use smbench_abi::Status;
use smbench_core::attribution::{Doing, Page};
use smbench_core::message::PluginRef;
use smbench_core::outcome::Outcome;
use smbench_ops::Regime;

use crate::arena::arena;
use crate::buffers::{Buffers, hash_together};
use crate::instance::{CallError, Instance};
use crate::seat::Seat;
use crate::worker::Refusal;
use crate::workload::Workload;

/// What is right, by what was given.
#[derive(Debug, Default)]
pub struct Answers(HashMap<u64, Vec<Vec<f32>>>);

impl Answers {
    /// What a worker that was asked for answers wrote.
    pub fn read(path: &Path) -> Result<Self, String> {
        let cannot =
            |error: &dyn std::fmt::Display| format!("the answers in {} cannot be read: {error}", path.display());
        let bytes = fs::read(path).map_err(|error| cannot(&error))?;
        let file = SafeTensors::deserialize(&bytes).map_err(|error| cannot(&error))?;
        let mut answers = Self::default();
        for (name, view) in file.iter() {
            let (key, output) = name.split_once('.').ok_or_else(|| cannot(&"a name without a number"))?;
            let key = u64::from_str_radix(key, 16).map_err(|error| cannot(&error))?;
            let outputs = answers.0.entry(key).or_default();
            let Ok(output) = output.parse::<usize>() else { continue }; // declined: there are none
            outputs.resize(outputs.len().max(output + 1), Vec::new());
            let values = view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
            outputs[output] = values.collect();
        }
        Ok(answers)
    }

    /// The right outputs for what is in `buffers`; none of them where the size was declined.
    pub fn find(&self, buffers: &Buffers) -> Option<&[Vec<f32>]> {
        self.0.get(&key(buffers)).map(Vec::as_slice)
    }
}

/// Of the inputs, and of the shapes of all operands.
fn key(buffers: &Buffers) -> u64 {
    let dims = (0..buffers.len()).flat_map(|index| buffers.slot(index).dims.iter().map(|&dim| dim as u64));
    hash_together(dims.chain(buffers.input_hashes()))
}

/// Calls the plugin with the case's inputs, and those of its `variants`, and writes to `file` what it makes of them.
pub fn answer(
    page: &Page,
    plugin: &PluginRef,
    instance: &Instance,
    workload: &dyn Workload,
    variants: bool,
    seed: u64,
    file: File,
) -> Result<(), Refusal> {
    page.enter(Doing::Check, plugin.index, 0);
    let failed = |error: CallError| Refusal::of(plugin.index, error.outcome());
    let mut answers: Vec<(String, Vec<f32>)> = Vec::new();
    if variants {
        for variant in workload.variants() {
            for regime in [Regime::Usual, Regime::Outliers] {
                match one(instance, variant.as_ref(), regime, seed, &mut answers)? {
                    Err(error) if error.status != Status::Unsupported => return Err(failed(error)),
                    _ => {}
                }
            }
        }
    }
    one(instance, workload, Regime::Usual, seed, &mut answers)?.map_err(failed)?;
    page.leave();
    if let Some((name, _)) = answers.iter().find(|(_, values)| values.iter().copied().any(smbench_ops::is_poison)) {
        let reason = format!("output {} was not written", name.rsplit('.').next().unwrap_or("?"));
        return Err(Refusal::of(plugin.index, Outcome::Rejected(reason)));
    }
    write(&answers, file)
}

/// One call; a size that the plugin declines is told, so that nobody is blamed for what is not known.
fn one(
    instance: &Instance,
    workload: &dyn Workload,
    regime: Regime,
    seed: u64,
    answers: &mut Vec<(String, Vec<f32>)>,
) -> Result<Result<(), CallError>, Refusal> {
    let arena = arena(&workload.layout(), seed, None).map_err(Refusal::ours)?;
    let buffers = arena.buffers();
    workload.fill(buffers, regime, seed);
    buffers.poison();
    let key = key(buffers);
    let ran = Seat::call_once(instance, workload, buffers, seed);
    match &ran {
        Ok(()) => {
            let outputs = (0..buffers.len()).filter(|&index| buffers.slot(index).output);
            answers.extend(
                outputs.enumerate().map(|(n, index)| (format!("{key:016x}.{n}"), buffers.values(index).to_vec())),
            );
        }
        Err(_) => answers.push((format!("{key:016x}.declined"), Vec::new())),
    }
    Ok(ran)
}

fn write(answers: &[(String, Vec<f32>)], mut file: File) -> Result<(), Refusal> {
    let bytes: Vec<Vec<u8>> =
        answers.iter().map(|(_, values)| values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let views = answers
        .iter()
        .zip(&bytes)
        .map(|((name, values), bytes)| Ok((name, TensorView::new(Dtype::F32, vec![values.len()], bytes)?)));
    let views = views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>().map_err(Refusal::ours)?;
    let bytes = safetensors::serialize(views, None).map_err(Refusal::ours)?;
    file.write_all(&bytes).map_err(Refusal::ours)
}
