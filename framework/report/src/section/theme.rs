//! What a case is about, by its op and parameters: suites may be called anything.

use smbench_core::case::Case;

use super::activations;

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Theme {
    /// A model is created, prompted, or makes tokens.
    Models,
    /// A matrix product.
    Matmul,
    /// Activations, and ops over rows.
    Rows,
    /// Every other op.
    Others,
    /// What a tensor costs: acquired, in place, fused.
    Memory,
}

impl Theme {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 5] = [Self::Models, Self::Matmul, Self::Rows, Self::Others, Self::Memory];

    /// A case's.
    pub fn of(case: &Case) -> Self {
        match case {
            case if is_model(case) => Self::Models,
            case if is_acquire(case) || has_own_output(case) => Self::Memory,
            case if is_matmul(case) => Self::Matmul,
            case if activations::is_row_op(case) => Self::Rows,
            _ => Self::Others,
        }
    }

    /// In reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Models => "model inference",
            Self::Matmul => "matmul",
            Self::Rows => "activations and rows",
            Self::Others => "element-wise and others",
            Self::Memory => "memory",
        }
    }
}

/// Is a model created, prompted, or does it make tokens?
pub fn is_model(case: &Case) -> bool {
    case.params.contains_key("phase") && ["creation", "prefill", "inference", "decode"].contains(&case.op())
}

/// Is a tensor acquired, and nothing computed?
pub fn is_acquire(case: &Case) -> bool {
    case.op() == "acquire" && case.params.contains_key("bytes")
}

/// Is it a matrix product?
pub fn is_matmul(case: &Case) -> bool {
    case.op().starts_with("matmul")
}

/// Does an op's result go elsewhere than into the host's buffer?
fn has_own_output(case: &Case) -> bool {
    case.params.get("output").and_then(|output| output.as_str()).is_some_and(|output| output != "host")
}
