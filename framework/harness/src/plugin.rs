//! Loads a plugin and reads its table. All of dlopen, and with `abi/src/rust_door.rs` all of abi_stable, is here.

use std::env;
use std::error::Error as _;
use std::ffi::{CStr, c_char};
use std::path::Path;

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use smbench_abi::rust_door::{LibraryError, RootRef, lib_header_from_path};
use smbench_abi::{ABI_MAJOR, ABI_MINOR, Api, C_DOOR_SYMBOL, CDoorFn, flag};
use smbench_core::message::PluginRef;

/// A loaded plugin. Never unloaded: its threads, thread-locals and exit handlers may outlive any caller.
pub struct Plugin {
    /// The table, as far as both sides know it.
    pub api: Api,
    /// `rust`, `c`: the doors that were found.
    pub doors: Vec<String>,
    /// Who compiled it, if it tells.
    pub compiler: Option<String>,
    /// Name, version and vendor, checked.
    pub identity: Identity,
}

/// Who the plugin says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Short name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// Who ships it.
    pub vendor: String,
    /// Tiers that run here, best first.
    pub tiers: Vec<String>,
    /// The environment variable that it takes its threads from.
    pub threads_variable: Option<String>,
    /// Ids of the ops of its own.
    pub custom_ops: Vec<String>,
}

impl Plugin {
    /// Loads the library and opens its Rust door, else its C door.
    pub fn load(reference: &PluginRef) -> Result<Self, String> {
        let path = &reference.path;
        if let Some(variable) = &reference.threads_variable {
            // SAFETY: whoever wants this is alone in its process, which has one thread until it is loaded.
            unsafe { env::set_var(variable, reference.threads.to_string()) };
        }
        let library = open(path)?;
        let c_door = c_door(&library);
        let (api, doors) = match rust_door(path)? {
            Some(root) => {
                vet(&root)?;
                let doors = if c_door.is_some() { vec!["rust", "c"] } else { vec!["rust"] };
                (std::ptr::from_ref(root.api()), doors)
            }
            None => (enter(c_door.ok_or_else(no_door)?)?, vec!["c"]),
        };
        std::mem::forget(library);
        // SAFETY: both doors promise a table that begins with its own size and lives as long as the library.
        let api = unsafe { Api::read(api) };
        if api.flags & flag::NOT_OPTIMISED != 0 && !reference.allow_debug {
            return Err(
                "was built without optimisation: build it with --release or -O2, or pass --allow-debug".to_owned()
            );
        }
        let identity = identify(&api)?;
        let compiler = (!api.compiler.is_null()).then(|| text("compiler", api.compiler)).transpose()?;
        let compiler = compiler.map(|name| name.trim().to_owned()); // clang's version ends in a space
        Ok(Self { api, doors: doors.into_iter().map(str::to_owned).collect(), compiler, identity })
    }

    /// Was it built with optimisation? Unknown where it does not tell by whom.
    pub fn optimised(&self) -> Option<bool> {
        self.compiler.as_ref().map(|_| self.api.flags & flag::NOT_OPTIMISED == 0)
    }

    /// Does it ask for a process of its own?
    pub fn prefers_split(&self) -> bool {
        self.api.flags & flag::PREFERS_SPLIT != 0 || self.identity.threads_variable.is_some()
    }
}

fn open(path: &Path) -> Result<Library, String> {
    // SAFETY: running a stranger's constructors is what this process exists for.
    unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map_err(|error| {
        // libloading's own words are "dlopen failed"; the loader's are in its source.
        let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        format!("cannot be loaded: {cause}{}", next(&cause))
    })
}

/// What to do about what the loader says.
fn next(cause: &str) -> &'static str {
    const NEXT: [(&str, &str); 3] = [
        ("undefined symbol", "; link the library that defines it, and see with `ldd -r` what else is missing"),
        ("version `", "; build it on this system, or on an older one"),
        ("cannot open shared object", "; install that library, or link with `-Wl,-rpath` and its folder"),
    ];
    NEXT.iter().find(|(words, _)| cause.contains(words)).map_or("", |(_, next)| next)
}

fn no_door() -> String {
    format!("exports neither door: use `export_backend!` from smbench-sdk, or define `{C_DOOR_SYMBOL}` of smbench.h")
}

fn c_door(library: &Library) -> Option<CDoorFn> {
    // SAFETY: the symbol's type is fixed by the contract.
    unsafe { library.get::<CDoorFn>(C_DOOR_SYMBOL.as_bytes()) }.ok().map(|symbol| *symbol)
}

fn enter(door: CDoorFn) -> Result<*const Api, String> {
    // SAFETY: a door takes two numbers and may be called at any time.
    let api = unsafe { door(ABI_MAJOR, ABI_MINOR) };
    if api.is_null() {
        return Err(format!(
            "does not speak smbench-abi {ABI_MAJOR}.{ABI_MINOR}: rebuild it against this version's header"
        ));
    }
    Ok(api)
}

