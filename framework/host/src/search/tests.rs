use super::*;

struct Lab(tempfile::TempDir);

impl Lab {
    /// A folder of empty files.
    fn new(files: &[&str]) -> Self {
        let lab = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|file| lab.write(file, ""));
        lab
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn search(&self) -> Search {
        Search { folders: vec![self.0.path().join("first"), self.0.path().join("second")] }
    }

    fn find(&self, source: &str) -> Result<Found> {
        self.search().find(&source.parse().unwrap(), self.0.path(), &mut |_| {})
    }

    #[track_caller]
    fn finds(&self, source: &str, want: &str) {
        let found = self.find(source).unwrap();
        assert_eq!(found.path, fs::canonicalize(self.0.path().join(want)).unwrap());
        assert_eq!(found.sha256, hash::bytes(b""));
        assert!(found.elf.unwrap_err().cause.contains("is empty"));
    }

    #[track_caller]
    fn misses(&self, source: &str, parts: &[&str]) {
        let error = self.find(source).unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}

#[test]
fn names_are_found_in_order() {
    let lab = Lab::new(&[
        "first/libacme.so",
        "second/libsmbench_acme.so",
        "second/libsmbench_naive.so",
        "second/libplain.so",
    ]);
    lab.finds("acme", "first/libacme.so");
    lab.finds("naive@avx2", "second/libsmbench_naive.so");
    lab.finds("plain", "second/libplain.so");
}

#[test]
fn paths_are_taken_as_they_are() {
    let lab = Lab::new(&["x.so", "deep/liby.so.1"]);
    lab.finds("x.so", "x.so");
    lab.finds("./x.so", "x.so");
    lab.finds("old=deep/liby.so.1", "deep/liby.so.1");
}

#[test]
fn what_is_not_there_is_explained() {
    let lab = Lab::new(&["first/libsmbench_naive.so", "second/libsmbench_pooled.so", "folder/readme"]);
    lab.misses(
        "pooled2",
        &["no plugin `pooled2`", "libsmbench_pooled2.so", "/first", "/second", "did you mean `pooled`?"],
    );
    lab.misses("./gone.so", &["there is no file", "gone.so", "build the plugin first"]);
    Lab::new(&[]).misses("naive", &["no plugin is installed"]);
}

#[test]
fn what_is_there_but_no_library_is_found_and_refused() {
    #[track_caller]
    fn check(lab: &Lab, source: &str, cause: &str) {
        let found = lab.find(source).unwrap();
        assert_eq!(found.sha256, "");
        assert!(found.elf.unwrap_err().to_string().contains(cause), "{cause}");
    }
    let lab = Lab::new(&["folder/readme"]);
    std::os::unix::fs::symlink("nowhere.so", lab.0.path().join("link.so")).unwrap();
    check(&lab, "./folder", "is a directory");
    check(&lab, "./link.so", "is a link to `nowhere.so`, which does not exist");
    check(&lab, "/dev/null", "is not a regular file");
}

#[test]
fn installed_lists_the_first_of_each_name() {
    let lab = Lab::new(&[
        "first/libsmbench_a.so",
        "second/libsmbench_a.so",
        "second/libsmbench_b.so",
        "second/libstdc++.so",
        "second/x.d",
    ]);
    let installed = lab.search().installed();
    let names: Vec<&str> = installed.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert!(installed[0].1.ends_with("first/libsmbench_a.so"));
}

#[test]
fn the_places() {
    let search = Search::new(Some("/a::/b".into()), Some(Path::new("/opt/bin")));
    let folders: Vec<String> = search.folders.iter().map(|folder| folder.display().to_string()).collect();
    assert_eq!(folders, ["/a", "/b", "/opt/bin", "/opt/lib/smbench"]);
}

#[test]
fn a_crate_is_built() {
    let lab = Lab::new(&["p/src/lib.rs"]);
    let manifest = "[package]\nname = \"acme-of-host-tests\"\nedition = \"2024\"\n[lib]\n[workspace]\n";
    lab.write("p/Cargo.toml", manifest);
    lab.misses("./p", &["builds no plugin", "crate-type"]);
    lab.write("p/Cargo.toml", &manifest.replace("[lib]\n", "[lib]\ncrate-type = [\"cdylib\"]\n"));
    let found = lab.find("./p").unwrap();
    assert!(found.path.ends_with("libacme_of_host_tests.so") && found.elf.is_err(), "{found:?}");
    lab.write("p/src/lib.rs", "no rust");
    let mut heard = String::new();
    let failed = lab.search().find(&"./p".parse().unwrap(), lab.0.path(), &mut |line| heard.push_str(line));
    assert!(failed.unwrap_err().to_string().contains("cargo build --release failed"));
    assert!(heard.contains("error"), "{heard}");
}

#[test]
fn two_of_one_name_are_refused() {
    let specs = |texts: &[&str]| -> Vec<BackendSpec> { texts.iter().map(|text| text.parse().unwrap()).collect() };
    check_aliases(&specs(&["naive", "pooled", "pooled@avx2", "old=naive"])).unwrap();
    insta::assert_snapshot!(check_aliases(&specs(&["a/libacme.so", "b/libacme.so"])).unwrap_err(), @r#"
    error: two backends are named `acme`
     cause: `a/libacme.so` and `b/libacme.so` would share its rows
      help: name them: `--backend old=a/libacme.so --backend new=b/libacme.so`
    "#);
}
