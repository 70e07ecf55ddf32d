//! What a plugin may read: its folder, its libraries, and what its options name; and what the config grants it.
//!
//! Libraries are resolved as the system's loader does it, but without it: it follows what a hostile file says.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::{env, fs};

use smbench_core::backend::BackendSpec;
use smbench_core::confinement::Grants;

use crate::elf::{self, Needs};

/// All that the plugin at this path may read and start, as its spec has it.
pub fn of(path: &Path, spec: &BackendSpec) -> Grants {
    let mut grants = Grants::default();
    grants.add_path(folder_of(path));
    let options: Vec<PathBuf> = spec.options.iter().filter_map(|(_, value)| named(value)).collect();
    for path in &options {
        let is_library = path.is_file() && elf::needs(path).is_some();
        grants.add_path(if is_library { folder_of(path) } else { path.clone() });
    }
    for library in libraries(std::iter::once(path.to_owned()).chain(options)) {
        grants.add_path(folder_of(&library));
    }
    system_folders().into_iter().for_each(|folder| grants.add_path(folder));
    grants.add(&spec.grants);
    grants
}

/// The file or folder that an option's value is, a library by its name alone.
fn named(value: &str) -> Option<PathBuf> {
    let folders = if value.contains('/') { Vec::new() } else { library_path() };
    let mut places = std::iter::once(PathBuf::from(value)).chain(folders.into_iter().map(|folder| folder.join(value)));
    places.find_map(|place| fs::canonicalize(place).ok())
}

/// Where the environment says that libraries are.
fn library_path() -> Vec<PathBuf> {
    let path = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    env::split_paths(&path).filter(|folder| !folder.as_os_str().is_empty()).collect()
}

/// The folder of a library; of one that lies in a folder with everything in it, the library alone.
pub fn folder_of(library: &Path) -> PathBuf {
    let everything =
        [env::home_dir(), Some(env::temp_dir())].into_iter().flatten().filter_map(|it| fs::canonicalize(it).ok());
    match library.parent() {
        Some(folder) if !everything.into_iter().any(|it| it.starts_with(folder)) => folder.to_owned(),
        _ => library.to_owned(),
    }
}

/// The libraries that these need, and those need, as far as they lie in places that the files or the environment name. Where
/// the system has its own, everybody may read.
fn libraries(of: impl Iterator<Item = PathBuf>) -> BTreeSet<PathBuf> {
    let (mut open, mut found) = (of.collect::<VecDeque<_>>(), BTreeSet::new());
    let from_environment = library_path();
    // Who needs a library is looked at for its RPATH, too, which holds for all that it brings.
    let mut inherited: Vec<PathBuf> = Vec::new();
    while let Some(file) = open.pop_front() {
        let Some(Needs { libraries, rpath, runpath }) = elf::needs(&file) else { continue };
        let [rpath, runpath] =
            [rpath, runpath].map(|folders| folders.iter().map(|it| origin(it, &file)).collect::<Vec<_>>());
        inherited.extend(rpath);
        for name in libraries {
            let folders = inherited.iter().chain(&from_environment).chain(&runpath);
            let places =
                folders.map(|folder| folder.join(&name)).chain(name.contains('/').then(|| PathBuf::from(&name)));
            // What is no library there is passed over, as the loader does: a name alone opens no folder.
            let place = places.filter_map(|it| fs::canonicalize(it).ok()).find(|it| elf::needs(it).is_some());
            if let Some(place) = place.filter(|place| found.insert(place.clone())) {
                open.push_back(place);
            }
        }
    }
    found
}

/// `$ORIGIN/../lib`, of a library in its folder.
fn origin(folder: &str, library: &Path) -> PathBuf {
    let own = library.parent().unwrap_or(Path::new("/")).display().to_string();
    folder.replace("${ORIGIN}", &own).replace("$ORIGIN", &own).into()
}

/// Folders of libraries that this system's loader knows besides its usual ones.
fn system_folders() -> BTreeSet<PathBuf> {
    const USUAL: [&str; 3] = ["/lib", "/usr/lib", "/usr/local/lib"];
    let files = cached(&fs::read("/etc/ld.so.cache").unwrap_or_default());
    let folders = files.iter().filter_map(|file| file.parent());
    let unusual = folders.filter(|folder| !USUAL.iter().any(|usual| folder.starts_with(usual)));
    unusual.map(Path::to_owned).collect()
}

