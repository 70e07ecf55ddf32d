//! One call's inputs and outputs in a file, for whoever wants to compute them again: safetensors, as NumPy, PyTorch and
//! others read it.

use std::fs::File;
use std::io::Write as _;

use safetensors::tensor::{Dtype, TensorView};
use smbench_abi::DType;
use smbench_core::attribution::{Doing, Page};
use smbench_core::case::Case;
use smbench_core::message::PluginRef;
use smbench_ops::Regime;

use crate::arena::arena;
use crate::buffers::Buffers;
use crate::instance::Instance;
use crate::seat::Seat;
use crate::worker::Refusal;
use crate::workload::{Depth, Workload};

/// Calls the workload once, verifies it, and writes all operands to `file`, outputs as the plugin left them.
pub fn dump(
    page: &Page,
    plugin: &PluginRef,
    instance: &Instance,
    workload: &dyn Workload,
    case: &Case,
    seed: u64,
    file: File,
) -> Result<Option<String>, Refusal> {
    let arena = arena(&workload.layout(), seed, None).map_err(Refusal::ours)?;
    let buffers = arena.buffers();
    workload.fill(buffers, Regime::Usual, seed);
    buffers.poison();
    page.enter(Doing::Check, plugin.index, 0);
    let ran = Seat::call_once(instance, workload, buffers, seed);
    page.leave();
    ran.map_err(|error| Refusal::of(plugin.index, error.outcome()))?;
    write(buffers, case, file)?;
    Ok(workload.verify(buffers, instance.look(Depth::Most, seed)).err())
}

fn write(buffers: &Buffers, case: &Case, mut file: File) -> Result<(), Refusal> {
    let mut tensors = Vec::with_capacity(buffers.len());
    for index in 0..buffers.len() {
        let slot = buffers.slot(index);
        let dtype = if slot.dtype == DType::U32 { Dtype::U32 } else { Dtype::F32 };
        tensors.push((name(buffers, index), TensorView::new(dtype, slot.dims.clone(), buffers.bytes(index))));
    }
    let views = tensors.into_iter().map(|(name, view)| Ok((name, view?)));
    let views = views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>().map_err(Refusal::ours)?;
    let outputs = (0..buffers.len()).filter(|&index| buffers.slot(index).output).map(|index| name(buffers, index));
    // Enough to compute it again: a model's heads, norm and activation are in its workload.
    let words = [
        ("case", case.id.clone()),
        ("workload", case.workload.clone()),
        ("outputs", outputs.collect::<Vec<_>>().join(",")),
    ];
    let words = words.map(|(key, value)| (key.to_owned(), value)).into();
    let bytes = safetensors::serialize(views, Some(words)).map_err(Refusal::ours)?;
    file.write_all(&bytes).map_err(Refusal::ours)
}

/// The operand's; numbered where several share it, as the slots of a ring do.
fn name(buffers: &Buffers, index: usize) -> String {
    let own = &buffers.slot(index).name;
    match (0..index).filter(|&before| buffers.slot(before).name == *own).count() {
        0 => own.clone(),
        before => format!("{own}.{before}"),
    }
}
