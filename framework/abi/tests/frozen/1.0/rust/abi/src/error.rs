//! What a call answers: a status, and for a failed one a message in a buffer of the host's.

/// Answer of every fallible call. C sees an `int32_t`.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub struct Status(pub i32);

#[allow(non_upper_case_globals)] // reads as the enum it would be if a foreign i32 could be trusted to be one
impl Status {
    /// Done.
    pub const Ok: Self = Self(0);
    /// The plugin does not do this shape, stride, type or variant; never an error of the run.
    pub const Unsupported: Self = Self(1);
    /// The arguments contradict themselves.
    pub const Invalid: Self = Self(2);
    /// Memory could not be had.
    pub const OutOfMemory: Self = Self(3);
    /// Anything else; the message says what.
    pub const Failed: Self = Self(4);
    /// The plugin's code panicked or threw, and its shim caught it.
    pub const Panicked: Self = Self(5);
}

/// A failed call's message. The host passes it in, the plugin writes, nobody frees.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Error {
    /// UTF-8, NUL-terminated, cut to fit.
    pub message: [u8; Self::CAPACITY],
}

impl Error {
    /// Bytes of a message, the final NUL included.
    pub const CAPACITY: usize = 256;

    /// No message.
    pub const EMPTY: Self = Self { message: [0; Self::CAPACITY] };

    /// Writes `text`, cut at a character boundary so that it fits with its NUL.
    pub fn set(&mut self, text: &str) {
        let mut end = text.len().min(Self::CAPACITY - 1);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.message = [0; Self::CAPACITY];
        self.message[..end].copy_from_slice(&text.as_bytes()[..end]);
    }

    /// The message up to its NUL; what is not UTF-8 is cut.
    pub fn text(&self) -> &str {
        let end = self.message.iter().position(|&byte| byte == 0).unwrap_or(Self::CAPACITY);
        match core::str::from_utf8(&self.message[..end]) {
            Ok(text) => text,
            Err(error) => core::str::from_utf8(&self.message[..error.valid_up_to()]).unwrap_or(""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, want: &str) {
        let mut error = Error::EMPTY;
        error.set(input);
        assert_eq!(error.text(), want);
    }

    #[test]
    fn messages_are_cut_at_a_character() {
        check("", "");
        check("rank 3 is not supported", "rank 3 is not supported");
        let long = ['a'; 254].iter().collect::<std::string::String>() + "é";
        check(&long, &long[..254]);
    }

    #[test]
    fn a_message_without_nul_or_in_no_encoding_still_reads() {
        let mut error = Error { message: [b'x'; Error::CAPACITY] };
        assert_eq!(error.text().len(), Error::CAPACITY);
        error.message[2] = 0xff;
        assert_eq!(error.text(), "xx");
    }

    extern crate std;
}
