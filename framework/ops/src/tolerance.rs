//! When an output counts as right.

/// The exact value of an element, and how far a correct f32 kernel may be from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// The value in f64.
    pub value: f64,
    /// Largest absolute error of a correct kernel.
    pub tolerance: f64,
}

impl Expected {
    /// A value with an absolute tolerance of so many f32 epsilons of `scale`, which is the size of
    /// what was added up to get it.
    pub fn new(value: f64, scale: f64, epsilons: f64) -> Self {
        // Below the smallest normal number kernels may flush to zero.
        let tolerance = epsilons * f64::from(f32::EPSILON) * scale + f64::from(f32::MIN_POSITIVE);
        Self { value, tolerance }
    }

    /// The same, where it is stated how far an output may be off.
    pub fn within(self, stated: Option<f64>) -> Self {
        Self { tolerance: stated.unwrap_or(self.tolerance), ..self }
    }

    /// Is `actual` right? NaN and infinities must be met exactly.
    pub fn accepts(&self, actual: f32) -> bool {
        let actual = f64::from(actual);
        match self.value.is_finite() {
            true => (actual - self.value).abs() <= self.tolerance,
            false => self.value.is_nan() == actual.is_nan() && (self.value.is_nan() || self.value == actual),
        }
    }
}

/// Distance of outputs from their oracle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Deviation {
    /// Largest absolute error.
    pub max_abs: f64,
    /// Largest error relative to the exact value, of values above 1e-3 of the largest.
    pub max_rel: f64,
    /// Sum of squared errors over sum of squared values.
    pub nmse: f64,
    /// The element with the largest error in units in the last place, of those that `max_rel` looks at; none if all is exact.
    pub furthest: Option<Furthest>,
}

/// An element and its oracle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Furthest {
    /// Number of its output.
    pub output: usize,
    /// Its index there.
    pub index: usize,
    /// What the kernel wrote.
    pub actual: f32,
    /// What is exact.
    pub exact: f64,
}

impl Furthest {
    /// Its error in units in the last place: in distances of neighbouring f32 at the exact value.
    pub fn ulp(&self) -> f64 {
        (f64::from(self.actual) - self.exact).abs() / spacing(self.exact)
    }
}

/// Distance of neighbouring f32 at `value`; below the smallest normal number they are all as far apart as there.
fn spacing(value: f64) -> f64 {
    let magnitude = value.abs().max(f64::from(f32::MIN_POSITIVE));
    // The power of two at or below, which is what is left of an f64 without its fraction.
    f64::from_bits(magnitude.to_bits() & (0x7ff << 52)) * f64::from(f32::EPSILON)
}

impl Deviation {
    /// The larger of either in every respect.
    pub fn worst(self, other: Self) -> Self {
        Self {
            max_abs: self.max_abs.max(other.max_abs),
            max_rel: self.max_rel.max(other.max_rel),
            nmse: self.nmse.max(other.nmse),
            furthest: further(self.furthest, other.furthest),
        }
    }
}

/// The one with more units in the last place, the first of equals.
fn further(a: Option<Furthest>, b: Option<Furthest>) -> Option<Furthest> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.ulp() > a.ulp() { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// The first element that is not right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wrong {
    /// Its index.
    pub index: usize,
    /// What the kernel wrote.
    pub actual: f32,
    /// What it should have been near.
    pub expected: Expected,
}

/// The values; where they lie the caller knows better.
impl core::fmt::Display for Wrong {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { index: _, actual, expected } = self;
        write!(f, "{actual:e}, expected {:e} ± {:.1e}", expected.value, expected.tolerance)
    }
}

/// Compares elements with their oracle; the first wrong one ends it.
pub fn compare(elements: impl Iterator<Item = (usize, f32, Expected)>) -> Result<Deviation, Wrong> {
    let mut seen: Vec<Furthest> = Vec::new();
    for (index, actual, expected) in elements {
        if !expected.accepts(actual) {
            return Err(Wrong { index, actual, expected });
        }
        if expected.value.is_finite() {
            seen.push(Furthest { output: 0, index, actual, exact: expected.value });
        }
    }
    Ok(deviation(&seen))
}

fn deviation(seen: &[Furthest]) -> Deviation {
    let largest = seen.iter().map(|element| element.exact.abs()).fold(0.0, f64::max);
    let error = |element: &Furthest| (f64::from(element.actual) - element.exact).abs();
    let relevant = seen.iter().filter(|element| element.exact.abs() > 1e-3 * largest);
    let signal: f64 = seen.iter().map(|element| element.exact * element.exact).sum();
    let noise: f64 = seen.iter().map(|element| error(element).powi(2)).sum();
    let inexact = relevant.clone().filter(|element| error(element) > 0.0).copied();
    Deviation {
        max_abs: seen.iter().map(error).fold(0.0, f64::max),
        max_rel: relevant.map(|element| error(element) / element.exact.abs()).fold(0.0, f64::max),
        nmse: if signal > 0.0 { noise / signal } else { noise },
        furthest: inexact.map(Some).fold(None, further),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerance_grows_with_what_was_added_up() {
        let expected = Expected::new(0.0, 1000.0, 4.0);
        assert!(expected.accepts(4e-4));
        assert!(!expected.accepts(6e-4));
    }

    #[test]
    fn nan_is_wrong_unless_expected() {
        assert!(!Expected::new(1.0, 1.0, 4.0).accepts(f32::NAN));
        assert!(Expected::new(f64::NAN, 1.0, 4.0).accepts(f32::NAN));
        assert!(Expected::new(f64::INFINITY, 1.0, 4.0).accepts(f32::INFINITY));
        assert!(!Expected::new(f64::INFINITY, 1.0, 4.0).accepts(f32::NEG_INFINITY));
    }

    #[test]
    fn a_unit_in_the_last_place_is_a_step_to_the_next_f32() {
        for exact in [1.0_f32, 1.999, -3.5, 2e-38, f32::MIN_POSITIVE, 1e-40, 0.0, 3e38] {
            let actual = if exact < 0.0 { exact.next_down() } else { exact.next_up() };
            let element = Furthest { output: 0, index: 0, actual, exact: f64::from(exact) };
            assert_eq!(element.ulp(), 1.0, "{exact:e}");
        }
    }

    #[test]
    fn the_furthest_element_is_named() {
        let near = |value| Expected::new(value, 1.0, 4.0);
        let elements = [(0, 1.0, near(1.0)), (1, 1.0_f32.next_up(), near(1.0)), (2, 1e-7, near(2e-7))];
        let furthest = compare(elements.into_iter()).unwrap().furthest.unwrap();
        assert_eq!((furthest.index, furthest.ulp()), (1, 1.0), "the third is too small to matter");
    }

    #[test]
    fn the_first_wrong_element_is_named() {
        let right = Expected::new(1.0, 1.0, 1.0);
        let elements = [(0, 1.0, right), (1, 1.5, right), (2, 9.0, right)];
        assert_eq!(compare(elements.into_iter()).unwrap_err().index, 1);
        assert_eq!(compare(elements.into_iter().take(1)).unwrap(), Deviation::default());
    }
}