/// The libraries in the loader's cache: glibc's `struct cache_file_new`, which an older one may precede.
fn cached(cache: &[u8]) -> Vec<PathBuf> {
    const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
    const HEADER: usize = 48;
    const ENTRY: usize = 24; // flags, name, path, version: 4 bytes each; 8 of hardware capabilities
    const PATH: usize = 8;
    let Some(start) = cache.windows(MAGIC.len()).position(|bytes| bytes == MAGIC) else { return Vec::new() };
    let cache = &cache[start..];
    let word = |at: usize| Some(u32::from_ne_bytes(cache.get(at..at.checked_add(4)?)?.try_into().ok()?) as usize);
    let path = |entry: usize| {
        let text = cache.get(word(HEADER + entry * ENTRY + PATH)?..)?.split(|&byte| byte == 0).next()?;
        str::from_utf8(text).ok().filter(|text| text.starts_with('/')).map(PathBuf::from)
    };
    (0..word(MAGIC.len()).unwrap_or(0)).map_while(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_may_read_its_folder_but_not_all_of_home_or_tmp() {
        let folder = tempfile::tempdir().unwrap();
        let folder = fs::canonicalize(folder.path()).unwrap();
        let home = fs::canonicalize(env::home_dir().unwrap()).unwrap();
        assert_eq!(folder_of(&folder.join("libacme.so")), folder);
        for crowded in [home.join("libacme.so"), env::temp_dir().join("libacme.so"), "/libacme.so".into()] {
            assert_eq!(folder_of(&crowded), crowded);
        }
    }

    #[test]
    fn paths_in_options_are_granted_and_other_values_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let folder = fs::canonicalize(folder.path()).unwrap();
        let weights = folder.join("weights.bin");
        fs::write(&weights, "w").unwrap();
        let mut spec: BackendSpec = "acme".parse().unwrap();
        spec.options = [("weights", weights.to_str().unwrap()), ("block", "64"), ("empty", "")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .to_vec();
        spec.grants = Grants { read: vec!["/opt/data".into()], exec: true };
        let grants = of(Path::new("/plugins/libacme.so"), &spec);
        for path in ["/plugins".into(), weights, "/opt/data".into()] {
            assert!(grants.read.contains(&path), "{grants:?}");
        }
        assert!(grants.exec && !grants.read.contains(&env::current_dir().unwrap()), "{grants:?}");
    }

    #[test]
    fn the_loaders_cache_is_read_whole_or_not_at_all() {
        let mut cache = b"something older\0glibc-ld.so.cache1.1".to_vec();
        cache.extend(2_u32.to_ne_bytes()); // entries
        cache.resize(16 + 48, 0);
        for path in [48 + 2 * 24, 48 + 2 * 24 + 17_u32] {
            cache.extend([0, 0, path, 0, 0, 0].map(u32::to_ne_bytes).as_flattened());
        }
        cache.extend(b"/opt/a/liba.so.1\0/lib/libc.so.6\0");
        assert_eq!(cached(&cache), ["/opt/a/liba.so.1", "/lib/libc.so.6"].map(PathBuf::from));
        for end in 0..cache.len() - 34 {
            assert_eq!(cached(&cache[..end]), Vec::<PathBuf>::new(), "{end} bytes");
        }
        let ours = cached(&fs::read("/etc/ld.so.cache").unwrap());
        assert!(ours.iter().all(|path| path.file_name().unwrap().to_string_lossy().contains(".so")), "{ours:?}");
    }

    #[test]
    fn the_origin_is_the_librarys_folder() {
        #[track_caller]
        fn check(folder: &str, want: &str) {
            assert_eq!(origin(folder, Path::new("/opt/acme/libacme.so")), Path::new(want));
        }
        check("$ORIGIN/lib", "/opt/acme/lib");
        check("${ORIGIN}", "/opt/acme");
        check("/usr/lib", "/usr/lib");
    }
}
