//! The examples outside the workspace: built as a stranger builds them, without a network, checked and measured.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Lab, as_stranger, compile, root};

#[test]
fn the_crate_of_third_parties_conforms_and_is_measured() {
    let (lab, example) = (Lab::new(), example("third-party-rust"));
    let folder = example.to_str().unwrap();
    let mut test = lab.bare(Path::new("cargo"), &["test", "--locked", "--quiet"]);
    lab.end(as_stranger(&mut test).current_dir(&example)).expect(0).says("test result: ok. 1 passed");
    for options in [&[][..], &["--threads", "2", "--backend-option", "grain=1"]] {
        let check = [&["check", folder], options].concat();
        lab.end(as_stranger(&mut lab.command(&check))).expect(0).says("pass: 5 right, 1 unsupported");
    }
    let check = ["check", folder, "--backend-option", "grain=many"];
    lab.end(as_stranger(&mut lab.command(&check))).expect(2).says("grain is `many`: give a number");
    let backends = format!("naive,{folder},{folder}@portable");
    let run = ["run", "--case", "relu/100_000", "-b", &backends, "--threads", "2", "--quick", "--format", "json"];
    let report = lab.end(as_stranger(&mut lab.command(&run))).expect(0).report();
    report.expect_measured("third-party-rust").expect_measured("third-party-rust@portable");
}

#[test]
fn the_c_file_of_third_parties_passes_in_every_language_and_compiler_there_is() {
    let languages = [
        ("cc", "c -std=c11"),
        ("gcc", "c -std=c11"),
        ("clang", "c -std=c11"),
        ("c++", "c++ -std=c++17"),
        ("clang++", "c++ -std=c++17"),
    ];
    let there = |compiler: &str| Command::new(compiler).arg("--version").output().is_ok();
    assert!(there("cc") && there("c++"), ".ci/run installs both");
    for (compiler, language) in languages.into_iter().filter(|(compiler, _)| there(compiler)) {
        let lab = Lab::new();
        let out = format!("OUT={}", lab.path("").display());
        let (folder, compiler) = (example("third-party-c"), format!("CC={compiler}"));
        let arguments = ["-C", folder.to_str().unwrap(), &out, &compiler, &format!("LANGUAGE={language}")];
        lab.end(&mut lab.bare(Path::new("make"), &arguments)).expect(0);
        for options in [&[][..], &["--backend-option", "unroll=1"]] {
            let check = [&["check", "./libthird_party_c.so"], options].concat();
            lab.run(&check).expect(0).says("pass: 5 right, 1 unsupported").says("optimised");
        }
        let run =
            ["run", "--case", "softmax/32x64", "-b", "naive,./libthird_party_c.so", "--quick", "--format", "json"];
        lab.run(&run).expect(0).report().expect_measured("third_party_c");
    }
}

#[test]
fn any_cblas_library_is_a_backend() {
    let lab = Lab::new();
    let (blas, folder) = (compile(&lab, "cblas"), example("blas"));
    let (library, folder) = (format!("blas.library={}", blas.display()), folder.to_str().unwrap());
    let mut check = lab.command(&["check", folder, "--backend-option", &library]);
    lab.end(as_stranger(&mut check)).expect(0).says("pass: 3 right, 0 unsupported").says("libcblas.so");
    // The option is for the backend whose name it begins with, and for no other.
    let backends = format!("naive,mine={folder}");
    let run = ["run", "--case", "matmul/33x17x9,matmul/1x64x64", "-b", &backends, "--backend-option", &library];
    let run = [&run[..], &["--quick", "--format", "json"]].concat();
    let report = lab.end(as_stranger(&mut lab.command(&run))).expect(0).report();
    report.expect_measured("naive").expect_measured("mine");
    for (library, says) in
        [("./absent.so", "cannot be loaded: name a library by"), ("libm.so.6", "has no `cblas_sgemm`")]
    {
        let option = format!("blas.library={library}");
        let mut check = lab.command(&["check", folder, "--backend-option", &option]);
        lab.end(as_stranger(&mut check)).expect(2).says(says);
    }
}

fn example(name: &str) -> PathBuf {
    root().join("examples").join(name)
}
