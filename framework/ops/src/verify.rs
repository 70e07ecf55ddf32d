//! Inputs in, verdict out: what the harness and the SDK's conformance share.

use fastrand::Rng;

use crate::{Deviation, Furthest, InPlace, Op, Operand, Problem, Regime, Wrong, compare, fill};

/// What outputs are filled with before a call: a quiet NaN that no arithmetic makes of numbers.
pub const POISON: f32 = f32::from_bits(0x7fd0_5afe);

/// Element reads that [`verify_some`] may spend: all 4096 elements of matmul 1024, in well under 0.3 s.
const WORK: usize = 4096 * 1024;

/// Elements of the last dimension that count as its end: where kernels leave their widest vectors.
const TAIL: usize = 16;

/// Is it the very NaN of [`POISON`]?
pub fn is_poison(value: f32) -> bool {
    value.to_bits() == POISON.to_bits()
}

/// Was some element of some output never written?
pub fn is_poisoned(outputs: &[&[f32]]) -> bool {
    outputs.iter().any(|output| output.iter().copied().any(is_poison))
}

/// Fills input number `input` of `problem`; every one gets a seed of its own.
///
/// # Panics
/// If `out` has not as many elements as the operand.
pub fn fill_input(problem: &Problem, input: usize, out: &mut [f32], regime: Regime, seed: u64) {
    let operand = &problem.inputs[input];
    assert_eq!(out.len(), operand.elements(), "elements of `{}`", operand.name);
    fill(out, operand.fill, regime, seed_of(seed, input));
}

/// Fills all inputs of `problem`, in their order.
///
/// # Panics
/// If there are not as many, or one has not as many elements as its operand.
pub fn fill_inputs(problem: &Problem, inputs: &mut [&mut [f32]], regime: Regime, seed: u64) {
    assert_eq!(inputs.len(), problem.inputs.len(), "inputs");
    for (input, out) in inputs.iter_mut().enumerate() {
        fill_input(problem, input, out, regime, seed);
    }
}

/// The same in memory of its own.
pub fn inputs(problem: &Problem, regime: Regime, seed: u64) -> Vec<Vec<f32>> {
    let mut inputs: Vec<Vec<f32>> = problem.inputs.iter().map(|operand| vec![0.0; operand.elements()]).collect();
    let mut slices: Vec<&mut [f32]> = inputs.iter_mut().map(Vec::as_mut_slice).collect();
    fill_inputs(problem, &mut slices, regime, seed);
    inputs
}

/// Checks every element, and the whole. For the sizes of [`Op::check_sizes`]: a matmul takes as
/// long as a naive kernel, a row op `cols` times as long.
///
/// # Panics
/// If operands are missing or have other lengths than `problem` says.
pub fn verify_all(op: &dyn Op, problem: &Problem, inputs: &[&[f32]], outputs: &[&[f32]]) -> Result<Deviation, String> {
    verify(op, problem, inputs, outputs, 0, |_, output| (0..output.len()).collect())
}

/// Checks the edges of every output, `count` elements at random (fewer where one costs much; all where there are no
/// more), every element for being finite, and the whole.
///
/// # Panics
/// As [`verify_all`].
pub fn verify_some(
    op: &dyn Op,
    problem: &Problem,
    inputs: &[&[f32]],
    outputs: &[&[f32]],
    count: usize,
    seed: u64,
) -> Result<Deviation, String> {
    let affordable = (WORK / op.element_work(problem).max(1)).max(1 << problem.size.len());
    let mut rng = Rng::with_seed(seed);
    verify(op, problem, inputs, outputs, seed, |operand, output| pick(operand, output, count, affordable, &mut rng))
}

/// Checks the elements that `picked` gives for each output, then the whole.
fn verify(
    op: &dyn Op,
    problem: &Problem,
    inputs: &[&[f32]],
    outputs: &[&[f32]],
    seed: u64,
    mut picked: impl FnMut(&Operand, &[f32]) -> Vec<usize>,
) -> Result<Deviation, String> {
    assert_lengths(&problem.inputs, inputs);
    assert_lengths(&problem.outputs, outputs);
    let mut deviation = Deviation::default();
    for (number, (operand, output)) in problem.outputs.iter().zip(outputs).enumerate() {
        let indices = picked(operand, output).into_iter();
        let elements = indices.map(|index| (index, output[index], op.element(problem, inputs, number, index)));
        let mut of_this = compare(elements).map_err(|wrong| describe(operand.name, &operand.dims, &wrong))?;
        of_this.furthest.iter_mut().for_each(|furthest| furthest.output = number);
        deviation = deviation.worst(of_this);
    }
    op.whole(problem, inputs, outputs, seed)?;
    Ok(deviation)
}

fn assert_lengths(operands: &[Operand], values: &[&[f32]]) {
    assert_eq!(values.len(), operands.len(), "operands");
    for (operand, values) in operands.iter().zip(values) {
        assert_eq!(values.len(), operand.elements(), "elements of `{}`", operand.name);
    }
}

