//! In throw-away repositories. Building is tested from outside, by the command.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::*;

struct Lab(tempfile::TempDir);

impl Lab {
    /// A repository with one commit: `kept.txt`, `gone.txt`.
    fn new() -> Self {
        let lab = Self(tempfile::tempdir().unwrap());
        lab.git(&["init", "--quiet", "--initial-branch", "main", "."]);
        lab.write("kept.txt", "kept");
        lab.write("gone.txt", "gone");
        lab.write(".gitignore", "ignored.txt\n/ignored/\n");
        lab.commit();
        lab
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        git.current_dir(self.0.path()).args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments);
        let output = git.output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "one"]);
    }

    fn repository(&self) -> Repository {
        Repository::find(self.0.path()).unwrap()
    }

    fn working_tree(&self, without: &[PathBuf]) -> Revision {
        let scratch = tempfile::tempdir().unwrap();
        self.repository().working_tree(&scratch.path().join("index"), without).unwrap()
    }

    /// What of the repository would be seen to have changed.
    fn state(&self) -> [String; 3] {
        [&["status", "--porcelain"][..], &["for-each-ref"], &["stash", "list"]].map(|arguments| self.git(arguments))
    }
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn tags_are_harmless() {
    #[track_caller]
    fn check(name: &str, want: &str) {
        let revision = Revision { name: name.to_owned(), commit: Some("a1b2c3d4e5f6".to_owned()), tree: String::new() };
        assert_eq!(revision.tag(), want);
    }
    check("HEAD", "HEAD");
    check("origin/main", "origin-main");
    check("HEAD~1", "HEAD-1");
    check("v1.0^", "v1.0");
    check("@{-1}", "1");
    check("@", "a1b2c3d");
}

#[test]
fn revisions_are_found() {
    let lab = Lab::new();
    let repository = lab.repository();
    let head = repository.commit("HEAD").unwrap().unwrap();
    assert_eq!(head.to_string(), format!("HEAD ({})", head.short()));
    assert_eq!(repository.commit(&head.commit.clone().unwrap()).unwrap().unwrap().tree, head.tree);
    for unknown in ["mine.ron", "quick", "HEAD~1", "HEAD:kept.txt", "--all", ""] {
        assert_eq!(repository.commit(unknown).unwrap(), None, "{unknown}");
    }
    assert!(!repository.is_shallow());
    let nowhere = tempfile::tempdir().unwrap();
    let error = Repository::find(nowhere.path()).unwrap_err().to_string();
    assert!(error.contains("not a git repository") && error.contains("smbench run -b old="), "{error}");
}

#[test]
fn the_working_tree_is_taken_as_it_is_and_left_so() {
    let lab = Lab::new();
    let head = lab.repository().commit("HEAD").unwrap().unwrap();
    assert_eq!(lab.working_tree(&[]).tree, head.tree, "nothing was changed");
    lab.write("kept.txt", "changed");
    lab.git(&["add", "kept.txt"]);
    lab.write("kept.txt", "changed again");
    fs::remove_file(lab.path("gone.txt")).unwrap();
    lab.write("src/new file.rs", "untracked");
    lab.write("ignored.txt", "ignored");
    lab.write("target/debug/huge", "built, and not ignored");
    lab.write("ignored/huge", "built, and ignored");
    let before = lab.state();

    let work = lab.working_tree(&["target", "target", "ignored", "absent", "/elsewhere"].map(|name| lab.path(name)));
    assert_eq!(lab.state(), before);
    assert_eq!(lab.git(&["diff", "--cached", "--name-only"]), "kept.txt\n", "its index is what it was");
    let listed = lab.git(&["ls-tree", "-r", "--name-only", &work.tree]);
    assert_eq!(listed, ".gitignore\nkept.txt\nsrc/new file.rs\n");
    assert_eq!(lab.git(&["show", &format!("{}:kept.txt", work.tree)]), "changed again");
}

#[test]
fn an_edit_in_the_second_of_a_commit_is_seen() {
    let lab = Lab::new();
    let changed = |name: &str| fs::metadata(lab.path(name)).unwrap().ctime();
    // In place and as long as before, so that time alone could tell; again if the second was over.
    loop {
        lab.write("kept.txt", "one");
        lab.git(&["add", "--all"]);
        let added = changed("kept.txt");
        lab.write("kept.txt", "two");
        if changed("kept.txt") == added && changed(".git/index") == added {
            break;
        }
    }
    thread::sleep(Duration::from_millis(1100));
    let tree = lab.working_tree(&[]).tree;
    assert_eq!(lab.git(&["show", &format!("{tree}:kept.txt")]), "two");
}

