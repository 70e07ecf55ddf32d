//! A Node of our own, which `serve.mjs` runs in: frames over its standard input and output.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// What it can be asked for, by its number.
#[derive(Clone, Copy)]
pub enum Verb {
    Nothing = 0,
    Build = 1,
    Forward = 2,
    Forget = 3,
}

/// A process; it ends when its input does.
pub struct Node {
    /// Its standard input included.
    child: Child,
    answers: ChildStdout,
    /// Of the last answer; kept for its memory.
    answer: Vec<u8>,
}

/// What runs there.
const SCRIPT: &str = include_str!("../serve.mjs");

/// Questions of which the fastest answer tells what a call costs.
const ROUNDS: usize = 50;

impl Node {
    /// With Transformers.js as `modules` has it, and so many threads in a session.
    pub fn start(modules: &Path, threads: usize) -> io::Result<Self> {
        let mut command = Command::new("node");
        command.args(["--input-type=module", "--eval", SCRIPT]).arg(modules).arg(threads.to_string());
        // A confined plugin may not use io_uring, and with it neither may what it starts; one thread for files is enough.
        command.env("UV_USE_IO_URING", "0").env("UV_THREADPOOL_SIZE", "1");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let answers = child.stdout.take().ok_or_else(|| io::Error::other("it has no output"))?;
        Ok(Self { child, answers, answer: Vec::new() })
    }

    /// What comes back.
    pub fn ask(&mut self, verb: Verb, parts: &[&[u8]]) -> io::Result<&[u8]> {
        let length = 4 + parts.iter().map(|part| part.len()).sum::<usize>();
        let mut frame = Vec::with_capacity(4 + length);
        frame.extend((length as u32).to_le_bytes());
        frame.extend((verb as u32).to_le_bytes());
        parts.iter().for_each(|part| frame.extend(*part));
        self.child.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.write_all(&frame)?;
        let mut head = [0; 8];
        self.answers.read_exact(&mut head)?;
        let [status, length] =
            [0, 4].map(|at| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
        self.answer.resize(length as usize, 0);
        self.answers.read_exact(&mut self.answer)?;
        match status {
            0 => Ok(&self.answer),
            _ => Err(io::Error::other(String::from_utf8_lossy(&self.answer).into_owned())),
        }
    }

    /// What a call costs that does nothing.
    pub fn round_trip(&mut self) -> io::Result<Duration> {
        let mut best = Duration::MAX;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            self.ask(Verb::Nothing, &[])?;
            best = best.min(start.elapsed());
        }
        Ok(best)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Closes its input first. It may be gone already; then there is nothing to wait for.
        _ = self.child.wait();
    }
}
