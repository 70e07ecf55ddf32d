//! `cargo xtask peers [NAME…]`: builds the engines of others as plugins, into `target/peers`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{cargo, root, run};

/// Peers, each a folder of `examples/peers`: a crate that is a workspace of its own, or a C file with a Makefile. And
/// the command that gets what its build needs, where that is more than cargo fetches.
const PEERS: [(&str, Option<&str>); 7] = [
    ("gemm", None),
    ("onednn", Some("apt-get install gcc make libdnnl-dev")),
    ("rten-vecmath", None),
    ("rten", None),
    ("onnxruntime", Some("apt-get install python3-pip")),
    ("transformers-js", Some("apt-get install nodejs npm")),
    ("llama-cpp", Some("apt-get install clang cmake g++ libclang-dev make")),
];

/// Builds those that are named, or all: then one that cannot be built is only said.
pub fn peers(names: &[String]) -> Result<(), String> {
    let known = PEERS.map(|(name, _)| name);
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("there is no peer `{unknown}`: {}", known.join(", ")));
    }
    let mut absent = Vec::new();
    for (name, needs) in PEERS.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|wanted| wanted == name))
    {
        match build(name) {
            Ok(library) => println!("{name}: {}", library.display()),
            Err(why) => {
                let help = needs.map_or_else(String::new, |needs| format!("\n help: {name} needs `{needs}`"));
                eprintln!("{name} is not built: {why}{help}");
                absent.push(*name);
            }
        }
    }
    match absent.is_empty() || names.is_empty() {
        true => Ok(()),
        false => Err(format!("not built: {}", absent.join(", "))),
    }
}

fn build(name: &str) -> Result<PathBuf, String> {
    let (folder, out) = (root().join("examples/peers").join(name), root().join("target/peers"));
    let library = format!("libsmbench_peer_{}.so", name.replace('-', "_"));
    // What no crate brings.
    let get = folder.join("get");
    if get.is_file() && !out.join(name).is_dir() {
        run(&mut Command::new(get))?;
    }
    if folder.join("Cargo.toml").is_file() {
        let target = out.join("build");
        run(cargo(&["build", "--release", "--locked", "--quiet"])
            .current_dir(&folder)
            .arg("--target-dir")
            .arg(&target))?;
        copy(&target.join("release").join(&library), &out.join(&library))?;
    } else {
        run(Command::new("make").arg("--silent").arg("-C").arg(&folder).arg(format!("OUT={}", out.display())))?;
    }
    Ok(out.join(library))
}

/// Never a file that is half there: a run may be loading the old one.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let half = to.with_extension("new");
    let copied = fs::copy(from, &half).and_then(|_| fs::rename(&half, to));
    copied.map_err(|error| format!("cannot copy {} to {}: {error}", from.display(), to.display()))
}
