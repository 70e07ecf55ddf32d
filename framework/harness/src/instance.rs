//! A context of a plugin, and calls of its ops.

mod custom;
mod model;

use std::ffi::{CStr, CString, c_void};
use std::fmt;
use std::hint::black_box;
use std::marker::PhantomData;
use std::ptr;

use smbench_abi::extension::{Extension, Memory, MemoryStats, Model, Receipt, ReceiptTable, Session, Weights};
use smbench_abi::op::ReluArgs;
use smbench_abi::{ArgsHeader, Context, CreateArgs, DType, Error, KeyValue, OpArgs, OpFn, Status, Tensor};
use smbench_core::message::{PluginRef, ReceiptInfo};
use smbench_core::outcome::Outcome;
use smbench_ops::Args;

use crate::buffers::Buffers;
use crate::plugin::Plugin;
use crate::workload::{Depth, Look};

pub use custom::CustomCall;
pub use model::{BuiltModel, NamedWeights};

/// Tensors of a plugin's own are asked for on a cache line.
const ALIGN: usize = 64;

/// A context, destroyed on drop.
pub struct Instance {
    context: *mut Context,
    plugin: &'static Plugin,
    threads: u32,
    logit_tolerance: Option<f64>,
    session: Option<Session>,
    memory: Option<Memory>,
    weights: Option<Weights>,
    model: Option<Model>,
    receipt: Option<ReceiptTable>,
}

// SAFETY: the contract lets a context be used from any thread, by one caller at a time, and a worker has one.
unsafe impl Send for Instance {}
// SAFETY: as above; the harness never calls from two threads at once.
unsafe impl Sync for Instance {}

/// A call that did not go well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    /// What the plugin answered.
    pub status: Status,
    /// In its words.
    pub message: String,
}

impl CallError {
    /// An `Unsupported` of our own.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self { status: Status::Unsupported, message: message.into() }
    }

    fn of(status: Status, error: &Error) -> Self {
        let text = error.text().replace(char::is_control, " ");
        Self { status, message: text.trim().to_owned() }
    }

    /// The same, with the op that it came from.
    fn of_op(id: &CStr, status: Status, error: &Error) -> Self {
        let op = without_revision(id);
        let Self { status, message } = Self::of(status, error);
        let message = if message.is_empty() {
            format!("`{op}` says no more than status {}", status.0)
        } else {
            format!("`{op}`: {message}")
        };
        Self { status, message }
    }

    /// How this ends the backend's row.
    pub fn outcome(&self) -> Outcome {
        match self.status {
            Status::Unsupported => Outcome::Unsupported(self.to_string()),
            _ => Outcome::Failed(self.to_string()),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.status {
            Status::Unsupported => "not supported",
            Status::Invalid => "invalid arguments",
            Status::OutOfMemory => "out of memory",
            Status::Panicked => "panicked",
            Status::Failed => "error",
            Status(_) => "unknown status",
        };
        match self.message.as_str() {
            "" => write!(f, "{word} (status {})", self.status.0),
            message if self.status == Status::Unsupported => f.write_str(message),
            message => write!(f, "{word}: {message}"),
        }
    }
}

impl Instance {
    /// Creates a context as `reference` asks.
    pub fn create(plugin: &'static Plugin, reference: &PluginRef) -> Result<Self, CallError> {
        let text = |text: &str| CString::new(text).map_err(|_| CallError::unsupported("an option holds a NUL"));
        let tier = reference.tier.as_deref().map(text).transpose()?;
        let pairs = reference.options.iter().map(|(key, value)| Ok((text(key)?, text(value)?)));
        let pairs: Vec<(CString, CString)> = pairs.collect::<Result<_, CallError>>()?;
        let options: Vec<KeyValue> =
            pairs.iter().map(|(key, value)| KeyValue { key: key.as_ptr(), value: value.as_ptr() }).collect();
        let args = CreateArgs {
            struct_size: size_of::<CreateArgs>() as u32,
            threads: reference.threads,
            tier: tier.as_ref().map_or(ptr::null(), |tier| tier.as_ptr()),
            options: options.as_ptr(),
            option_count: options.len(),
        };
        let mut instance = Self::create_with(plugin, &args)?;
        instance.logit_tolerance = reference.logit_tolerance.map(f64::from);
        Ok(instance)
    }

