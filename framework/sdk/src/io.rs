//! One input and one output that may be the same memory.

/// Where an op reads and where it writes. The contract lets `out` be `x` itself; two Rust slices must not overlap, so
/// the two cases are two variants.
#[derive(Debug)]
pub enum Io<'a> {
    /// `out` is elsewhere, and of the same length.
    Separate {
        /// What to read.
        x: &'a [f32],
        /// What to overwrite.
        out: &'a mut [f32],
    },
    /// Read it, then overwrite it.
    InPlace(&'a mut [f32]),
}

impl<'a> Io<'a> {
    /// The input.
    pub fn x(&self) -> &[f32] {
        match self {
            Self::Separate { x, .. } => x,
            Self::InPlace(x) => x,
        }
    }

    /// `out[i] = f(x[i])`; gives the output back.
    pub fn map(self, f: impl Fn(f32) -> f32) -> &'a mut [f32] {
        match self {
            Self::Separate { x, out } => {
                out.iter_mut().zip(x).for_each(|(out, &x)| *out = f(x));
                out
            }
            Self::InPlace(out) => {
                out.iter_mut().for_each(|x| *x = f(*x));
                out
            }
        }
    }

    /// `out[i] = f(x[i], y[i])`; gives the output back.
    pub fn zip(self, y: &[f32], f: impl Fn(f32, f32) -> f32) -> &'a mut [f32] {
        match self {
            Self::Separate { x, out } => {
                out.iter_mut().zip(x).zip(y).for_each(|((out, &x), &y)| *out = f(x, y));
                out
            }
            Self::InPlace(out) => {
                out.iter_mut().zip(y).for_each(|(x, &y)| *x = f(*x, y));
                out
            }
        }
    }

    /// Cuts both sides at `mid`.
    pub fn split_at(self, mid: usize) -> (Io<'a>, Io<'a>) {
        match self {
            Self::Separate { x, out } => {
                let (x0, x1) = x.split_at(mid);
                let (out0, out1) = out.split_at_mut(mid);
                (Io::Separate { x: x0, out: out0 }, Io::Separate { x: x1, out: out1 })
            }
            Self::InPlace(out) => {
                let (out0, out1) = out.split_at_mut(mid);
                (Io::InPlace(out0), Io::InPlace(out1))
            }
        }
    }

    /// Row by row.
    pub fn rows(self, cols: usize) -> impl Iterator<Item = Io<'a>> {
        let mut rest = Some(self);
        std::iter::from_fn(move || {
            let io = rest.take().filter(|io| !io.x().is_empty())?;
            let (row, tail) = io.split_at(cols);
            rest = Some(tail);
            Some(row)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(run: impl Fn(Io<'_>), want: [f32; 4]) {
        let x = [1.0, 2.0, 3.0, 4.0];
        let (mut separate, mut in_place) = ([0.0; 4], x);
        run(Io::Separate { x: &x, out: &mut separate });
        run(Io::InPlace(&mut in_place));
        assert_eq!((separate, in_place), (want, want));
    }

    #[test]
    fn both_variants_compute_the_same() {
        check(|io| _ = io.map(|x| -x), [-1.0, -2.0, -3.0, -4.0]);
        check(|io| _ = io.zip(&[1.0, 1.0, 2.0, 2.0], |x, y| x * y), [1.0, 2.0, 6.0, 8.0]);
    }

    #[test]
    fn rows_come_one_by_one() {
        let double_row = |row: Io<'_>| {
            let sum: f32 = row.x().iter().sum();
            row.map(|_| sum);
        };
        check(|io| io.rows(2).for_each(double_row), [3.0, 3.0, 7.0, 7.0]);
    }
}