/// `None` when the library has no Rust door.
fn rust_door(path: &Path) -> Result<Option<RootRef>, String> {
    let header = match lib_header_from_path(path) {
        Ok(header) => header,
        Err(LibraryError::GetSymbolError { .. }) => return Ok(None),
        Err(error) => return Err(first_line("its Rust door does not open", &error)),
    };
    match header.init_root_module::<RootRef>() {
        Ok(root) => Ok(Some(root)),
        Err(LibraryError::IncompatibleVersionNumber { actual_version, .. }) => Err(built_for(actual_version.major)),
        Err(LibraryError::AbiInstability(_)) => {
            Err("was built against another layout of smbench-abi: rebuild it against this version of smbench-sdk"
                .to_owned())
        }
        Err(error) => Err(first_line("its Rust door does not open", &error)),
    }
}

/// abi_stable explains a mismatch in 30 KB; its first line names it.
fn first_line(what: &str, error: &LibraryError) -> String {
    let text = error.to_string();
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no reason given");
    format!("{what}: {line}")
}

fn built_for(major: u32) -> String {
    let abi = "smbench-abi";
    format!(
        "was built for {abi} {major}, this host speaks {ABI_MAJOR}: rebuild it with an smbench-sdk of {abi} {ABI_MAJOR}.x"
    )
}

fn vet(root: &RootRef) -> Result<(), String> {
    if root.abi_major() != ABI_MAJOR {
        return Err(built_for(root.abi_major()));
    }
    Ok(())
}

fn identify(api: &Api) -> Result<Identity, String> {
    let required = [("create", api.create.is_none()), ("destroy", api.destroy.is_none()), ("op", api.op.is_none())];
    if let Some((missing, _)) = required.into_iter().find(|(_, missing)| *missing) {
        return Err(format!("its table has no `{missing}`"));
    }
    Ok(Identity {
        name: text("name", api.name)?,
        version: text("version", api.version)?,
        vendor: text("vendor", api.vendor)?,
        tiers: texts("tier", api.tiers)?,
        custom_ops: texts("custom op", api.custom_ops)?,
        threads_variable: threads_variable(api.threads_variable)?,
    })
}

/// The host will set it: so it may not be one that steers the loader.
fn threads_variable(pointer: *const c_char) -> Result<Option<String>, String> {
    if pointer.is_null() {
        return Ok(None);
    }
    let name = text("threads_variable", pointer)?;
    let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    match name.chars().all(allowed) && name.ends_with("THREADS") {
        true => Ok(Some(name)),
        false => {
            Err(format!("its `threads_variable` is `{name}`: only A-Z, 0-9 and _ are allowed, THREADS at the end"))
        }
    }
}

/// More texts than this are a missing final NULL.
const MOST_TEXTS: usize = 64;

fn texts(field: &str, array: *const *const c_char) -> Result<Vec<String>, String> {
    let mut texts = Vec::new();
    if array.is_null() {
        return Ok(texts);
    }
    for index in 0..MOST_TEXTS {
        // SAFETY: the contract ends the array with NULL; we stop there, or at a bound of our own.
        let pointer = unsafe { *array.add(index) };
        if pointer.is_null() {
            return Ok(texts);
        }
        texts.push(text(field, pointer)?);
    }
    Err(format!("lists more than {MOST_TEXTS} {field}s: end the array with NULL"))
}

const LONGEST_TEXT: usize = 128;

/// A plugin's text ends up in terminals and web pages: short, UTF-8, nothing that moves a cursor.
fn text(field: &str, pointer: *const c_char) -> Result<String, String> {
    if pointer.is_null() {
        return Err(format!("its `{field}` is NULL"));
    }
    // SAFETY: the contract says NUL-terminated and immortal; a lie ends this worker, not the host.
    let text = unsafe { CStr::from_ptr(pointer) };
    let text = text.to_str().map_err(|_| format!("its `{field}` is not UTF-8"))?;
    if text.is_empty() || text.len() > LONGEST_TEXT {
        return Err(format!("its `{field}` has {} bytes; 1 to {LONGEST_TEXT} are allowed", text.len()));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("its `{field}` has control characters"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: Option<&CStr>, want: Result<&str, &str>) {
        let pointer = input.map_or(std::ptr::null(), CStr::as_ptr);
        assert_eq!(text("name", pointer).as_deref().map_err(String::as_str), want);
    }

    #[test]
    fn names_are_short_printable_utf8() {
        check(Some(c"acme"), Ok("acme"));
        check(None, Err("its `name` is NULL"));
        check(Some(c""), Err("its `name` has 0 bytes; 1 to 128 are allowed"));
        check(Some(c"a\x1b[2J"), Err("its `name` has control characters"));
        check(Some(c"\xff"), Err("its `name` is not UTF-8"));
    }

    #[test]
    fn a_table_without_create_is_refused() {
        assert_eq!(identify(&Api::EMPTY), Err("its table has no `create`".to_owned()));
    }
}
