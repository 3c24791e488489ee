//! What has to hold of any text that is taken for a scenario. The fuzz target calls this, and so does an ordinary
//! test with the bundled scenarios and texts near them.

use holdline::report::diagnostics::{draw, place, position};
use holdline::scenario::{
    Diagnostic, MOST_FILE_BYTES, Presets, decode_all, decode_linted, text_of,
};

/// Longer inputs find nothing that shorter ones do not.
const MOST_BYTES: usize = 64 << 10;
/// What the drawing is called by.
const PATH: &str = "s/case.toml";

/// Reads `input` as a scenario and the files beside it, separated by zero bytes: the scenario, then each file's path
/// in a line and what is in it.
///
/// # Panics
/// When something does not hold.
pub(crate) fn scenario(input: &[u8]) {
    let input = &input[..input.len().min(MOST_BYTES)];
    let mut parts = input.split(|byte| *byte == 0);
    let main = parts.next().unwrap_or_default().to_vec();
    let beside: Vec<(String, Vec<u8>)> = parts.filter_map(named).collect();
    let text = match text_of(main) {
        Ok(text) => text,
        Err(wrong) => return sound(&wrong.0, &wrong.1),
    };
    let files = |path: &str| -> Result<Vec<u8>, String> {
        let found = beside.iter().find(|(known, _)| known == path);
        let found = found.map(|(_, bytes)| bytes[..bytes.len().min(MOST_FILE_BYTES)].to_vec());
        found.ok_or_else(|| format!("{path}: there is no such file"))
    };
    let library = Presets { files };
    match decode_linted(&text, &library, &[]) {
        Ok((scenarios, lints)) => {
            assert!(!scenarios.is_empty(), "nothing was read, and nothing is wrong");
            lints.iter().for_each(|problem| sound(problem, &text));
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            problems.iter().for_each(|problem| sound(problem, &text));
            let again = decode_all(&text, &library, &[]).err();
            assert_eq!(again.as_ref(), Some(&problems), "the second time it is another");
        }
    }
}

/// A file's path, in the first line, and what is in it.
fn named(part: &[u8]) -> Option<(String, Vec<u8>)> {
    let end = part.iter().position(|byte| *byte == b'\n')?;
    let path = std::str::from_utf8(&part[..end]).ok()?;
    Some((path.to_owned(), part[end + 1..].to_vec()))
}

/// The mistake stands inside its text and can be drawn at any width, with or without colours.
fn sound(problem: &Diagnostic, text: &str) {
    let own = problem.file.as_ref().map_or(text, |file| file.text.as_str());
    assert!(own.get(problem.span.clone()).is_some(), "outside of its text: {problem:?}");
    assert!(!problem.message.is_empty() && !problem.see.is_empty(), "{problem:?}");
    // Nothing but this is left to say of a text that cannot be read: that is a hole in the decoder.
    assert!(!problem.message.contains("this scenario cannot be read"), "{problem:?}");
    let (line, column) = position(own, problem.span.start);
    assert!(line >= 1 && line <= own.matches('\n').count() + 1 && column >= 1);
    let spanned = problem.span != (0..0) || problem.file.is_some();
    for width in [0, 7, 60, 80, 200] {
        let drawn = draw(problem, PATH, text, width);
        let plain = anstream::adapter::strip_str(&drawn).to_string();
        assert!(!plain.contains('\u{1b}'), "colours are left: {plain:?}");
        // A path may be what is fuzzed: control characters in it are not drawn as they are.
        let path = place(problem, PATH);
        if spanned && path.chars().all(|c| c.is_ascii_graphic()) {
            assert!(plain.contains(&path), "{path} is not in\n{plain}");
        }
    }
}