    fn create_with(plugin: &'static Plugin, args: &CreateArgs) -> Result<Self, CallError> {
        let mut context = ptr::null_mut();
        let mut error = Error::EMPTY;
        let create = plugin.api.create.expect("`Plugin::load` requires it");
        // SAFETY: all pointers are valid for the call; the plugin's code is trusted to keep the contract,
        // and this process exists because it may not.
        let status = unsafe { create(args, &mut context, &mut error) };
        if status != Status::Ok {
            return Err(CallError::of(status, &error));
        }
        let threads = args.threads;
        let mut instance = Self {
            context,
            plugin,
            threads,
            logit_tolerance: None,
            session: None,
            memory: None,
            weights: None,
            model: None,
            receipt: None,
        };
        instance.session = instance.extension();
        instance.memory = instance.extension();
        instance.weights = instance.extension();
        instance.model = instance.extension();
        instance.receipt = instance.extension();
        Ok(instance)
    }

    /// Does it have this op?
    pub fn op(&self, id: &CStr) -> Option<OpFn> {
        let lookup = self.plugin.api.op.expect("`Plugin::load` requires it");
        // SAFETY: a live context and a NUL-terminated id.
        unsafe { lookup(self.context, id.as_ptr()) }
    }

    /// Does it have an extension of this id?
    pub fn has_extension(&self, id: &CStr) -> bool {
        !self.extension_table(id).is_null()
    }

    fn extension_table(&self, id: &CStr) -> *const c_void {
        // SAFETY: a live context and a NUL-terminated id.
        self.plugin.api.extension.map_or(ptr::null(), |lookup| unsafe { lookup(self.context, id.as_ptr()) })
    }

    /// An extension's table, its common part copied into a zeroed one of ours.
    fn extension<T: Extension>(&self) -> Option<T> {
        let table = self.extension_table(T::ID);
        if table.is_null() {
            return None;
        }
        // SAFETY: a table starts with its size in bytes, and `T` may be zero by `Extension`'s contract.
        unsafe {
            let mut ours: T = std::mem::zeroed();
            let common = (*table.cast::<u32>() as usize).min(size_of::<T>());
            ptr::copy_nonoverlapping(table.cast::<u8>(), (&raw mut ours).cast::<u8>(), common);
            Some(ours)
        }
    }

    /// A call of op `id` with `args`, whose tensors must lie in `buffers` or be the instance's own.
    pub fn call<'a>(&'a self, id: &CStr, args: Args, _buffers: &'a Buffers) -> Result<Call<'a>, CallError> {
        let function = self.op(id).ok_or_else(|| CallError::unsupported(Self::lacks(id)))?;
        Ok(Call { function, args, instance: self })
    }

