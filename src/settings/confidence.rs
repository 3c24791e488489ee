//! The letters that say how far a value can be trusted.

/// What a letter of confidence means.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Confidence {
    /// The letter.
    pub letter: &'static str,
    /// In a word or three.
    pub short: &'static str,
    /// In a sentence.
    pub meaning: &'static str,
}

/// Every letter that a preset may give as the confidence of a value. Platforms and networks come
/// from two surveys with letters of their own, which share this table.
pub const CONFIDENCES: &[Confidence] = &[
    confidence(
        "A",
        "Apple's documents",
        "Apple documents it: a reference page, a technical note or Q&A, a header comment; older pages partly as quoted elsewhere",
    ),
    confidence(
        "K",
        "Apple's kernel source",
        "read in Apple's published kernel source (XNU): exact, for the part that the kernel does",
    ),
    confidence("E", "Apple's engineers", "an Apple engineer on the developer forums"),
    confidence(
        "L",
        "system log",
        "printed in a real system log or crash report: the system itself states it",
    ),
    confidence(
        "C",
        "others' code",
        "shipping code of others, or its commit messages: what authors relied on, not what the system guarantees",
    ),
    confidence("W", "several reports", "several independent reports or measurements"),
    confidence(
        "F",
        "one report",
        "one report, an article, or the questions and answers this project started from",
    ),
    confidence("I", "inferred", "follows from other rows, or from the absence of reports"),
    confidence(
        "R",
        "recalled",
        "recalled from a publication that was not read again: older Apple material that was not found, or a paper of which only the first page was at hand",
    ),
    confidence(
        "T",
        "a default to turn",
        "nobody documents it: a default to turn, chosen with the reason given",
    ),
    confidence(
        "H",
        "primary source",
        "read in a primary source: source code, raw data, a vendor's document, the text of the measurement itself",
    ),
    confidence(
        "M",
        "secondary source",
        "read, but only in a secondary source, an abstract or a partial copy",
    ),
    confidence(
        "D",
        "derived",
        "derived here from sources of letter H, by arithmetic or by running published code again",
    ),
];

const fn confidence(
    letter: &'static str,
    short: &'static str,
    meaning: &'static str,
) -> Confidence {
    Confidence { letter, short, meaning }
}
