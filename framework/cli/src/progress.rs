//! Progress on standard error: a bar on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use smbench_core::event::Event;
use smbench_core::outcome::Outcome;
use smbench_core::plan::Plan;

/// Shows a run's events. Redraws on events only: never during a sample.
pub struct Progress {
    titles: Vec<String>,
    aliases: Vec<String>,
    comparisons: usize,
    checks: usize,
    checked: usize,
    accounted: usize,
    launched: usize,
    stored: usize,
    launches: usize,
    began: Instant,
    bar: Option<ProgressBar>,
    spoke: Instant,
}

/// Where there is no terminal, a line this often.
const SILENCE: Duration = Duration::from_secs(10);

impl Progress {
    /// Progress of a plan.
    pub fn of(plan: &Plan) -> Self {
        Self {
            titles: plan.cases.iter().map(|case| case.title()).collect(),
            aliases: plan.backends.iter().map(|backend| backend.alias().to_owned()).collect(),
            comparisons: plan.comparisons(),
            checks: plan.cases.len() * plan.backends.len(),
            checked: 0,
            accounted: 0,
            launched: 0,
            stored: 0,
            launches: 0,
            began: Instant::now(),
            bar: stderr().is_terminal().then(bar),
            spoke: Instant::now(),
        }
    }

    /// Shows one event.
    pub fn show(&mut self, event: Event) {
        match event {
            Event::Started { id, launches, stored, predicted } => self.started(&id, launches, stored, predicted),
            Event::Checked { case, backend, outcome } => {
                self.checked += 1;
                if matches!(outcome, Outcome::Rejected(_) | Outcome::Failed(_)) {
                    self.say(&format!("{} · {}: {outcome}", self.titles[case], self.aliases[backend]));
                }
                let status = format!("check {}/{}", self.checked, self.checks);
                self.status(&status, &self.titles[case].clone());
            }
            Event::Launched { case, .. } => {
                self.launched += 1;
                let left = self.time_left();
                let status = format!("launch {}/{}{left}", self.launched, self.launches);
                self.status(&status, &self.titles[case].clone());
            }
            Event::Repeated { case, suspect, reason } => {
                let turn = suspect.map_or_else(String::new, |backend| format!(" at {}'s turn", self.aliases[backend]));
                let title = &self.titles[case];
                self.say(&format!("{title}: a shared launch went wrong{turn} ({reason}); now with a process each"));
            }
            Event::Blamed { case, backend, outcome } => {
                self.say(&format!("{} · {}: {outcome}", self.titles[case], self.aliases[backend]));
            }
            Event::Accounted { case, .. } => {
                self.accounted += 1;
                let status = format!("allocations {}/{}", self.accounted, self.checks);
                self.status(&status, &self.titles[case].clone());
            }
            Event::Looked { launches, open, left } => {
                self.launches = self.launched + left;
                self.say(&format!("after {launches} launches: {open} of {} cases open", self.titles.len()));
            }
            Event::Note(text) => self.say(&text),
            Event::Finished { interrupted } => self.finished(interrupted),
        }
    }

    fn started(&mut self, id: &str, launches: usize, stored: usize, predicted: Duration) {
        self.launches = launches;
        (self.launched, self.stored) = (stored, stored);
        let gone_on = if stored > 0 { format!(", {stored} launches stored already") } else { String::new() };
        let seconds = Duration::from_secs(predicted.as_secs().max(1));
        let comparisons = match self.comparisons {
            0 => String::new(),
            1 => "1 comparison, ".to_owned(),
            several => format!("{several} comparisons, "),
        };
        self.say(&format!("run {id}: {comparisons}about {}{gone_on}", humantime::format_duration(seconds)));
    }

    /// By what the launches of this session took so far.
    fn time_left(&mut self) -> String {
        let done = (self.launched - self.stored) as u32;
        if done <= 1 {
            self.began = Instant::now();
            return String::new();
        }
        let left = self.began.elapsed() / (done - 1) * (self.launches - self.launched) as u32;
        format!(", {} left", humantime::format_duration(Duration::from_secs(left.as_secs().max(1))))
    }

    fn status(&mut self, status: &str, title: &str) {
        match &self.bar {
            Some(bar) => {
                bar.set_length((self.checks + self.launches) as u64);
                bar.set_position((self.checked + self.launched) as u64);
                bar.set_message(format!("{status} · {title}"));
            }
            None if self.spoke.elapsed() >= SILENCE => self.say(status),
            None => {}
        }
    }

    fn say(&mut self, text: &str) {
        self.spoke = Instant::now();
        match &self.bar {
            Some(bar) => bar.suspend(|| anstream::eprintln!("{text}")),
            None => anstream::eprintln!("{text}"),
        }
    }

    fn finished(&mut self, interrupted: bool) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if interrupted {
            anstream::eprintln!("interrupted: what was measured is stored; go on with `smbench run --resume`");
        }
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:24} {percent:>3}% {wide_msg}").expect("a constant template");
    ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10)).with_style(style)
}
