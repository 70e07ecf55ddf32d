//! Notes of one block: numbered as they appear, the same words once, printed right below.

/// The notes of one block.
#[derive(Default)]
pub struct Notes<'a> {
    texts: Vec<&'a str>,
}

impl<'a> Notes<'a> {
    /// The mark that stands behind the value: `¹`.
    pub fn mark(&mut self, note: &'a str) -> String {
        let known = self.texts.iter().position(|text| *text == note);
        let index = known.unwrap_or_else(|| {
            self.texts.push(note);
            self.texts.len() - 1
        });
        superscript(index + 1)
    }

    /// Marks and texts, in the order of their marks.
    pub fn all(&self) -> impl Iterator<Item = (String, &'a str)> {
        self.texts.iter().enumerate().map(|(index, text)| (superscript(index + 1), *text))
    }
}

fn superscript(number: usize) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    number.to_string().bytes().map(|digit| DIGITS[usize::from(digit - b'0')]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_notes_share_a_mark() {
        let mut notes = Notes::default();
        let marks = ["a", "b", "a"].map(|note| notes.mark(note));
        assert_eq!(marks, ["¹", "²", "¹"]);
        assert_eq!(notes.all().collect::<Vec<_>>(), [("¹".to_owned(), "a"), ("²".to_owned(), "b")]);
        assert_eq!(superscript(120), "¹²⁰");
    }
}
