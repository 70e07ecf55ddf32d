//! llama.cpp through its C functions: all that is unsafe here.

use std::ffi::{CStr, c_char, c_void};
use std::fs::File;
use std::io::{self, BufWriter};
use std::os::fd::{FromRawFd, IntoRawFd};
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::{Arc, Mutex, Once, PoisonError};

use llama_cpp_sys_2 as llama;

use crate::gguf::Gguf;

/// ggml's threads: one less than `count`, for whoever calls is the first. They spin while they wait for the next pass.
#[derive(Clone)]
pub struct Threads {
    pool: Arc<Pool>,
    /// All of them.
    pub count: usize,
}

struct Pool(NonNull<llama::ggml_threadpool>);

// SAFETY: its functions take its own lock.
unsafe impl Send for Pool {}
// SAFETY: as above.
unsafe impl Sync for Pool {}

impl Threads {
    /// As llama.cpp's tools make them. `None` if there is no memory.
    pub fn new(count: usize) -> Option<Self> {
        // SAFETY: parameters that ggml filled in; the pool ends in `drop`.
        let pool = unsafe { llama::ggml_threadpool_new(&mut llama::ggml_threadpool_params_default(count as i32)) };
        NonNull::new(pool).map(|pool| Self { pool: Arc::new(Pool(pool)), count })
    }

    /// Lets them sleep until the next pass.
    pub fn rest(&self) {
        // SAFETY: alive until the last clone is dropped.
        unsafe { llama::ggml_threadpool_pause(self.pool.0.as_ptr()) }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // SAFETY: nobody computes: whoever does holds a clone.
        unsafe { llama::ggml_threadpool_free(self.0.as_ptr()) }
    }
}

/// What a decoder remembers keys and values in, and attends in.
#[derive(Clone, Copy)]
pub enum Cache {
    /// llama.cpp's default, with its flash attention.
    F16,
    /// As all else. Without flash attention, which would make f16 of them in every pass.
    F32,
}

impl Cache {
    /// The word in options.
    pub fn word(self) -> &'static str {
        match self {
            Self::F16 => "f16",
            Self::F32 => "f32",
        }
    }
}

/// Sizes of a decoder that is to be loaded.
#[derive(Clone, Copy)]
pub struct Sizes {
    pub batch: usize,
    pub context: usize,
    pub vocabulary: usize,
    pub cache: Cache,
}

/// A decoder, ready to run.
pub struct Decoder {
    context: NonNull<llama::llama_context>,
    /// Used by the context.
    model: NonNull<llama::llama_model>,
    /// Likewise.
    _threads: Threads,
    batch: Batch,
    vocabulary: usize,
    /// Positions that are remembered.
    known: usize,
}

// SAFETY: nothing in it is bound to a thread.
unsafe impl Send for Decoder {}

/// Tokens of a pass, as llama.cpp wants to be told of them.
#[derive(Default)]
struct Batch {
    tokens: Vec<llama::llama_token>,
    positions: Vec<llama::llama_pos>,
    sequence_counts: Vec<i32>,
    /// The number of each sequence; a token's points to one.
    sequences: Vec<llama::llama_seq_id>,
    sequence_ids: Vec<*mut llama::llama_seq_id>,
    wanted: Vec<i8>,
}

impl Decoder {
    /// From a file that was never on a disk.
    pub fn load(gguf: &Gguf<'_>, sizes: Sizes, threads: &Threads) -> Result<Self, String> {
        start();
        let mut file = Memory::new().and_then(|memory| memory.filled(gguf)).map_err(|error| error.to_string())?;
        // SAFETY: a file that can be read from its beginning, and parameters that llama.cpp filled in.
        let model =
            unsafe { llama::llama_model_load_from_file_ptr(file.as_ptr(), llama::llama_model_default_params()) };
        let model = NonNull::new(model).ok_or_else(complaint)?;
        // SAFETY: a live model. Where there is no context, the model ends here, as nobody else will end it.
        let context = unsafe { llama::llama_init_from_model(model.as_ptr(), parameters(sizes, threads.count)) };
        let Some(context) = NonNull::new(context) else {
            // SAFETY: as above.
            unsafe { llama::llama_model_free(model.as_ptr()) };
            return Err(complaint());
        };
        let pool = threads.pool.0.as_ptr();
        // SAFETY: the pool lives as long as `_threads`.
        unsafe { llama::llama_attach_threadpool(context.as_ptr(), pool, pool) };
        let sequences = (0..sizes.batch as llama::llama_seq_id).collect();
        let batch = Batch { sequences, ..Batch::default() };
        Ok(Self { context, model, _threads: threads.clone(), batch, vocabulary: sizes.vocabulary, known: 0 })
    }

