//! Drawings as pixels, where smbench was built with the feature `png`.

use smbench_host::error::{Error, Result};

/// Pixels of a screen for each of the drawing's: sharp on screens of today.
#[cfg(feature = "png")]
const SCALE: f32 = 2.0;

/// An SVG file as a PNG file, in the fonts of this system.
#[cfg(feature = "png")]
pub fn pixels(svg: &str) -> Result<Vec<u8>> {
    use resvg::{tiny_skia, usvg};
    let mut options = usvg::Options { font_family: "DejaVu Sans".to_owned(), ..usvg::Options::default() };
    options.fontdb_mut().load_system_fonts();
    let cannot = |why: String| Error::internal("cannot draw the SVG").because(why);
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| cannot(error.to_string()))?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or_else(|| cannot("it has no size".to_owned()))?;
    let mut paper = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| cannot(format!("{} by {} pixels are too many", size.width(), size.height())))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(SCALE, SCALE), &mut paper.as_mut());
    paper.encode_png().map_err(|error| cannot(error.to_string()))
}

/// Nobody should pay for a renderer and its fonts who does not ask for it.
#[cfg(not(feature = "png"))]
pub fn pixels(_: &str) -> Result<Vec<u8>> {
    Err(Error::usage("this smbench was built without PNG")
        .help("write a .svg instead, or build with `cargo build --release --workspace --features smbench/png`"))
}
