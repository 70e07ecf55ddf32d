//! Protocol buffers, as far as ONNX needs them: <https://protobuf.dev/programming-guides/encoding/>.

use std::borrow::Cow;

/// A message that is being written. Floats are copied once, at the end: a model is of little else.
#[derive(Default)]
pub struct Message<'a> {
    parts: Vec<Part<'a>>,
    /// In bytes, of all parts.
    length: usize,
}

/// A stretch of a message.
enum Part<'a> {
    Bytes(Vec<u8>),
    Floats(Cow<'a, [f32]>),
}

/// How what follows a field's number is encoded.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Bytes = 2,
    Fixed32 = 5,
}

impl<'a> Message<'a> {
    /// A field of an integer or an enumeration.
    pub fn int(mut self, field: u64, value: i64) -> Self {
        self.tag(field, Wire::Varint);
        self.varint(value as u64);
        self
    }

    /// A field of a float.
    pub fn float(mut self, field: u64, value: f32) -> Self {
        self.tag(field, Wire::Fixed32);
        self.bytes(&value.to_le_bytes());
        self
    }

    /// A field of a text.
    pub fn text(mut self, field: u64, value: &str) -> Self {
        self.tag(field, Wire::Bytes);
        self.varint(value.len() as u64);
        self.bytes(value.as_bytes());
        self
    }

    /// A field of floats as raw bytes, little-endian.
    pub fn floats(mut self, field: u64, values: Cow<'a, [f32]>) -> Self {
        let length = size_of_val(&*values);
        self.tag(field, Wire::Bytes);
        self.varint(length as u64);
        self.parts.push(Part::Floats(values));
        self.length += length;
        self
    }

    /// A field of a message.
    pub fn message(mut self, field: u64, message: Message<'a>) -> Self {
        self.tag(field, Wire::Bytes);
        self.varint(message.length as u64);
        self.parts.extend(message.parts);
        self.length += message.length;
        self
    }

    /// What has been written.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.length);
        for part in self.parts {
            match part {
                Part::Bytes(bytes) => out.extend_from_slice(&bytes),
                Part::Floats(values) => {
                    let start = out.len();
                    out.resize(start + size_of_val(&*values), 0);
                    let places = out[start..].as_chunks_mut().0;
                    places.iter_mut().zip(&*values).for_each(|(place, value)| *place = value.to_le_bytes());
                }
            }
        }
        out
    }

    fn tag(&mut self, field: u64, wire: Wire) {
        self.varint(field << 3 | wire as u64);
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes(&[value as u8 | 0x80]);
            value >>= 7;
        }
        self.bytes(&[value as u8]);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        match self.parts.last_mut() {
            Some(Part::Bytes(last)) => last.extend_from_slice(bytes),
            _ => self.parts.push(Part::Bytes(bytes.to_vec())),
        }
        self.length += bytes.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: Message<'_>, bytes: &[u8]) {
        assert_eq!(message.into_bytes(), bytes);
    }

    /// The examples of protobuf's own description, and a number that needs all ten bytes.
    #[test]
    fn fields_are_encoded_as_described() {
        check(Message::default().int(1, 150), &[0x08, 0x96, 0x01]);
        check(Message::default().text(2, "testing"), b"\x12\x07testing");
        check(Message::default().message(3, Message::default().int(1, 150)), &[0x1a, 0x03, 0x08, 0x96, 0x01]);
        check(Message::default().int(1, -2), &[0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
        check(Message::default().float(2, 1.0), &[0x15, 0, 0, 0x80, 0x3f]);
        check(Message::default().floats(16, Cow::Borrowed(&[1.0])), &[0x82, 0x01, 4, 0, 0, 0x80, 0x3f]);
    }
}
