//! From stored samples to rows, comparisons and claims, on runs made by hand.

mod control;
mod gate;
mod goal;
mod looks;
mod made;
mod one_run;
mod separate;
