//! Every op's definition against a textbook implementation of it, right and wrong.

mod cost;
mod in_place;
mod list;
mod right;
mod size;
mod some;
mod textbook;
mod trial;
mod wrong;
