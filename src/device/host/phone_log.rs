//! The phone's log as it comes over the control channel: a line at a time, in order, none twice.

use super::PhoneLine;

/// What is there of the log.
#[derive(Clone, Default, Debug)]
pub(super) struct Coming {
    text: Vec<u8>,
    /// From here on it was asked for, and nothing came yet.
    asked: Option<u64>,
    /// Whether the answer to the last question was complete.
    complete: bool,
}

/// What a part of a log brought.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Brought {
    /// New events, in order.
    pub(super) lines: Vec<PhoneLine>,
    /// From where on the agent has to be asked, if something is missing.
    pub(super) ask: Option<u64>,
}

impl Coming {
    /// How much is there, in bytes.
    pub(super) fn len(&self) -> u64 {
        self.text.len() as u64
    }

    /// What is there.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.text
    }

    /// Whether everything is there that the agent had when it was asked last.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// The agent is asked for what is missing from here on.
    pub(super) fn ask(&mut self) -> u64 {
        (self.asked, self.complete) = (Some(self.len()), false);
        self.len()
    }

    /// A question that was not answered will not be: the connection is gone.
    pub(super) fn lost(&mut self) {
        self.asked = None;
    }

    /// A line, which stands at this place of the log.
    pub(super) fn line(&mut self, at: u64, line: &str) -> Brought {
        let mut whole = line.as_bytes().to_vec();
        whole.push(b'\n');
        self.part(at, &whole)
    }

    /// The answer to a question.
    pub(super) fn answer(&mut self, from: u64, text: &str, end: bool) -> Brought {
        self.asked = None;
        let brought = self.part(from, text.as_bytes());
        self.complete = end && brought.ask.is_none();
        // Whoever sent a part sends the others by itself.
        brought
    }

    fn part(&mut self, at: u64, bytes: &[u8]) -> Brought {
        let there = self.len();
        if at > there {
            let ask = (self.asked != Some(there)).then(|| self.ask());
            return Brought { lines: Vec::new(), ask };
        }
        // What is there already is not taken twice.
        let known = usize::try_from(there - at).unwrap_or(usize::MAX);
        let Some(new) = bytes.get(known..) else { return Brought::default() };
        self.text.extend_from_slice(new);
        let lines = new.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        // The first line of a log is no event, and what cannot be read is told when all of it is read.
        Brought { lines: lines.filter_map(|line| PhoneLine::read(line).ok()).collect(), ask: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"t":5,"device":1,"lane":"os","event":"booted"}"#;

    #[test]
    fn a_line_is_taken_once_and_in_its_place() {
        let mut log = Coming::default();
        assert_eq!(log.line(0, "header").lines.len(), 0);
        assert_eq!(log.line(7, LINE).lines.len(), 1);
        assert_eq!(log.line(7, LINE), Brought::default(), "it came before");
        assert_eq!(log.len() as usize, 7 + LINE.len() + 1);
    }

    #[test]
    fn what_is_missing_is_asked_for_once() {
        let mut log = Coming::default();
        assert_eq!(log.line(7, LINE).ask, Some(0));
        assert_eq!(log.line(99, LINE).ask, None, "it was asked for already");
        let brought = log.answer(0, &format!("header\n{LINE}\n"), true);
        assert_eq!((brought.lines.len(), log.is_complete()), (1, true));
        let mut lost = Coming::default();
        assert_eq!(lost.line(7, LINE).ask, Some(0));
        lost.lost();
        assert_eq!(lost.line(7, LINE).ask, Some(0), "nobody will answer the first question");
    }

    #[test]
    fn an_answer_that_overlaps_brings_only_what_is_new() {
        let mut log = Coming::default();
        log.line(0, "header");
        let brought = log.answer(0, &format!("header\n{LINE}\n"), false);
        assert_eq!((brought.lines.len(), log.is_complete()), (1, false));
        assert_eq!(log.bytes(), format!("header\n{LINE}\n").as_bytes());
    }
}
