//! Which instructions the kernels may use.

/// A kernel tier, best first.
#[derive(Clone, Copy, PartialEq)]
pub enum Tier {
    /// 256-bit vectors.
    Avx2,
    /// Whatever the target has for certain.
    Portable,
}

impl Tier {
    /// Those that run on this machine, best first.
    pub fn available() -> Vec<Self> {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            return vec![Self::Avx2, Self::Portable];
        }
        vec![Self::Portable]
    }

    /// As in `--backend third-party-rust@avx2`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx2 => "avx2",
            Self::Portable => "portable",
        }
    }
}