    /// Runs the positions from `past` on, and forgets what was remembered of these. Logits are those of all new
    /// positions, or of the last one of each sequence.
    pub fn forward(&mut self, ids: &[u32], past: usize, last_only: bool, logits: &mut [f32]) -> Result<(), String> {
        self.batch.fill(ids, past, last_only);
        if past < self.known {
            self.forget(past);
        }
        // SAFETY: a live context; the batch points to as many tokens as it says.
        let status = unsafe { llama::llama_decode(self.context.as_ptr(), self.batch.view()) };
        self.known = past + ids.len() / self.batch.sequences.len();
        if status != 0 {
            return Err(format!("llama_decode answers {status}: {}", complaint()));
        }
        let rows = self.batch.wanted.iter().filter(|&&wanted| wanted != 0).count();
        // SAFETY: waits for the pass; as many rows of logits as were wanted, in their order, until the next pass.
        let answer = unsafe {
            let answer = llama::llama_get_logits(self.context.as_ptr());
            NonNull::new(answer).map(|answer| slice::from_raw_parts(answer.as_ptr(), rows * self.vocabulary))
        };
        logits.copy_from_slice(answer.ok_or("llama.cpp gave no logits")?);
        Ok(())
    }

    /// Positions from this one on, in every sequence.
    fn forget(&mut self, position: usize) {
        // SAFETY: a live context.
        unsafe {
            let memory = llama::llama_get_memory(self.context.as_ptr());
            match position {
                0 => llama::llama_memory_clear(memory, false),
                _ => _ = llama::llama_memory_seq_rm(memory, -1, position as llama::llama_pos, -1),
            }
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: both live, and the context ends before what it uses.
        unsafe {
            llama::llama_free(self.context.as_ptr());
            llama::llama_model_free(self.model.as_ptr());
        }
    }
}

impl Batch {
    fn fill(&mut self, ids: &[u32], past: usize, last_only: bool) {
        let new = ids.len() / self.sequences.len();
        self.tokens.clear();
        self.positions.clear();
        self.wanted.clear();
        self.sequence_ids.clear();
        self.sequence_counts.resize(ids.len(), 1);
        for (index, &id) in ids.iter().enumerate() {
            let (sequence, position) = (index / new, index % new);
            self.tokens.push(id as llama::llama_token);
            self.positions.push((past + position) as llama::llama_pos);
            self.wanted.push(i8::from(!last_only || position + 1 == new));
            self.sequence_ids.push(&raw mut self.sequences[sequence]);
        }
    }