/// Indices to check: the first that is not finite, the edges, then random ones; at most `affordable` of them.
fn pick(operand: &Operand, output: &[f32], count: usize, affordable: usize, rng: &mut Rng) -> Vec<usize> {
    if output.len() <= count.min(affordable) {
        return (0..output.len()).collect();
    }
    let suspect = output.iter().position(|value| !value.is_finite());
    let random = (0..count).map(|_| rng.usize(..output.len()));
    suspect.into_iter().chain(edges(&operand.dims)).chain(random).take(affordable).collect()
}

/// The corners, and with them the end of the last dimension, the corners first.
fn edges(dims: &[usize]) -> Vec<usize> {
    let Some((&last, outer)) = dims.split_last() else { return vec![0] };
    let ends = |starts: Vec<usize>, &dim: &usize| {
        let both = |start: usize| if dim > 1 { vec![start * dim, start * dim + dim - 1] } else { vec![start] };
        starts.into_iter().flat_map(both).collect()
    };
    let rows: Vec<usize> = outer.iter().fold(vec![0], ends);
    let tail = (last.saturating_sub(TAIL).max(1)..last).rev();
    // The last element, the first, then backwards from the last.
    let columns = [last - 1, 0].into_iter().chain(tail.skip(1));
    columns.flat_map(|column| rows.iter().map(move |row| row * last + column)).collect()
}

/// `out[3, 17] is 1.5e0, exactly 1.49999e0, of x 1.2e0`: with the elements at that place of the inputs that have it.
pub fn tell(op: &dyn Op, problem: &Problem, inputs: &[&[f32]], furthest: &Furthest) -> String {
    let Furthest { output, index, actual, exact } = *furthest;
    let operand = &problem.outputs[output];
    // An op that cannot be run in place mixes elements of all places.
    let same = |(input, _): &(&Operand, _)| op.in_place() != InPlace::Never && input.dims == operand.dims;
    let there = problem.inputs.iter().zip(inputs).filter(same);
    let there: Vec<String> = there.map(|(input, values)| format!("{} {:e}", input.name, values[index])).collect();
    let of = if there.is_empty() { String::new() } else { format!(", of {}", there.join(", ")) };
    format!("{} is {actual:e}, exactly {exact:.9e}{of}", place(operand.name, &operand.dims, index))
}

/// `out[3, 17]`.
pub fn place(name: &str, dims: &[usize], index: usize) -> String {
    let position: Vec<String> = position(dims, index).iter().map(usize::to_string).collect();
    format!("{name}[{}]", position.join(", "))
}

/// `out[3, 17] is 1.5e0, expected 1.2e0 ± 1.0e-6`.
pub fn describe(name: &str, dims: &[usize], wrong: &Wrong) -> String {
    let place = place(name, dims, wrong.index);
    match is_poison(wrong.actual) {
        true => format!("{place} was never written: it still holds what the host poisoned it with"),
        false => format!("{place} is {wrong}"),
    }
}

fn position(dims: &[usize], index: usize) -> Vec<usize> {
    let mut rest = index;
    let mut position: Vec<usize> = dims.iter().rev().map(|dim| (rest % dim, rest /= dim).0).collect();
    position.reverse();
    position
}

/// SplitMix64's finaliser (Steele, Lea and Flood 2014), so that neighbouring seeds and inputs have nothing in common.
pub fn seed_of(seed: u64, input: usize) -> u64 {
    let mixed = seed.wrapping_add((input as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_furthest_element_is_told_with_its_inputs() {
        let tell = |op: &str, size: &[usize], inputs: &[&[f32]]| {
            let op = crate::find(op).unwrap();
            tell(op, &op.problem(size), inputs, &Furthest { output: 0, index: 1, actual: 1.5, exact: 1.25 })
        };
        assert_eq!(tell("relu", &[2], &[&[0.0, -3.0]]), "out[1] is 1.5e0, exactly 1.250000000e0, of x -3e0");
        let square = [1.0; 4];
        assert_eq!(tell("matmul", &[2, 2, 2], &[&square, &square]), "c[0, 1] is 1.5e0, exactly 1.250000000e0");
    }

    #[test]
    fn an_index_becomes_a_position() {
        assert_eq!(position(&[7], 3), [3]);
        assert_eq!(position(&[3, 5], 9), [1, 4]);
        assert_eq!(position(&[2, 3, 5], 29), [1, 2, 4]);
    }

    #[track_caller]
    fn check_edges(dims: &[usize], want: &[usize]) {
        let mut edges = edges(dims);
        edges.sort_unstable();
        edges.dedup();
        assert_eq!(edges, want);
    }

    #[test]
    fn edges_are_corners_and_the_end_of_the_last_dimension() {
        check_edges(&[1], &[0]);
        check_edges(&[4], &[0, 1, 2, 3]);
        check_edges(&[20], &[0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
        check_edges(&[1, 2], &[0, 1]);
        check_edges(&[3, 2], &[0, 1, 4, 5]);
        check_edges(&[3, 2, 1], &[0, 1, 4, 5]);
    }

    #[test]
    fn corners_come_first() {
        assert_eq!(edges(&[100, 100])[..4], [99, 9999, 0, 9900]);
    }

    #[test]
    fn seeds_of_operands_differ() {
        let seeds: std::collections::HashSet<u64> =
            (0..100).flat_map(|seed| (0..4).map(move |input| seed_of(seed, input))).collect();
        assert_eq!(seeds.len(), 400);
    }
}
