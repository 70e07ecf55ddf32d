//! A fact of a machine's state that decides how steady its times are, in words.

use serde::Serialize;

/// What was found, whether that is a problem, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is about: `governor`.
    pub name: &'static str,
    /// What was found; `None` where the system does not tell.
    pub found: Option<String>,
    /// Is it a problem?
    pub level: Level,
    /// What it does to times, unless nothing.
    pub matter: Option<&'static str>,
    /// What to do about it, unless nothing.
    pub advice: Option<String>,
}

/// Is it a problem?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Note,
    /// It makes times unsteady now.
    Problem,
    /// The system does not tell.
    Unknown,
}

impl Level {
    /// The word in reports and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Problem => "problem",
            Self::Unknown => "unknown",
        }
    }
}

impl Fact {
    /// As it should be.
    pub fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, found: Some(found.into()), level: Level::Ok, matter: None, advice: None }
    }

    /// The system does not tell.
    pub fn unknown(name: &'static str) -> Self {
        Self { name, found: None, level: Level::Unknown, matter: None, advice: None }
    }

    /// Worth knowing, for what it does to times.
    pub fn note(self, matter: &'static str, advice: impl Into<String>) -> Self {
        Self { level: Level::Note, matter: Some(matter), advice: Some(advice.into()), ..self }
    }

    /// A problem now.
    pub fn problem(self, matter: &'static str, advice: impl Into<String>) -> Self {
        Self { level: Level::Problem, ..self.note(matter, advice) }
    }

    /// All of it on one line.
    pub fn line(&self) -> String {
        let found = self.found.as_deref().unwrap_or("not available here");
        let rest = [self.matter, self.advice.as_deref()].into_iter().flatten().map(|part| format!("; {part}"));
        format!("{}: {found}{}", self.name, rest.collect::<String>())
    }
}

/// What to say before a run begins: of the problems, the first three. Whoever wants all facts asks for them.
pub fn warnings(facts: &[Fact]) -> Vec<String> {
    const MOST: usize = 3;
    facts.iter().filter(|fact| fact.level == Level::Problem).take(MOST).map(Fact::line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_problems_are_said_and_not_too_many() {
        let ok = Fact::ok("aslr", "on");
        let note = Fact::ok("turbo", "on").note("the clock moves", "turn it off");
        let problem = Fact::ok("steal", "12 % of a core").problem("times scatter", "wait");
        assert_eq!(warnings(&[ok.clone(), note.clone(), Fact::unknown("governor")]), Vec::<String>::new());
        let all = [note, problem.clone(), ok, problem.clone(), problem.clone(), problem];
        assert_eq!(warnings(&all), ["steal: 12 % of a core; times scatter; wait"; 3]);
        assert_eq!(Fact::unknown("governor").line(), "governor: not available here");
    }
}