    /// A call like any other, of a function of the host's that does nothing.
    pub fn nothing(&self) -> Call<'_> {
        let args = ReluArgs { header: ArgsHeader::of::<ReluArgs>(), x: Tensor::NONE, out: Tensor::NONE };
        // Hidden from the compiler, as a plugin's are.
        Call { function: black_box(nothing as OpFn), args: Args::from(args), instance: self }
    }

    /// Calls `function` `calls` times back to back with `args`, which lead to live buffers; the first that fails ends it.
    #[inline]
    fn repeat(&self, function: OpFn, args: *const c_void, calls: u64) -> Result<(), CallError> {
        let mut error = Error::EMPTY;
        for _ in 0..calls {
            // SAFETY: a live context, arguments over live buffers; the plugin is trusted to keep the contract.
            let status = unsafe { function(self.context, args, &mut error) };
            if status != Status::Ok {
                return Err(CallError::of(status, &error));
            }
        }
        Ok(())
    }

    /// How an op that it does not have is told.
    pub fn lacks(id: &CStr) -> String {
        format!("the plugin has no `{}`", without_revision(id))
    }

    /// The op whose arguments are an `A`, for workloads that make these as they go.
    pub fn function<A: OpArgs>(&self) -> Option<Function<'_, A>> {
        self.op(A::ID).map(|function| Function { function, instance: self, args: PhantomData })
    }

    /// Runs `body` on a thread of the plugin's own pool if it has a session, else here.
    pub fn within<R>(&self, body: impl FnOnce() -> R) -> Result<R, CallError> {
        let Some(run) = self.session.and_then(|session| session.run) else { return Ok(body()) };
        let mut visit = Visit { body: Some(body), result: None, calls: 0 };
        let mut error = Error::EMPTY;
        // SAFETY: `enter::<F, R>` matches what `visit` is; `run` is synchronous, so `visit` outlives it.
        let status = unsafe { run(self.context, enter_of(&visit), (&raw mut visit).cast(), &mut error) };
        match visit.result {
            _ if status != Status::Ok => Err(CallError::of(status, &error)),
            _ if visit.calls > 1 => {
                let message = format!("its session called the host {} times instead of once", visit.calls);
                Err(CallError { status: Status::Failed, message })
            }
            Some(result) => Ok(result),
            None => Err(CallError { status: Status::Failed, message: "its session did not call the host".to_owned() }),
        }
    }

    /// How many threads it may use.
    pub fn threads(&self) -> u32 {
        self.threads
    }

    /// Has it an allocator of its own?
    pub fn has_memory(&self) -> bool {
        self.memory.is_some_and(|memory| memory.acquire.is_some() && memory.release.is_some())
    }

    /// A tensor of f32 from the plugin's own memory, on a cache line.
    pub fn acquire(&self, dims: &[usize], zeroed: bool) -> Result<Tensor, CallError> {
        let missing = || CallError::unsupported("the plugin has no `memory` extension");
        let acquire = self.memory.and_then(|memory| memory.acquire).ok_or_else(missing)?;
        let mut shape = [1_u64; smbench_abi::MAX_RANK];
        dims.iter().zip(&mut shape).for_each(|(&dim, slot)| *slot = dim as u64);
        let (mut tensor, mut error) = (Tensor::NONE, Error::EMPTY);
        let (rank, dims, zeroed) = (dims.len() as u32, shape.as_ptr(), u32::from(zeroed));
        // SAFETY: all pointers are valid for the call.
        let status = unsafe { acquire(self.context, DType::F32, rank, dims, ALIGN, zeroed, &mut tensor, &mut error) };
        if status != Status::Ok {
            return Err(CallError::of(status, &error));
        }
        let given = (tensor.dtype, tensor.rank, tensor.dims) == (DType::F32, rank, shape);
        if given && tensor.is_contiguous() && tensor.is_some() && tensor.data.addr().is_multiple_of(ALIGN) {
            return Ok(tensor);
        }
        let message = format!("its `memory` gave another tensor than was asked for: {tensor:?}");
        Err(CallError { status: Status::Failed, message })
    }

    /// Can it be asked to return what it holds?
    pub fn has_trim(&self) -> bool {
        self.memory.is_some_and(|memory| memory.trim.is_some())
    }

    /// Does it prepare constant operands?
    pub fn has_weights(&self) -> bool {
        self.weights.is_some_and(|weights| weights.prepare.is_some() && weights.release.is_some())
    }

    /// Makes the plugin return what it holds for reuse to the system.
    pub fn trim(&self) {
        if let Some(trim) = self.memory.and_then(|memory| memory.trim) {
            // SAFETY: a live context.
            unsafe { trim(self.context) };
        }
    }

    /// What the plugin's allocator has done so far, if it tells.
    pub fn memory_stats(&self) -> Option<MemoryStats> {
        let read = self.memory.and_then(|memory| memory.stats)?;
        let mut stats = MemoryStats { struct_size: size_of::<MemoryStats>() as u32, ..MemoryStats::default() };
        // SAFETY: a live context, and stats that say their size.
        unsafe { read(self.context, &mut stats) };
        Some(stats)
    }

    /// What the plugin makes of a constant operand; `None` if it takes the operand as it is.
    pub fn prepare(&self, source: &Tensor, role: &CStr) -> Result<Option<Prepared>, CallError> {
        let Some(prepare) = self.weights.and_then(|weights| weights.prepare) else { return Ok(None) };
        let (mut handle, mut error) = (ptr::null(), Error::EMPTY);
        // SAFETY: all pointers are valid for the call, and the source outlives the handle by the workload's design.
        match unsafe { prepare(self.context, source, role.as_ptr(), &mut handle, &mut error) } {
            Status::Ok if handle.is_null() => {
                let message = "its `weights` gave no handle for what it says it has prepared".to_owned();
                Err(CallError { status: Status::Failed, message })
            }
            Status::Ok => Ok(Some(Prepared(handle))),
            Status::Unsupported => Ok(None),
            status => Err(CallError::of(status, &error)),
        }
    }

    /// Ends what [`Self::prepare`] made.
    pub fn unprepare(&self, prepared: Prepared) {
        if let Some(release) = self.weights.and_then(|weights| weights.release) {
            // SAFETY: a live context, and a handle it made, which is moved here and so not used again.
            unsafe { release(self.context, prepared.0) };
        }
    }

    /// Fills a tensor of [`Self::acquire`] with a NaN that no kernel writes.
    pub fn poison(&self, tensor: &Tensor) {
        // SAFETY: `acquire` has seen to it that the tensor is contiguous, aligned and as large as it says.
        let values = unsafe { std::slice::from_raw_parts_mut(tensor.data.cast::<f32>(), tensor.elements()) };
        values.fill(smbench_ops::POISON);
    }

    /// Copies a tensor of [`Self::acquire`] into operand `index` of the host's buffers.
    pub fn copy_out(&self, tensor: &Tensor, buffers: &Buffers, index: usize) {
        buffers.write(index, |values| {
            let count = values.len().min(tensor.elements());
            // SAFETY: `acquire` has seen to it that the tensor is contiguous, aligned and as large as it says.
            unsafe { ptr::copy_nonoverlapping(tensor.data.cast::<f32>(), values.as_mut_ptr(), count) };
        });
    }

    /// Gives a tensor of [`Self::acquire`] back.
    pub fn release(&self, tensor: &Tensor) {
        if let Some(release) = self.memory.and_then(|memory| memory.release) {
            // SAFETY: a live context, and a tensor it handed out.
            unsafe { release(self.context, tensor) };
        }
    }

    /// How its outputs are looked at.
    pub fn look(&self, depth: Depth, seed: u64) -> Look {
        Look { depth, seed, logit_tolerance: self.logit_tolerance }
    }

    /// What the plugin says ran for `id`, an op's or the extension `model`'s.
    pub fn receipt(&self, id: &CStr) -> Option<ReceiptInfo> {
        let read = self.receipt.and_then(|table| table.read)?;
        let mut receipt = Receipt::EMPTY;
        // SAFETY: a live context, and a receipt that says its size.
        unsafe { read(self.context, id.as_ptr(), &mut receipt) };
        Some(ReceiptInfo {
            implementation: printable(&receipt.implementation),
            tier: printable(&receipt.tier),
            threads: receipt.threads,
            pool_hits: receipt.pool_hits,
            pool_misses: receipt.pool_misses,
        })
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let destroy = self.plugin.api.destroy.expect("`Plugin::load` requires it");
        // SAFETY: created by this plugin, no call under way, not used again.
        unsafe { destroy(self.context) };
    }
}

