//! The values of smbench: what is asked for, what is planned, what was measured, what follows.
//!
//! Pure: no IO, no clock, no global state. Whoever needs a clock, a seed or a process passes it in.
//! The order below is the order of a run.

#![forbid(unsafe_code)]

pub mod attribution;
pub mod backend;
pub mod cache;
pub mod case;
pub mod config;
pub mod confinement;
pub mod control;
pub mod diagnosis;
pub mod disturbance;
pub mod event;
pub mod fact;
pub mod frame;
pub mod gate;
pub mod goal;
pub mod history;
pub mod imported;
pub mod inspection;
pub mod message;
pub mod outcome;
pub mod plan;
pub mod proc_stat;
pub mod reference;
pub mod run;
pub mod samples;
pub mod schedule;
pub mod separate;
pub mod stats;
pub mod study;
pub mod units;
pub mod verdict;
