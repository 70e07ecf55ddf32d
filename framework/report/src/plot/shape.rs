//! Shapes of marks, so that no colour has to tell them apart.

/// A shape round a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A disc.
    Disc,
    /// A triangle that points to the left: less time.
    Left,
    /// A triangle that points to the right: more time.
    Right,
    /// A square.
    Square,
    /// A square on its corner.
    Diamond,
    /// A triangle that points up.
    Up,
    /// A triangle that points down.
    Down,
    /// A plus.
    Plus,
}

impl Shape {
    /// Of series, in this order.
    pub const SERIES: [Self; 8] =
        [Self::Disc, Self::Square, Self::Up, Self::Diamond, Self::Down, Self::Right, Self::Left, Self::Plus];

    /// Its outline, from its middle.
    pub fn path(self) -> &'static str {
        match self {
            Self::Disc => "m-3 0a3 3 0 1 1 0 .1z", // all but a tenth of the circle
            Self::Left => "m-3.8 0l6-3.6v7.2z",
            Self::Right => "m3.8 0l-6-3.6v7.2z",
            Self::Square => "m-2.8-2.8h5.6v5.6h-5.6z",
            Self::Diamond => "m0-3.9l3.9 3.9l-3.9 3.9l-3.9-3.9z",
            Self::Up => "m0-3.8l3.6 6h-7.2z",
            Self::Down => "m0 3.8l3.6-6h-7.2z",
            Self::Plus => "m-1.2-3.6h2.4v2.4h2.4v2.4h-2.4v2.4h-2.4v-2.4h-2.4v-2.4h2.4z",
        }
    }
}
