//! The worker side of smbench: loads plugins, checks them, samples them, counts what they use.
//!
//! Runs in processes of its own, because what it loads may do anything. The host never links this.

mod account;
mod answers;
mod arena;
mod buffers;
mod call;
mod check;
mod clock;
mod cold;
mod confine;
mod counters;
mod dump;
mod environment;
mod float_mode;
mod guard;
mod instance;
mod keeper;
mod launch;
mod page;
mod peak;
mod plugin;
mod probe;
mod scratch;
mod seat;
mod tap;
mod vector_state;
mod watch;
mod worker;
mod workload;

pub use account::{AllocationCounter, Counted};
pub use answers::Answers;
pub use buffers::{Buffers, Layout, Slot};
pub use environment::shortage;
pub use instance::{BuiltModel, Call, CallError, CustomCall, Function, Instance, NamedWeights, Prepared};
pub use scratch::{Scratch, copy, count_of, fill, id_at, touch};
pub use tap::{Quiet, Tap, Trace};
pub use worker::{Host, serve};
pub use workload::{Bound, Depth, Look, Workload};
