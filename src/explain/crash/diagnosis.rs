//! What a report means: which rule ended the app, or that none did.

use serde::Serialize;

use super::reproduce::Reproduce;
use super::{Report, ReportError, ReportKind, read_report, spelled};
use crate::explain::Explainer;
use crate::explain::facts::{Code, Facts, Sign, numbers};
use crate::explain::keys::on_platform;
use crate::explain::topic::{Row, Topic};
use crate::platform::{IosRange, covering_major};
use crate::port::words;
use crate::trace::KillRule;

words! {
    /// What a report turns out to be about.
    pub enum Finding {
        /// A rule of this model ended the app.
        Rule = "rule",
        /// The system ended the app, with a code that is known; which rule it was is not said, or is not in
        /// this model.
        Code = "code",
        /// The system ended the app, with a code that is not known here.
        UnknownCode = "unknown-code",
        /// The system ended the app and the report does not say why.
        Unsaid = "unsaid",
        /// The app crashed by itself.
        OwnCrash = "own-crash",
    }
}

/// What a report says and what that means.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Diagnosis {
    /// What the report says.
    pub report: Report,
    /// What it is about.
    #[serde(serialize_with = "spelled")]
    pub finding: Finding,
    /// The same in a sentence.
    pub sentence: String,
    /// The line of the report that decides, as it is printed.
    pub line: String,
    /// What else is to be said about that line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The profile of the report's system; absent when it is no iOS that is known.
    pub platform: Option<&'static str>,
    /// The rule or the code, with the values of that platform alone where it is known.
    pub topic: Option<Topic>,
    /// Whether the app is started again.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub relaunch: String,
    /// How to see it happen.
    pub reproduce: Option<Reproduce>,
    /// Why it cannot be seen, when it cannot.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub not_reproduced: String,
}

/// The code and the rule that a report tells of, and the line that does.
#[derive(Default)]
pub(super) struct Told<'a> {
    /// The code, if it is one that is known.
    pub code: Option<&'a Code>,
    /// The rule, where there is only one.
    pub rule: Option<KillRule>,
    line: String,
    note: String,
}

impl Explainer {
    /// Reads a report and says what it means.
    ///
    /// # Errors
    /// [`ReportError`] when it cannot be read, or tells of no ended app.
    pub fn diagnose(&self, bytes: &[u8]) -> Result<Diagnosis, ReportError> {
        let report = read_report(bytes)?;
        let told = told(&report, &self.facts);
        if report.kind == ReportKind::Log && told.code.is_none() {
            let problem =
                "this is no crash report, and no line of it tells of an app that was ended";
            return Err(ReportError::new("", problem));
        }
        let platform = report.ios().and_then(covering_major);
        let name = platform.map(|(name, _)| name);
        let finding = finding(&report, &told);
        let mut topic = match (told.rule, told.code) {
            (Some(rule), _) => Some(self.rule(rule)),
            (None, code) => code.map(|code| self.code(code)),
        };
        if let (Some(topic), Some(name)) = (&mut topic, name) {
            for key in &mut topic.keys {
                key.values.retain(|row| row.presets.contains(&name));
            }
        }
        let (reproduce, not_reproduced) = self.reproduce(finding, &told, name);
        Ok(Diagnosis {
            sentence: sentence(finding, &report, &told),
            relaunch: self.relaunch(finding, &told, platform),
            note: note(finding, &told),
            line: told.line,
            platform: name,
            topic,
            reproduce,
            not_reproduced,
            finding,
            report,
        })
    }

