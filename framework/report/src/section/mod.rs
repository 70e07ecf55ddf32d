//! The chart's sections, one file each. CHART.md numbers them; sections still to come have their place in the list.

mod activations;
mod backends;
mod counters;
mod deeper;
pub(crate) mod drawn;
mod goals;
mod header;
mod hot_paths;
mod imported;
mod ladder;
mod machines;
mod matrix;
mod memory;
mod raw_data;
mod recommendations;
mod simd;
pub(crate) mod theme;
mod trajectory;
mod trend;

pub use matrix::next_goals;

use smbench_core::study::Study;

use crate::document::Document;
use crate::view::Options;

/// The chart's sections, in order.
pub const SECTIONS: &[&dyn Section] = &[
    &header::Header,
    &trend::Trend,
    &imported::AsReported,
    &hot_paths::HotPaths,
    &simd::Simd,
    &activations::Activations,
    &memory::Memory,
    &trajectory::Trajectory,
    &goals::Goals,
    &deeper::Deeper,
    &recommendations::Recommendations,
    &matrix::Matrix,
    &raw_data::RawData,
];

/// A part of the chart.
pub trait Section: Sync {
    /// Its title.
    fn title(&self) -> &'static str;

    /// What stands in it; nothing leaves out the title too.
    fn write(&self, study: &Study, options: &Options) -> Document;

    /// The level of its title: 1 for the chart's own.
    fn level(&self) -> u8 {
        2
    }
}