    fn view(&mut self) -> llama::llama_batch {
        llama::llama_batch {
            n_tokens: self.tokens.len() as i32,
            token: self.tokens.as_mut_ptr(),
            embd: ptr::null_mut(),
            pos: self.positions.as_mut_ptr(),
            n_seq_id: self.sequence_counts.as_mut_ptr(),
            seq_id: self.sequence_ids.as_mut_ptr(),
            logits: self.wanted.as_mut_ptr(),
        }
    }
}

/// llama.cpp's defaults, but for sizes, threads and how keys and values are remembered.
fn parameters(sizes: Sizes, threads: usize) -> llama::llama_context_params {
    // SAFETY: a pure function.
    let defaults = unsafe { llama::llama_context_default_params() };
    let (tokens, threads) = ((sizes.batch * sizes.context) as u32, threads as i32);
    let (cache, flash_attention) = match sizes.cache {
        Cache::F16 => (llama::GGML_TYPE_F16, defaults.flash_attn_type),
        Cache::F32 => (llama::GGML_TYPE_F32, llama::LLAMA_FLASH_ATTN_TYPE_DISABLED),
    };
    llama::llama_context_params {
        n_ctx: tokens,
        n_batch: tokens,
        n_ubatch: tokens,
        n_seq_max: sizes.batch as u32,
        n_outputs_max_per_seq: 0, // as many as there are tokens
        n_threads: threads,
        n_threads_batch: threads,
        flash_attn_type: flash_attention,
        type_k: cache,
        type_v: cache,
        ..defaults
    }
}

/// Of ggml.
pub fn version() -> String {
    // SAFETY: a text that is always there.
    unsafe { CStr::from_ptr(llama::ggml_version()) }.to_string_lossy().into_owned()
}

/// The widest vectors that it was compiled for; nothing where that is not known.
pub fn tier() -> &'static str {
    // SAFETY: pure functions.
    let (avx512, avx2, neon) =
        unsafe { (llama::ggml_cpu_has_avx512(), llama::ggml_cpu_has_avx2(), llama::ggml_cpu_has_neon()) };
    match (avx512 != 0, avx2 != 0, neon != 0) {
        (true, ..) => "avx512",
        (_, true, _) => "avx2",
        (.., true) => "neon",
        _ => "",
    }
}

/// What llama.cpp complained of last.
static COMPLAINT: Mutex<String> = Mutex::new(String::new());

fn complaint() -> String {
    let mut said = COMPLAINT.lock().unwrap_or_else(PoisonError::into_inner);
    match std::mem::take(&mut *said) {
        said if said.is_empty() => "llama.cpp does not say why".to_owned(),
        said => said,
    }
}

/// Once in a process. llama.cpp tells a lot on stderr, of which errors are kept.
fn start() {
    static START: Once = Once::new();
    // SAFETY: before anything else of llama.cpp; the function keeps its contract.
    START.call_once(|| unsafe {
        llama::llama_log_set(Some(listen), ptr::null_mut());
        llama::llama_backend_init();
    });
}

unsafe extern "C" fn listen(level: llama::ggml_log_level, text: *const c_char, _: *mut c_void) {
    if level == llama::GGML_LOG_LEVEL_ERROR {
        // SAFETY: a text for the time of this call.
        let text = unsafe { CStr::from_ptr(text) }.to_string_lossy().trim().to_owned();
        *COMPLAINT.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }
}

/// A file in memory: a confined plugin may write none elsewhere.
struct Memory(File);

/// The same, as C reads it.
struct Stream(NonNull<libc::FILE>);

impl Memory {
    fn new() -> io::Result<Self> {
        // SAFETY: a name, and a descriptor that nobody else has.
        match unsafe { libc::memfd_create(c"decoder.gguf".as_ptr(), libc::MFD_CLOEXEC) } {
            -1 => Err(io::Error::last_os_error()),
            descriptor => Ok(Self(unsafe { File::from_raw_fd(descriptor) })),
        }
    }

    fn filled(self, gguf: &Gguf<'_>) -> io::Result<Stream> {
        let mut out = BufWriter::new(self.0);
        gguf.write(&mut out)?;
        let descriptor = out.into_inner()?.into_raw_fd();
        // SAFETY: a descriptor that the stream closes.
        NonNull::new(unsafe { libc::fdopen(descriptor, c"rb".as_ptr()) })
            .map(Stream)
            .ok_or_else(io::Error::last_os_error)
    }
}

impl Stream {
    /// At its beginning.
    fn as_ptr(&mut self) -> *mut c_void {
        // SAFETY: a live stream.
        unsafe { libc::rewind(self.0.as_ptr()) };
        self.0.as_ptr().cast()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: a live stream, which nobody uses any more.
        unsafe { libc::fclose(self.0.as_ptr()) };
    }
}