    /// Whether the system of the report starts such an app again, by which key.
    fn relaunch(
        &self,
        finding: Finding,
        told: &Told<'_>,
        platform: Option<(&'static str, IosRange)>,
    ) -> String {
        let key = match (finding, told.rule) {
            (Finding::OwnCrash, _) => "platform.relaunch.on-nonzero-exit",
            (_, Some(rule)) => self.facts.rule(rule.as_str()).map_or("", |rule| &rule.relaunch),
            (Finding::Rule | Finding::Code | Finding::UnknownCode | Finding::Unsaid, None) => "",
        };
        let Some((name, range)) = platform else { return String::new() };
        let Some(Row { value, source, .. }) = on_platform(key, name) else { return String::new() };
        let key = key.strip_prefix("platform.").unwrap_or(key);
        let because = format!("{key} = {value}; {}", source.trust);
        match value.as_str() {
            "true" => format!(
                "On {range} an app with the `voip` background mode is then launched again, in \
                 background ({because}). Its connection and its keep-alive handler are gone and have \
                 to be made anew; any other app waits for the user."
            ),
            _ => format!(
                "On {range} the app is then not launched again until the user opens it ({because})."
            ),
        }
    }
}

/// What the report tells by its texts, and else by its codes.
fn told<'a>(report: &Report, facts: &'a Facts) -> Told<'a> {
    if let [first, ..] = report.victims.as_slice() {
        let code = facts.code("jetsam");
        let line = format!("{}: {}", first.name, first.reason);
        return Told { code, rule: Some(KillRule::Memory), line, note: String::new() };
    }
    // A log speaks of many things: there one line has to say it all.
    let texts: Vec<Vec<&str>> = match report.kind {
        ReportKind::Log => report.reasons.iter().map(|line| vec![line.as_str()]).collect(),
        ReportKind::Crash | ReportKind::Memory | ReportKind::Resource => {
            vec![report.reasons.iter().map(String::as_str).collect()]
        }
    };
    for lines in texts {
        let joined = lines.join("\n").to_lowercase();
        let fits = |sign: &&Sign| sign.all.iter().all(|text| joined.contains(text));
        if let Some(sign) = facts.signs.iter().find(fits) {
            let decides = |line: &&str| {
                sign.all.first().is_some_and(|text| line.to_lowercase().contains(text))
            };
            let line = deciding(&lines, lines.iter().position(decides));
            return Told {
                code: facts.code(&sign.code),
                rule: sign.rule.as_deref().and_then(KillRule::parse),
                line,
                note: sign.note.clone(),
            };
        }
    }
    let printed = report.reasons.iter().flat_map(|line| line.split([' ', ':', ',', '>']));
    let printed = printed.filter(|word| word.starts_with("0x")).flat_map(numbers);
    let mut all =
        report.code.into_iter().chain(report.exception_codes.iter().copied()).chain(printed);
    let known =
        all.find_map(|number| facts.codes.iter().find(|code| code.number() == Some(number)));
    let rule = match known.map(|code| code.rules.as_slice()) {
        Some([one]) => KillRule::parse(one),
        Some(_) | None => None,
    };
    let line = match (known, report.reasons.first()) {
        (Some(_), Some(first)) => first.clone(),
        (Some(code), None) => format!("{} {}", report.exception, code.name).trim().to_owned(),
        (None, Some(first)) if !report.ended_by_signal() => first.clone(),
        (None, _) => report.exception.clone(),
    };
    Told { code: known, rule, line, note: String::new() }
}

/// The line at `place`; one that announces more, as a list of assertions, with the first of it.
fn deciding(lines: &[&str], place: Option<usize>) -> String {
    let Some((first, rest)) = place.and_then(|place| lines.get(place..)?.split_first()) else {
        return String::new();
    };
    let brackets = |line: &&&str| line.chars().all(|c| "{}()".contains(c));
    match rest.iter().find(|line| !brackets(line)).filter(|_| first.ends_with(':')) {
        Some(more) => format!("{first} {more}"),
        None => (*first).to_owned(),
    }
}

fn finding(report: &Report, told: &Told<'_>) -> Finding {
    match (told.rule, told.code, report.code) {
        (Some(_), ..) => Finding::Rule,
        (None, Some(_), _) => Finding::Code,
        (None, None, Some(_)) if !report.ended_by_signal() => Finding::UnknownCode,
        (None, None, _) if report.exception.contains("SIGKILL") => Finding::Unsaid,
        (None, None, _) if report.exception.is_empty() => Finding::Unsaid,
        (None, None, _) => Finding::OwnCrash,
    }
}

fn note(finding: Finding, told: &Told<'_>) -> String {
    match finding {
        Finding::OwnCrash => "Look at the thread that crashed, with symbols. For the user it matters what \
                              comes next: who is told that the app is gone, and whether it comes back."
            .to_owned(),
        Finding::Unsaid => "A JetsamEvent or the system log of that time may say more.".to_owned(),
        Finding::Rule | Finding::Code | Finding::UnknownCode => told.note.clone(),
    }
}

fn sentence(finding: Finding, report: &Report, told: &Told<'_>) -> String {
    let title = told.code.map_or("", |code| code.title.as_str());
    match (finding, told.code, told.rule) {
        (Finding::Rule, Some(code), Some(rule)) => {
            format!("The system ended the app by the rule {rule} ({}).", code.name)
        }
        (Finding::Rule | Finding::Code, Some(code), _) => {
            format!("The system ended the app ({}): {title}.", code.name)
        }
        (Finding::UnknownCode, ..) => format!(
            "{} ended the app with the code 0x{:x}, which is none that is known here.",
            report.namespace,
            report.code.unwrap_or_default()
        ),
        (Finding::OwnCrash, ..) => {
            "The app crashed by itself: none of the system's rules for background apps ended it."
                .to_owned()
        }
        (Finding::Rule | Finding::Code | Finding::Unsaid, ..) => {
            "Something ended the app from outside, and the report does not say why.".to_owned()
        }
    }
}
