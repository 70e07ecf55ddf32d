//! What happens during a run, for whoever shows it.

use std::time::Duration;

use crate::outcome::Outcome;

/// One thing that happened. Indices are those of the plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The run has begun (or goes on, with so many launches already stored).
    Started {
        /// Its id.
        id: String,
        /// Launches in all.
        launches: usize,
        /// Of these, stored already.
        stored: usize,
        /// How long it should take.
        predicted: Duration,
    },
    /// A backend was checked at a case.
    Checked {
        /// Case.
        case: usize,
        /// Backend.
        backend: usize,
        /// How it fared.
        outcome: Outcome,
    },
    /// A launch was measured and stored.
    Launched {
        /// Case.
        case: usize,
        /// Launch.
        launch: u32,
    },
    /// Cases that are decided need no more launches.
    Looked {
        /// After so many.
        launches: u32,
        /// Cases that are open.
        open: usize,
        /// Launches that they may need yet.
        left: usize,
    },
    /// A shared launch died and is repeated split, to see who is to blame.
    Repeated {
        /// Case.
        case: usize,
        /// Whose turn it was, if anybody's.
        suspect: Option<usize>,
        /// What happened.
        reason: String,
    },
    /// A backend is out of this case.
    Blamed {
        /// Case.
        case: usize,
        /// Backend.
        backend: usize,
        /// Why.
        outcome: Outcome,
    },
    /// A backend's allocations were counted at a case.
    Accounted {
        /// Case.
        case: usize,
        /// Backend.
        backend: usize,
    },
    /// Something the user should know; one line.
    Note(String),
    /// The run is over.
    Finished {
        /// By Ctrl-C.
        interrupted: bool,
    },
}
