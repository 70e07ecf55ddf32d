//! Protocol buffers, as far as ONNX needs them: https://protobuf.dev/programming-guides/encoding/.

/// A message that is being written.
#[derive(Default)]
pub struct Message(Vec<u8>);

/// How what follows a field's number is encoded.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Bytes = 2,
    Fixed32 = 5,
}

impl Message {
    /// A field of an integer or an enumeration.
    pub fn int(mut self, field: u64, value: i64) -> Self {
        self.tag(field, Wire::Varint);
        self.varint(value as u64);
        self
    }

    /// A field of a float.
    pub fn float(mut self, field: u64, value: f32) -> Self {
        self.tag(field, Wire::Fixed32);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// A field of a text.
    pub fn text(mut self, field: u64, value: &str) -> Self {
        self.length(field, value.len());
        self.0.extend_from_slice(value.as_bytes());
        self
    }

    /// A field of floats as raw bytes, little-endian.
    pub fn floats(mut self, field: u64, values: &[f32]) -> Self {
        self.length(field, size_of_val(values));
        values.iter().for_each(|value| self.0.extend_from_slice(&value.to_le_bytes()));
        self
    }

    /// A field of a message.
    pub fn message(mut self, field: u64, message: Message) -> Self {
        self.length(field, message.0.len());
        self.0.extend_from_slice(&message.0);
        self
    }

    /// What has been written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn length(&mut self, field: u64, length: usize) {
        self.tag(field, Wire::Bytes);
        self.varint(length as u64);
        self.0.reserve(length);
    }

    fn tag(&mut self, field: u64, wire: Wire) {
        self.varint(field << 3 | wire as u64);
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: Message, bytes: &[u8]) {
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
        check(Message::default().floats(16, &[1.0]), &[0x82, 0x01, 4, 0, 0, 0x80, 0x3f]);
    }
}
