//! The text of an error, put together without an allocation when it is short.

use core::fmt;

/// What most messages fit into.
const SHORT: usize = 192;

/// A text that is written to.
pub(super) struct Message {
    short: [u8; SHORT],
    len: usize,
    /// The whole text, once it is longer.
    long: String,
}

impl Message {
    /// What `value` says.
    pub(super) fn of(value: &impl fmt::Display) -> Self {
        let mut message = Self {
            short: [0; SHORT],
            len: 0,
            long: String::new(),
        };
        // A `Display` that fails leaves what it has written so far.
        let _ = fmt::Write::write_fmt(&mut message, format_args!("{value}"));
        message
    }

    /// The text, which is UTF-8.
    pub(super) fn as_bytes(&self) -> &[u8] {
        if self.long.is_empty() {
            &self.short[..self.len]
        } else {
            self.long.as_bytes()
        }
    }
}

impl fmt::Write for Message {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        match self.short.get_mut(self.len..end) {
            Some(room) if self.long.is_empty() => {
                room.copy_from_slice(text.as_bytes());
                self.len = end;
            }
            _ => {
                if self.long.is_empty() {
                    // What is there was written in whole texts.
                    self.long.push_str(
                        core::str::from_utf8(&self.short[..self.len]).map_err(|_| fmt::Error)?,
                    );
                }
                self.long.push_str(text);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_texts_are_whole() {
        for len in [0, 1, SHORT - 1, SHORT, SHORT + 1, 10 * SHORT] {
            let text = "ä".repeat(len / 2) + &"x".repeat(len % 2);
            let (first, second) = text.split_at(text.len() / 4 * 2);
            let message = Message::of(&format_args!("{first}{second}{}", "end"));
            assert_eq!(message.as_bytes(), format!("{text}end").as_bytes());
        }
    }
}