/// The least that can stand behind an [`OpFn`].
unsafe extern "C" fn nothing(_: *mut Context, _: *const c_void, _: *mut Error) -> Status {
    Status::Ok
}

/// `matmul` of `matmul/1`.
fn without_revision(id: &CStr) -> String {
    let id = id.to_string_lossy();
    id.split_once('/').map_or(&*id, |(op, _)| op).to_owned()
}

/// A plugin's fixed-size text, up to its NUL, without anything that moves a cursor.
fn printable(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).chars().filter(|c| !c.is_control()).collect()
}

struct Visit<F, R> {
    body: Option<F>,
    result: Option<R>,
    calls: u64,
}

/// Names `enter` for the closure type of `visit`.
fn enter_of<F: FnOnce() -> R, R>(_visit: &Visit<F, R>) -> unsafe extern "C" fn(*mut c_void) {
    enter::<F, R>
}

/// # Safety
/// `data` must point to a `Visit<F, R>`.
unsafe extern "C" fn enter<F: FnOnce() -> R, R>(data: *mut c_void) {
    // SAFETY: passed through unchanged from `within`, which waits for it.
    let visit = unsafe { &mut *data.cast::<Visit<F, R>>() };
    visit.calls += 1;
    if let Some(body) = visit.body.take() {
        visit.result = Some(body());
    }
}

/// What a plugin made of a constant operand.
#[derive(Debug)]
pub struct Prepared(*const c_void);

// SAFETY: a handle is an address that only its plugin follows, in a context of one caller at a time.
unsafe impl Send for Prepared {}

impl Prepared {
    /// As an argument struct wants it; NULL for none.
    pub fn handle(prepared: Option<&Self>) -> *const c_void {
        prepared.map_or(ptr::null(), |prepared| prepared.0)
    }
}

/// An op, looked up once.
pub struct Function<'a, A> {
    function: OpFn,
    instance: &'a Instance,
    args: PhantomData<fn(&A)>,
}

impl<A: OpArgs> Function<'_, A> {
    /// Calls the op once. The tensors in `args` lie in the host's buffers or are the instance's own.
    #[inline]
    pub fn call(&self, args: &A) -> Result<(), CallError> {
        let mut error = Error::EMPTY;
        let args = ptr::from_ref(args).cast();
        // SAFETY: a live context, and arguments over live memory; the plugin is trusted to keep the contract.
        match unsafe { (self.function)(self.instance.context, args, &mut error) } {
            Status::Ok => Ok(()),
            status => Err(CallError::of_op(A::ID, status, &error)),
        }
    }
}

/// An op with its arguments, ready to be called again and again.
pub struct Call<'a> {
    function: OpFn,
    args: Args,
    instance: &'a Instance,
}

// SAFETY: the pointers inside lead to buffers and a context that any one thread at a time may use.
unsafe impl Send for Call<'_> {}

impl Call<'_> {
    /// The same op with other arguments, for results that lie elsewhere in every call.
    pub fn rebind(&mut self, args: Args) {
        self.args = args;
    }

    /// Calls the op `calls` times back to back; the first that fails ends it.
    #[inline]
    pub fn repeat(&self, calls: u64) -> Result<(), CallError> {
        self.instance.repeat(self.function, self.args.as_ptr(), calls)
    }
}
