//! `smbench check --values` and `--dump`: what a case reads and what comes out of it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use smbench_core::case::Case;
use smbench_core::message::{PluginRef, Reply, Request as Ask};
use smbench_host::error::{Error, Result};
use smbench_host::worker::Workers;
use tempfile::TempDir;

use super::SEED;
use crate::args::CheckArgs;
use crate::output::print;

/// Where the worker writes: the file asked for, or one that is gone with this value.
pub struct Place {
    path: PathBuf,
    own: Option<TempDir>,
}

impl Place {
    /// A folder of our own for a file that is only printed.
    pub fn of(args: &CheckArgs) -> Result<Self> {
        if let Some(path) = &args.dump {
            return Ok(Self { path: path.clone(), own: None });
        }
        let cannot = |error| Error::internal("no temporary folder can be made").because(error);
        let own = tempfile::tempdir().map_err(cannot)?;
        Ok(Self { path: own.path().join("values.safetensors"), own: Some(own) })
    }
}

/// Has the case's operands written by a worker of its own, which opens the file before it is confined, and prints those that were asked for; `Some` if they were wrong this time.
pub fn write(args: &CheckArgs, plugin: PluginRef, case: Case, workers: &Workers) -> Result<Option<String>> {
    let (place, id) = (Place::of(args)?, case.id.clone());
    let cannot = |why: String| Error::internal(format!("the values of `{id}` cannot be had")).because(why);
    let wrong = match workers.ask_once(args.threads, &Ask::Dump { plugin, case, seed: SEED, path: place.path.clone() })
    {
        Ok(Reply::Dumped { wrong }) => wrong,
        Ok(Reply::Refused { outcome, .. }) => return Err(cannot(outcome.to_string())),
        Ok(_) => return Err(cannot("the worker answered something else than it was asked".to_owned())),
        Err(death) => return Err(cannot(death.outcome().to_string())),
    };
    if args.values {
        print(&text(&id, &place.path).map_err(cannot)?)?;
    }
    if place.own.is_none() {
        anstream::eprintln!("wrote {}", place.path.display());
    }
    Ok(wrong)
}

/// What a reader can do something with: ids, positions, and whatever was written last.
fn text(case: &str, path: &Path) -> std::result::Result<String, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let tensors = SafeTensors::deserialize(&bytes).map_err(|error| error.to_string())?;
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| error.to_string())?;
    let outputs = header.metadata().as_ref().and_then(|words| words.get("outputs")).cloned().unwrap_or_default();
    let mut text = String::new();
    for (name, view) in tensors.tensors() {
        if view.dtype() == Dtype::U32 || outputs.split(',').any(|output| output == name) {
            rows(&mut text, case, &name, &view);
        }
    }
    Ok(text)
}

/// `model_small/decode/10+24/f32\tlogits\t3\t0.25\t-1.5`: a line a row, with the shortest digits that read back exactly.
fn rows(text: &mut String, case: &str, name: &str, view: &TensorView<'_>) {
    let columns = view.shape().last().copied().unwrap_or(1).max(1);
    let (words, _) = view.data().as_chunks::<4>();
    for (row, words) in words.chunks(columns).enumerate() {
        let _ = write!(text, "{case}\t{name}\t{row}");
        for &word in words {
            let _ = match view.dtype() {
                Dtype::U32 => write!(text, "\t{}", u32::from_le_bytes(word)),
                _ => write!(text, "\t{}", f32::from_le_bytes(word)),
            };
        }
        text.push('\n');
    }
}
