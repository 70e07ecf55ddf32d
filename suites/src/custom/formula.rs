//! Arithmetic over the numbers of a size: `2 * rows * cols`.

use std::fmt;
use std::iter::Peekable;
use std::str::{Chars, FromStr};

use serde::{Deserialize, Deserializer, de};

/// Sums, differences, products and quotients of numbers and names, with parentheses.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    text: String,
    root: Node,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Number(f64),
    Name(String),
    Negative(Box<Node>),
    Pair(Box<Node>, char, Box<Node>),
}

impl Formula {
    /// Its value where `names` stand for `numbers`.
    pub fn value(&self, names: &[String], numbers: &[usize]) -> Result<f64, String> {
        self.root
            .value(names, numbers)
            .map_err(|name| format!("`{self}` has `{name}`, which is no dim: they are {}", names.join(", ")))
    }

    /// The same, where only a whole number from `least` on makes sense.
    pub fn whole(&self, least: u64, names: &[String], numbers: &[usize]) -> Result<u64, String> {
        const MOST: f64 = (1_u64 << 56) as f64;
        let value = self.value(names, numbers)?;
        match value.fract() == 0.0 && (least as f64..=MOST).contains(&value) {
            true => Ok(value as u64),
            false => Err(format!("`{self}` is {value} there: write what gives a whole number from {least} to 2^56")),
        }
    }
}

impl Node {
    /// `Err` is the name that nobody knows.
    fn value(&self, names: &[String], numbers: &[usize]) -> Result<f64, String> {
        let value = |node: &Self| node.value(names, numbers);
        match self {
            Self::Number(number) => Ok(*number),
            Self::Name(name) => {
                let at = names.iter().position(|known| known == name).ok_or_else(|| name.clone())?;
                Ok(numbers[at] as f64)
            }
            Self::Negative(node) => value(node).map(|value| -value),
            Self::Pair(left, sign, right) => {
                let (left, right) = (value(left)?, value(right)?);
                Ok(match sign {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    _ => left / right,
                })
            }
        }
    }
}

impl FromStr for Formula {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: text.chars().peekable(), depth: 0 };
        let root = parser.sum();
        let end = parser.next();
        match (root, end) {
            (Some(root), None) => Ok(Self { text: text.to_owned(), root }),
            _ => {
                Err(format!("`{text}` is no formula: write numbers and dims with + - * / and ( ), as in \"2 * m * n\""))
            }
        }
    }
}

/// Recursive descent; `None` where it makes no sense.
struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
    depth: usize,
}

/// Parentheses and signs within each other; nobody needs more, and the stack has an end.
const DEEPEST: usize = 64;

impl Parser<'_> {
    fn peek(&mut self) -> Option<char> {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
        self.rest.peek().copied()
    }

    fn next(&mut self) -> Option<char> {
        self.peek();
        self.rest.next()
    }

    fn sum(&mut self) -> Option<Node> {
        self.chain(['+', '-'], Self::product)
    }

    fn product(&mut self) -> Option<Node> {
        self.chain(['*', '/'], Self::factor)
    }

    fn chain(&mut self, signs: [char; 2], part: fn(&mut Self) -> Option<Node>) -> Option<Node> {
        let mut left = part(self)?;
        while let Some(sign) = self.peek().filter(|c| signs.contains(c)) {
            self.next();
            left = Node::Pair(Box::new(left), sign, Box::new(part(self)?));
        }
        Some(left)
    }

    fn factor(&mut self) -> Option<Node> {
        self.depth += 1;
        let within = self.depth <= DEEPEST;
        let node = within.then(|| self.part()).flatten();
        self.depth -= 1;
        node
    }

    fn part(&mut self) -> Option<Node> {
        match self.peek()? {
            '(' => {
                self.next();
                let inner = self.sum()?;
                (self.next() == Some(')')).then_some(inner)
            }
            '-' => {
                self.next();
                Some(Node::Negative(Box::new(self.factor()?)))
            }
            c if c.is_ascii_digit() => self
                .word(|c| c.is_ascii_digit() || c == '.' || c == '_')
                .replace('_', "")
                .parse()
                .ok()
                .map(Node::Number),
            c if c.is_ascii_alphabetic() || c == '_' => {
                Some(Node::Name(self.word(|c| c.is_ascii_alphanumeric() || c == '_')))
            }
            _ => None,
        }
    }

    fn word(&mut self, belongs: fn(char) -> bool) -> String {
        std::iter::from_fn(|| self.rest.next_if(|&c| belongs(c))).collect()
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Formula {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: f64) {
        let names = ["rows".to_owned(), "k".to_owned()];
        assert_eq!(text.parse::<Formula>().unwrap().value(&names, &[6, 4]), Ok(want), "{text}");
    }

    #[test]
    fn formulas_are_worked_out_as_at_school() {
        check("1_000", 1000.0);
        check(" rows*k ", 24.0);
        check("2 * rows + k / 2", 14.0);
        check("2 * (rows + k) / 5 - 1", 3.0);
        check("rows - k - 1", 1.0);
        check("-(k - rows) * -1.5", -3.0);
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        for text in
            ["", "2 *", "(rows", "rows)", "2 rows", "rows ^ 2", "1.2.3", &"(".repeat(100_000), &"-".repeat(100_000)]
        {
            assert!(text.parse::<Formula>().is_err(), "{}", &text[..text.len().min(20)]);
        }
    }

    #[test]
    fn a_name_that_is_no_dim_and_a_value_that_makes_no_sense_are_told() {
        let of = |text: &str| text.parse::<Formula>().unwrap();
        let names = ["rows".to_owned(), "k".to_owned()];
        assert_eq!(
            of("2 * rwos").value(&names, &[6, 4]).unwrap_err(),
            "`2 * rwos` has `rwos`, which is no dim: they are rows, k"
        );
        for text in ["k - rows", "rows / k", "1 / 0", "rows * 100_000_000_000_000_000_000"] {
            assert!(
                of(text).whole(1, &names, &[6, 4]).unwrap_err().contains("a whole number from 1 to 2^56"),
                "{text}"
            );
        }
        assert_eq!(of("rows - 6").whole(0, &names, &[6, 4]), Ok(0));
    }
}
