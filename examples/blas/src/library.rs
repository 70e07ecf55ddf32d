//! A CBLAS library: its two functions, and how each vendor's is told its threads.

use std::ffi::{CStr, c_char, c_int};
use std::path::Path;

use libloading::os::unix::{Library as Loaded, RTLD_LOCAL, RTLD_NOW};
use smbench_sdk::{Error, Result};

/// `CblasRowMajor`.
pub const ROW_MAJOR: c_int = 101;
/// `CblasNoTrans`.
pub const NO_TRANS: c_int = 111;
/// `CblasTrans`.
pub const TRANS: c_int = 112;

type Sgemm = unsafe extern "C" fn(
    order: c_int,
    trans_a: c_int,
    trans_b: c_int,
    m: c_int,
    n: c_int,
    k: c_int,
    alpha: f32,
    a: *const f32,
    lda: c_int,
    b: *const f32,
    ldb: c_int,
    beta: f32,
    c: *mut f32,
    ldc: c_int,
);

type Sgemv = unsafe extern "C" fn(
    order: c_int,
    trans: c_int,
    m: c_int,
    n: c_int,
    alpha: f32,
    a: *const f32,
    lda: c_int,
    x: *const f32,
    incx: c_int,
    beta: f32,
    y: *mut f32,
    incy: c_int,
);

/// How a library is told its threads, and asked for them: one number for the whole process.
#[derive(Clone, Copy)]
enum Threads {
    /// OpenBLAS, MKL.
    Int { set: unsafe extern "C" fn(c_int), get: unsafe extern "C" fn() -> c_int },
    /// BLIS, whose `dim_t` has 64 bits.
    Wide { set: unsafe extern "C" fn(i64), get: unsafe extern "C" fn() -> i64 },
    /// It does not say: then it has one.
    One,
}

/// An open library. Never closed: its threads would be left without code.
#[derive(Clone)]
pub struct Library {
    pub sgemm: Sgemm,
    pub sgemv: Sgemv,
    /// As it calls itself, else its file's name.
    pub name: String,
    /// The CPU whose kernels it chose, if it says so.
    pub core: String,
    threads: Threads,
}

impl Library {
    /// Opens the library at `path`, or of this name where the loader looks.
    pub fn open(path: &str) -> Result<Self> {
        // SAFETY: whoever names a library wants its constructors to run.
        let loaded = unsafe { Loaded::open(Some(path), RTLD_NOW | RTLD_LOCAL) };
        let loaded = loaded.map_err(|_| {
            Error::unsupported(format!(
                "`{path}` cannot be loaded: name a library by --backend-option blas.library=PATH"
            ))
        })?;
        let missing = |symbol: &str| Error::unsupported(format!("`{path}` has no `{symbol}`: it is no CBLAS library"));
        let file = Path::new(path).file_name().map_or(path.into(), |name| name.to_string_lossy());
        // SAFETY: the types are those of cblas.h and of the vendors' own headers.
        let library = unsafe {
            let says = [c"openblas_get_config", c"bli_info_get_version_str"].map(|name| text(&loaded, name));
            Self {
                sgemm: symbol(&loaded, c"cblas_sgemm").ok_or_else(|| missing("cblas_sgemm"))?,
                sgemv: symbol(&loaded, c"cblas_sgemv").ok_or_else(|| missing("cblas_sgemv"))?,
                name: says.into_iter().flatten().fold(file.into_owned(), |file, version| format!("{file}: {version}")),
                core: text(&loaded, c"openblas_get_corename").unwrap_or_default(),
                threads: threads(&loaded),
            }
        };
        std::mem::forget(loaded);
        Ok(library)
    }

    /// Sees to it that the next call takes so many threads at most.
    pub fn take(&self, threads: usize) -> Result {
        let number = c_int::try_from(threads).map_err(|_| Error::invalid("more threads than a number holds"))?;
        // SAFETY: the library's own functions; nobody else calls it meanwhile.
        unsafe {
            match self.threads {
                Threads::Int { set, get } if get() != number => set(number),
                Threads::Wide { set, get } if get() != i64::from(number) => set(i64::from(number)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// # Safety
/// As [`symbol`].
unsafe fn threads(library: &Loaded) -> Threads {
    const INT: [(&CStr, &CStr); 2] =
        [(c"openblas_set_num_threads", c"openblas_get_num_threads"), (c"MKL_Set_Num_Threads", c"MKL_Get_Max_Threads")];
    for (set, get) in INT {
        // SAFETY: so they are declared in cblas.h and mkl_service.h.
        if let (Some(set), Some(get)) = unsafe { (symbol(library, set), symbol(library, get)) } {
            return Threads::Int { set, get };
        }
    }
    // SAFETY: so they are declared in blis.h.
    match unsafe { (symbol(library, c"bli_thread_set_num_threads"), symbol(library, c"bli_thread_get_num_threads")) } {
        (Some(set), Some(get)) => Threads::Wide { set, get },
        _ => Threads::One,
    }
}

/// # Safety
/// The symbol, where there is one, is a `T`.
unsafe fn symbol<T: Copy>(library: &Loaded, name: &CStr) -> Option<T> {
    // SAFETY: says the caller.
    unsafe { library.get::<T>(name.to_bytes_with_nul()) }.ok().map(|symbol| *symbol)
}

/// # Safety
/// The symbol, where there is one, is a function without arguments that gives an immortal text.
unsafe fn text(library: &Loaded, name: &CStr) -> Option<String> {
    // SAFETY: says the caller.
    unsafe {
        let says: unsafe extern "C" fn() -> *const c_char = symbol(library, name)?;
        let text = says();
        (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().trim().to_owned())
    }
}