#[test]
fn what_a_killed_git_left_stops_nobody() {
    let lab = Lab::new();
    let repository = lab.repository();
    let folder = tempfile::tempdir().unwrap();
    let [index, tree] = ["index", "tree"].map(|name| folder.path().join(name));
    let lock = || fs::write(folder.path().join("index.lock"), "").unwrap();
    fs::create_dir(&tree).unwrap();
    lock();
    let work = repository.working_tree(&index, &[]).unwrap();
    lock();
    repository.check_out(&work.tree, &tree, &index).unwrap();
    assert_eq!(files(&tree), [".gitignore", "gone.txt", "kept.txt"]);
}

#[test]
fn what_git_cannot_take_is_told_with_a_way_out() {
    let lab = Lab::new();
    lab.git(&["init", "--quiet", "nested"]);
    let scratch = tempfile::tempdir().unwrap();
    let error = lab.repository().working_tree(&scratch.path().join("index"), &[]).unwrap_err().to_string();
    assert!(error.contains("nested") && error.contains(".gitignore"), "{error}");
}

#[test]
fn a_check_out_touches_only_what_differs() {
    let lab = Lab::new();
    let repository = lab.repository();
    let head = repository.commit("HEAD").unwrap().unwrap();
    lab.write("kept.txt", "changed");
    lab.write("new.txt", "new");
    let work = lab.working_tree(&[]);
    let folder = tempfile::tempdir().unwrap();
    let (tree, index) = (folder.path().join("tree"), folder.path().join("index"));
    fs::create_dir(&tree).unwrap();
    let modified = |name: &str| fs::metadata(tree.join(name)).unwrap().modified().unwrap();

    repository.check_out(&head.tree, &tree, &index).unwrap();
    assert_eq!(files(&tree), [".gitignore", "gone.txt", "kept.txt"]);
    let [gone, kept] = ["gone.txt", "kept.txt"].map(modified);
    fs::write(tree.join("gone.txt"), "spoilt by a build").unwrap();
    repository.check_out(&work.tree, &tree, &index).unwrap();
    assert_eq!(files(&tree), [".gitignore", "gone.txt", "kept.txt", "new.txt"]);
    assert_eq!(fs::read_to_string(tree.join("gone.txt")).unwrap(), "gone");
    assert!(modified("gone.txt") >= gone && modified("kept.txt") >= kept);
    let ignore = modified(".gitignore");
    repository.check_out(&head.tree, &tree, &index).unwrap();
    assert_eq!(modified(".gitignore"), ignore);
    assert_eq!(fs::read_to_string(tree.join("kept.txt")).unwrap(), "kept");
    assert_eq!(lab.state()[0], " M kept.txt\n?? new.txt\n");
}

#[test]
fn submodules_are_named() {
    let (lab, other) = (Lab::new(), Lab::new());
    let from = other.path(".").display().to_string();
    lab.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &from, "deep/sub"]);
    let tree = lab.working_tree(&[]).tree;
    assert_eq!(lab.repository().submodules(&tree).unwrap(), ["deep/sub"]);
}

#[test]
fn a_mirror_has_the_same_neighbours() {
    let world = tempfile::tempdir().unwrap();
    let world = fs::canonicalize(world.path()).unwrap();
    for file in ["u/acme/Cargo.toml", "u/sdk/Cargo.toml", "u/.cargo/config.toml", "shared/Cargo.toml"] {
        fs::create_dir_all(world.join(file).parent().unwrap()).unwrap();
        fs::write(world.join(file), file).unwrap();
    }
    let made = tempfile::tempdir().unwrap();
    let root = world.join("u/acme");
    for _ in 0..2 {
        mirror::make(made.path(), &root).unwrap();
    }
    let place = mirror::place(made.path(), &root);
    assert_eq!(files(&place), [""; 0], "the copy itself is not there yet");
    let read = |path: &str| fs::read_to_string(place.join(path)).unwrap();
    assert_eq!(read("../sdk/Cargo.toml"), "u/sdk/Cargo.toml");
    assert_eq!(read("../.cargo/config.toml"), "u/.cargo/config.toml");
    assert_eq!(read("../../shared/Cargo.toml"), "shared/Cargo.toml");
    assert!(place.parent().unwrap().join("acme").symlink_metadata().unwrap().is_dir());
}
