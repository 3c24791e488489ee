//! Bytes in any pieces into lines.

/// The longest line that is taken by default, in bytes without its end.
pub const MOST_LINE: usize = 4_096;

/// Why what came is no message.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// The line is longer than allowed.
    TooLong,
    /// It is not UTF-8, or has control characters.
    NotText,
    /// It is none of the messages; what is wrong.
    Syntax(&'static str),
}

impl Wrong {
    /// The reason on the wire.
    pub const fn reason(self) -> &'static str {
        match self {
            Wrong::TooLong => "too-long",
            Wrong::NotText | Wrong::Syntax(_) => "syntax",
        }
    }

    /// A sentence for people.
    pub const fn text(self) -> &'static str {
        match self {
            Wrong::TooLong => "the line is too long",
            Wrong::NotText => "a line is UTF-8 without control characters",
            Wrong::Syntax(what) => what,
        }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

impl std::error::Error for Wrong {}

/// The beginning of a line that has not ended yet. Nothing is held, and nothing allocated, between lines.
#[derive(Clone, Default, Debug)]
pub struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// Takes `bytes` and gives each line that they complete to `each`, without its end, which is LF or CR LF. A line
    /// of more than `most` bytes is given as [`Wrong::TooLong`] as soon as it is too long, and ends the connection:
    /// nothing behind it is looked at. `each` answers whether to go on.
    ///
    /// Answers how many bytes were looked at: all of them, unless `each` said to stop.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        most: usize,
        mut each: impl FnMut(Result<&str, Wrong>) -> bool,
    ) -> usize {
        let mut from = 0;
        while let Some(length) = bytes[from..].iter().position(|byte| *byte == b'\n') {
            let piece = &bytes[from..from + length];
            from += length + 1;
            let goes_on = if self.rest.is_empty() {
                each(line(piece, most))
            } else {
                let mut whole = std::mem::take(&mut self.rest);
                whole.extend_from_slice(piece);
                each(line(&whole, most))
            };
            if !goes_on {
                return from;
            }
        }
        let rest = &bytes[from..];
        // A CR may still be part of the end.
        if self.rest.len() + rest.len() > most + 1 {
            self.rest = Vec::new();
            each(Err(Wrong::TooLong));
            return from;
        }
        if !rest.is_empty() {
            self.rest.extend_from_slice(rest);
        }
        bytes.len()
    }

    /// Whether a line has begun.
    pub fn has_begun(&self) -> bool {
        !self.rest.is_empty()
    }
}

/// A line of these bytes.
pub(super) fn line(bytes: &[u8], most: usize) -> Result<&str, Wrong> {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    if bytes.len() > most {
        return Err(Wrong::TooLong);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Wrong::NotText)?;
    if text.chars().any(char::is_control) { Err(Wrong::NotText) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fed(pieces: &[&[u8]], most: usize) -> Vec<Result<String, Wrong>> {
        let (mut lines, mut found) = (Lines::default(), Vec::new());
        for piece in pieces {
            let mut stopped = false;
            lines.feed(piece, most, |line| {
                stopped = line == Err(Wrong::TooLong);
                found.push(line.map(str::to_owned));
                !stopped
            });
            if stopped {
                break;
            }
        }
        found
    }

    #[test]
    fn a_line_ends_with_lf_or_cr_lf_and_waits_for_its_end() {
        let lines = fed(&[b"PI", b"NG 1\r\nPONG", b" 2\n", b"AC"], 100);
        assert_eq!(lines, [Ok("PING 1".to_owned()), Ok("PONG 2".to_owned())]);
    }

    #[test]
    fn a_line_that_is_too_long_is_refused_before_it_ends_and_holds_nothing() {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        lines.feed(b"0123456789abcdef", 10, |line| {
            found.push(line.map(str::to_owned));
            false
        });
        assert_eq!(found, [Err(Wrong::TooLong)]);
        assert!(!lines.has_begun());
        assert_eq!(fed(&[b"0123456789\r\n"], 10), [Ok("0123456789".to_owned())]);
    }

    proptest! {
        #[test]
        fn bytes_in_any_pieces_give_the_lines_that_they_give_whole(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..200),
            cuts in proptest::collection::vec(0usize..200, 0..20),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
            prop_assert_eq!(fed(&pieces, 40), fed(&[&bytes], 40));
        }
    }
}
