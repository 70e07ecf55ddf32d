//! The tarball runs wherever it is unpacked.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Lab, as_stranger, release, root};

#[test]
fn the_tarball_runs_from_anywhere() {
    let lab = Lab::new();
    unpack(&pack(), &lab.path(""));
    let folder = fs::read_dir(lab.path("")).unwrap().next().unwrap().unwrap().path();
    for part in ["include/smbench.h", "lib/smbench/libsmbench_faer.so", "share/smbench/configs/full.ron"] {
        assert!(folder.join(part).is_file(), "{part}");
    }
    let elsewhere = Lab::new();
    let binary = folder.join("bin/smbench");
    let backends = elsewhere.end(&mut elsewhere.bare(&binary, &["list", "backends"])).expect(0);
    assert_eq!(backends.stdout.matches(folder.to_str().unwrap()).count(), 3, "its own plugins: {}", backends.stdout);
    elsewhere.end(&mut elsewhere.bare(&binary, &["run", "smoke", "--quick", "-f", "add"])).expect(0).says("3 measured");
    // Of the clone a stranger has nothing: the SDK's sources are the archive's.
    elsewhere.end(&mut elsewhere.bare(&binary, &["new", "acme-dist"])).expect(0);
    let manifest = fs::read_to_string(elsewhere.path("acme-dist/Cargo.toml")).unwrap();
    assert!(manifest.contains(folder.canonicalize().unwrap().to_str().unwrap()), "{manifest}");
    elsewhere.write("acme-dist/Cargo.lock", fs::read(root().join("Cargo.lock")).unwrap());
    elsewhere
        .end(as_stranger(&mut elsewhere.bare(&binary, &["check", "./acme-dist"])))
        .expect(0)
        .says("pass: 1 right, 0 unsupported");
}

/// Runs `cargo xtask dist` over what is built already, and returns the tarball.
#[track_caller]
fn pack() -> std::path::PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["xtask", "dist"])
        .current_dir(root())
        .env("CARGO_TARGET_DIR", release().parent().unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    root().join(String::from_utf8(output.stdout).unwrap().lines().last().unwrap())
}

#[track_caller]
fn unpack(tarball: &Path, folder: &Path) {
    let status = Command::new("tar").arg("-xzf").arg(tarball).arg("-C").arg(folder).status().unwrap();
    assert!(status.success());
}
