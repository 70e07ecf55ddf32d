//! Tiers: which instructions a kernel table may use, and what this CPU has.

use std::fmt;
use std::str::FromStr;

/// An instruction level, from the one every CPU has to the widest. Ordered by width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Eight lanes of the crate `wide`: SSE2 on x86-64, NEON on aarch64, whatever the baseline has elsewhere.
    Portable,
    /// AVX2 with FMA: eight lanes, sixteen registers.
    Avx2,
    /// AVX-512F: sixteen lanes, thirty-two registers, masks.
    Avx512,
}

impl Tier {
    /// Every tier, narrowest first.
    pub const ALL: [Tier; 3] = [Tier::Portable, Tier::Avx2, Tier::Avx512];

    /// The tiers this CPU can run, narrowest first.
    pub fn available() -> Vec<Tier> {
        Tier::ALL.into_iter().filter(|tier| tier.is_available()).collect()
    }

    /// The widest tier this CPU can run.
    pub fn best() -> Tier {
        Tier::ALL.into_iter().rfind(|tier| tier.is_available()).unwrap_or(Tier::Portable)
    }

    /// Whether this CPU can run the tier.
    pub fn is_available(self) -> bool {
        match self {
            Tier::Portable => true,
            Tier::Avx2 => has_avx2(),
            Tier::Avx512 => has_avx512(),
        }
    }

    /// The name by which people ask for the tier: `portable`, `avx2` or `avx512`.
    pub const fn name(self) -> &'static str {
        match self {
            Tier::Portable => "portable",
            Tier::Avx2 => "avx2",
            Tier::Avx512 => "avx512",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Tier {
    type Err = UnknownTier;

    fn from_str(name: &str) -> Result<Tier, UnknownTier> {
        Tier::ALL.into_iter().find(|tier| tier.name() == name).ok_or_else(|| UnknownTier(name.to_owned()))
    }
}

/// A name that is no tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTier(pub String);

impl fmt::Display for UnknownTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown tier `{}`; the tiers are portable, avx2 and avx512", self.0)
    }
}

impl std::error::Error for UnknownTier {}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

// The AVX-512 tier borrows AVX2's 8×8 transpose, so it needs both.
#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f") && has_avx2()
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx512() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for tier in Tier::ALL {
            assert_eq!(tier.to_string().parse(), Ok(tier));
        }
    }

    #[test]
    fn an_unknown_name_says_what_is_known() {
        let error = "AVX2".parse::<Tier>().unwrap_err();
        assert_eq!(error.to_string(), "unknown tier `AVX2`; the tiers are portable, avx2 and avx512");
    }

    #[test]
    fn the_best_tier_is_the_last_available_one() {
        let available = Tier::available();
        assert_eq!(available.first(), Some(&Tier::Portable));
        assert_eq!(available.last(), Some(&Tier::best()));
        assert!(available.is_sorted());
    }
}
