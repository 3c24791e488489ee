//! What tools say when they fail, and what helps.

use serde_json::Value;

use super::call::Ran;
use super::json::{at, clean, text};

/// Text that failures are known by, in small letters, and what helps. The first that fits counts. Where the texts
/// were seen is in tests/fixtures/device/README.md.
const KNOWN: &[(&str, &str)] = &[
    (
        "could not be, unlocked",
        "unlock the phone and try again; Settings, Display & Brightness, Auto-Lock keeps it so",
    ),
    (
        "maximum number of installed apps using a free developer profile",
        "a free account may have only so many apps on a phone: delete another one",
    ),
    (
        "fbsopenapplicationerrordomain error 3",
        "the phone does not trust the signature: Settings, General, VPN & Device Management; \
         if it did before, the profile has expired, and the app has to be signed anew",
    ),
    (
        "valid provisioning profile for this executable was not found",
        "the profile does not list this phone, or has expired",
    ),
    (
        "applicationverificationfailed",
        "the phone does not accept the signature: `holdline device doctor` looks at identity and \
         profile",
    ),
    (
        "developer mode is disabled",
        "on the phone: Settings, Privacy & Security, Developer Mode, then restart it",
    ),
    (
        "developer disk image could not be mounted",
        "unlock the phone, and let Xcode prepare it once: Window, Devices and Simulators",
    ),
    ("no devices are booted", "boot one: `xcrun simctl boot ID`"),
    ("current state: shutdown", "boot it: `xcrun simctl boot ID`"),
    (
        "unable to find utility",
        "the command line tools alone are selected: install Xcode, then \
         `sudo xcode-select -s /Applications/Xcode.app`",
    ),
    ("license agreement", "`sudo xcodebuild -license accept`"),
    ("nsposixerrordomain error 3", "there is no such process: it has ended"),
];

/// What a failed program said, in one line, and what is known to help.
pub(super) fn read(ran: &Ran) -> (String, Option<String>) {
    let answer = ran.answer.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok());
    let said = answer.as_ref().and_then(told).unwrap_or_else(|| {
        let stderr = last_words(&ran.stderr);
        if stderr.is_empty() { last_words(&ran.stdout) } else { stderr }
    });
    let everything = format!(
        "{said}\n{}\n{}",
        String::from_utf8_lossy(&ran.stderr),
        String::from_utf8_lossy(&ran.stdout)
    )
    .to_lowercase();
    let help = KNOWN.iter().find(|(seen, _)| everything.contains(seen));
    (said, help.map(|(_, help)| (*help).to_owned()))
}

/// Whether a failure is that the phone is locked.
pub(super) fn is_locked(ran: &Ran) -> bool {
    read(ran).1.as_deref() == Some(KNOWN[0].1)
}

/// The error in an answer of `devicectl`: the innermost description, then each domain with its code.
pub(super) fn told(answer: &Value) -> Option<String> {
    let mut error = answer.get("error").filter(|error| error.is_object())?;
    let (mut description, mut chain) = (None, Vec::new());
    // The JSON is bounded in depth by its parser, so this ends.
    loop {
        if let (Some(domain), Some(code)) = (text(error, &["domain"]), error.get("code")) {
            chain.push(format!("{domain} error {code}"));
        }
        let info = error.get("userInfo");
        for key in ["NSLocalizedDescription", "NSLocalizedFailureReason"] {
            let said = info.and_then(|info| info.get(key));
            let said = said.and_then(|said| said.as_str().or_else(|| text(said, &["string"])));
            if let Some(said) = said {
                description = Some(said);
                break;
            }
        }
        match at(error, &["userInfo", "NSUnderlyingError", "error"]) {
            Some(inner) if inner.is_object() => error = inner,
            Some(_) | None => break,
        }
    }
    let chain = chain.join(", ");
    let told = match description {
        Some(said) if chain.is_empty() => said.to_owned(),
        Some(said) => format!("{said} ({chain})"),
        None => chain,
    };
    Some(clean(&told)).filter(|told| !told.is_empty())
}

/// The last lines of an output that say something, as one.
fn last_words(output: &[u8]) -> String {
    const LINES: usize = 3;
    let text = String::from_utf8_lossy(output);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    clean(&lines[lines.len().saturating_sub(LINES)..].join(" / "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_the_standard_error_are_what_it_said() {
        let ran = Ran::failed(1, "a\n\nb\nc\n \u{1b}[1md\n");
        assert_eq!(read(&ran), ("b / c /  [1md".into(), None));
        let silent = Ran { stdout: b"only this\n".to_vec(), ..Ran::failed(1, "") };
        assert_eq!(read(&silent).0, "only this");
    }

    #[test]
    fn a_shut_down_simulator_is_known_and_told_how_to_boot() {
        let ran = Ran::failed(149, "Unable to lookup in current state: Shutdown");
        assert!(read(&ran).1.is_some_and(|help| help.contains("simctl boot")));
    }

    #[test]
    fn every_text_that_failures_are_known_by_is_in_small_letters() {
        for (seen, _) in KNOWN {
            assert_eq!(*seen, seen.to_lowercase());
        }
    }
}
