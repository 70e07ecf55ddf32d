//! A drawing as SVG elements, escaped, in tenths of a pixel.

use std::fmt::Write;

use super::colour::{self, Theme};
use super::shape::Shape;
use crate::document::Subject;
use crate::escape;

/// A drawing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Svg {
    size: [f64; 2],
    body: String,
    /// On a page, marks lead to their cases.
    has_links: bool,
}

impl Svg {
    /// An empty one, for a page.
    pub fn on_page() -> Self {
        Self { has_links: true, ..Self::default() }
    }

    /// How wide and how high it is, in pixels.
    pub fn size(&mut self, size: [f64; 2]) {
        self.size = size;
    }

    /// Words, set by the class.
    pub fn text(&mut self, [x, y]: [f64; 2], class: &str, words: &str) {
        let _ =
            write!(self.body, "<text x=\"{}\" y=\"{}\" class=\"{class}\">{}</text>", n(x), n(y), escape::html(words));
    }

    /// Many words of one class.
    pub fn texts(&mut self, class: &str, texts: impl Iterator<Item = ([f64; 2], String)>) {
        let _ = write!(self.body, "<g class=\"{class}\">");
        for ([x, y], words) in texts {
            let _ = write!(self.body, "<text x=\"{}\" y=\"{}\">{}</text>", n(x), n(y), escape::html(&words));
        }
        self.body.push_str("</g>");
    }

    /// A line through points.
    pub fn line(&mut self, points: &[[f64; 2]], class: &str) {
        let _ = write!(self.body, "<path class=\"{class}\" d=\"");
        for (index, [x, y]) in points.iter().enumerate() {
            let _ = write!(self.body, "{}{} {}", if index == 0 { 'M' } else { 'L' }, n(*x), n(*y));
        }
        self.body.push_str("\"/>");
    }

    /// Rows of short upright lines of one class, each row from left to right at its height.
    pub fn ticks(&mut self, rows: &[(Vec<f64>, f64)], height: f64, class: &str) {
        let _ = write!(self.body, "<path class=\"{class}\" d=\"");
        for (places, y) in rows {
            // From one to the next in tenths that have been rounded already, so that errors do not add up.
            let places: Vec<f64> = places.iter().map(|x| (10.0 * x).round() / 10.0).collect();
            let Some(first) = places.first() else { continue };
            let _ = write!(self.body, "M{} {}v{}", n(*first), n(*y), n(height));
            for pair in places.windows(2).filter(|pair| pair[0] < pair[1]) {
                let _ = write!(self.body, "m{} {}v{}", n(pair[1] - pair[0]), n(-height), n(height));
            }
        }
        self.body.push_str("\"/>");
    }

    /// Many lines of one class, each between two points, as one element.
    pub fn lines(&mut self, lines: &[[[f64; 2]; 2]], class: &str) {
        let _ = write!(self.body, "<path class=\"{class}\" d=\"");
        for [[x1, y1], [x2, y2]] in lines {
            let _ = write!(self.body, "M{} {}L{} {}", n(*x1), n(*y1), n(*x2), n(*y2));
        }
        self.body.push_str("\"/>");
    }

    /// Many rectangles of one class, each by its corner and its size, as one element.
    pub fn boxes(&mut self, boxes: &[[[f64; 2]; 2]], class: &str) {
        if boxes.is_empty() {
            return;
        }
        let _ = write!(self.body, "<path class=\"{class}\" d=\"");
        for [[x, y], [width, height]] in boxes {
            let _ = write!(self.body, "M{} {}h{}v{}h{}z", n(*x), n(*y), n(*width), n(*height), n(-*width));
        }
        self.body.push_str("\"/>");
    }

    /// A rectangle by its corner and its size.
    pub fn rect(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], class: &str) {
        let [x, y, width, height] = [x, y, width, height].map(n);
        let _ =
            write!(self.body, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" class=\"{class}\"/>");
    }

    /// A shape round a point.
    pub fn dot(&mut self, [x, y]: [f64; 2], shape: Shape) {
        let _ = write!(self.body, "<path class=\"dot\" d=\"M{} {}{}\"/>", n(x), n(y), shape.path());
    }

    /// What belongs together, as of one backend: filters go by it.
    pub fn group(&mut self, class: &str, backend: &str, draw: impl FnOnce(&mut Self)) {
        let _ = write!(self.body, "<g{}", if_any(class));
        if self.has_links {
            let _ = write!(self.body, " data-b=\"{}\"", escape::html(backend));
        }
        self.body.push('>');
        draw(self);
        self.body.push_str("</g>");
    }

    /// What belongs together and can be pointed at: `says` is shown beside the pointer and read out, and on a page it leads to
    /// its case, if it is about one.
    pub fn mark(&mut self, class: &str, says: &str, subject: Option<&Subject>, draw: impl FnOnce(&mut Self)) {
        let (element, attributes) = match subject {
            Some(subject) if self.has_links => ("a", format!(" href=\"#{}\"", escape::anchor(&subject.case))),
            None if self.has_links => ("g", " tabindex=\"0\" role=\"img\"".to_owned()),
            _ => ("g", String::new()),
        };
        let (class, says) = (if_any(class), escape::html(says));
        let _ = write!(self.body, "<{element}{class}{attributes}><title>{says}</title>");
        draw(self);
        let _ = write!(self.body, "</{element}>");
    }

    /// The element, inside a page that says what its classes look like.
    pub fn element(&self, label: &str) -> String {
        self.whole(label, "group", "", &self.body)
    }

    /// A file of its own, with so much paper around it.
    pub fn file(&self, label: &str, margin: f64, theme: Theme) -> String {
        let css = colour::literal_css(theme).replace('\n', "");
        let head = format!("<style>{css}</style><rect width=\"100%\" height=\"100%\" class=\"paper\"/>");
        let place = n(margin);
        let framed = Self {
            size: self.size.map(|side| side + 2.0 * margin),
            body: format!("<g transform=\"translate({place} {place})\">{}</g>", self.body),
            has_links: false,
        };
        framed.whole(label, "img", &head, &framed.body) + "\n"
    }

    fn whole(&self, label: &str, role: &str, head: &str, body: &str) -> String {
        let ([width, height], label) = (self.size.map(n), escape::html(label));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"{role}\" aria-label=\"{label}\">{head}{body}</svg>"
        )
    }

    /// Puts another drawing below.
    pub fn below(&mut self, other: &Self, gap: f64) {
        let top = if self.size[1] > 0.0 { self.size[1] + gap } else { 0.0 };
        let _ = write!(self.body, "<g transform=\"translate(0 {})\">{}</g>", n(top), other.body);
        self.size = [self.size[0].max(other.size[0]), top + other.size[1]];
    }
}

/// The attribute of a class that is one.
fn if_any(class: &str) -> String {
    if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") }
}

/// In tenths, and whole where it is.
fn n(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!([0.0, -0.01, 12.0, 3.123, 0.96].map(n), ["0", "0", "12", "3.1", "1"]);
    }

    #[test]
    fn nothing_of_a_stranger_gets_in() {
        let mut svg = Svg::on_page();
        let subject = Subject { case: "\"><script>".to_owned(), ..Subject::default() };
        svg.mark("good", "</title><script>\u{202e}", Some(&subject), |svg| svg.text([0.0, 0.0], "name", "a<b&c"));
        let element = svg.element("x\"y");
        assert!(!element.contains("<script") && !element.contains('\u{202e}') && element.contains("a&lt;b&amp;c"));
    }
}
