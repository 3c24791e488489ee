//! What days in a life were like, in sentences: the verdict of `holdline try`.

use std::fmt::Write;

use super::human;
use super::paragraph::paragraph;
use super::style::{BAD, FAINT, GOOD, HEADING, UNSURE, paint};
use crate::metrics::{Delays, Metric, Totals};
use crate::platform::covered_by;
use crate::port::Span;
use crate::scenario::{Override, Scenario};
use crate::settings::Share;
use crate::study::{
    Advice, Choice, ENOUGH_FOR_P99, Outage, Quantile, Refused, Trial, clock, most_first, quantile,
};

/// At least this, in millionths, is drawn as good.
const GOOD_SHARE: u32 = 990_000;
/// Less than this is drawn as bad.
const BAD_SHARE: u32 = 900_000;
/// What less of the time out of reach was spent in, in millionths, is not worth a word.
const LEAST_PART: u32 = 5_000;
/// So many pieces of advice are shown.
const MOST_ADVICE: usize = 3;

/// The verdict on the days of `scenario`, which `choice` asked for, in paragraphs of at most `width` columns.
pub fn days(
    choice: &Choice,
    scenario: &Scenario,
    trial: &Trial,
    advice: &[Advice],
    width: usize,
) -> String {
    let mut out = String::new();
    let share = trial.reachable();
    let style = match share {
        GOOD_SHARE.. => GOOD,
        BAD_SHARE..GOOD_SHARE => UNSURE,
        0..BAD_SHARE => BAD,
    };
    let head = format!("reachable {} ", human::share(Share::from_ppm(share)));
    let painted = paint(style, &head);
    paragraph(&mut out, (&painted, head.chars().count()), 2, &with(choice, scenario), width);
    out.push('\n');
    for (title, sentence) in sentences(scenario, trial) {
        let head = format!("  {} ", paint(HEADING, &format!("{title:<10}")));
        paragraph(&mut out, (&head, 13), 13, &sentence, width);
    }
    out.push('\n');
    out.push_str(&to_change(trial, advice, width));
    out
}

/// Keys whose values stand in the first sentence in any case.
const TOLD: [&str; 4] = ["platform.use", "client.use", "app.sdk", "server.heartbeat.interval"];

/// The iOS version as it was asked for, and whose rules stand for it where it has no profile of its own.
fn platform(choice: &Choice, scenario: &Scenario) -> String {
    let profile = &scenario.platform.name;
    match covered_by(choice.platform()) {
        Some(_) => format!("{}, by the rules of {profile}", choice.platform()),
        None => profile.clone(),
    }
}

/// Who it was about.
fn with(choice: &Choice, scenario: &Scenario) -> String {
    let Scenario { manifest, network, client, server, .. } = scenario;
    let sdk = manifest.sdk.map_or("unknown SDK".to_owned(), |sdk| format!("SDK {sdk}"));
    let heartbeat = match server.values.heartbeat_interval {
        Some(interval) => format!("server heartbeats every {}", human::span(interval)),
        None => "no server heartbeats".to_owned(),
    };
    let set: Vec<Override> =
        choice.set_last().filter(|over| !TOLD.contains(&over.key.as_str())).cloned().collect();
    let set = if set.is_empty() { String::new() } else { format!(", {}", options(&set)) };
    format!(
        "of {}, with `{}` on {} (linked with {sdk}), {} and {}, {heartbeat}, seed {}{set}",
        human::span(scenario.duration),
        client.name,
        platform(choice, scenario),
        network.wifi.name,
        network.cellular.name,
        scenario.seed
    )
}

/// What there is to say, each under a short title.
pub fn sentences(scenario: &Scenario, trial: &Trial) -> Vec<(&'static str, String)> {
    let totals = &trial.outcome.totals;
    let mut list = vec![("pushes", pushes(trial))];
    list.push(("worst", worst(trial, scenario.deadline)));
    if let Some(spent) = spent(trial) {
        list.push(("why", spent));
    }
    list.push(("noticed", noticed(totals)));
    list.push(("killed", killed(trial)));
    if let Some(refused) = refused(trial) {
        list.push(("refused", refused));
    }
    list.push(("cost", cost(scenario, trial)));
    list
}

/// How the pushes went.
fn pushes(trial: &Trial) -> String {
    let mut delays = trial.tally.delays.clone();
    delays.sort_unstable();
    let unread = trial.tally.unread;
    let all = delays.len() as u64 + unread;
    let read = match (all, unread) {
        (0, _) => return "None was sent.".into(),
        (1, 1) => return "The only one that was sent was never read.".into(),
        (all, unread) if all == unread => {
            return format!("None of the {} that were sent was ever read.", human::count(all));
        }
        (all, 0) => format!("All {all} were read"),
        (all, unread) => format!("{} of {all} were read", all - unread),
    };
    let within = |percent| match quantile(&delays, unread, percent) {
        Quantile::Within(span) => Some(format!("{percent} % within {}", human::span(span))),
        Quantile::Never | Quantile::NoPushes => None,
    };
    let few = match all < ENOUGH_FOR_P99 {
        true => " Of so few, the slowest stands for the 99 %.",
        false => "",
    };
    match (within(50), within(99)) {
        (Some(half), Some(most)) => format!("{read}: {half}, {most}.{few}"),
        (Some(half), None) => format!("{read}: {half}, the rest later or never."),
        (None, _) => format!("{read}; more than half never were."),
    }
}

/// The worst outage, with its cause.
fn worst(trial: &Trial, deadline: Span) -> String {
    match trial.tally.worst {
        None => format!("Never out of reach for longer than {}.", human::span(deadline)),
        Some(Outage { from, lasted, blame }) => format!(
            "Out of reach for {} from {}: {} ({}).",
            human::span(lasted),
            clock(from),
            blame.words(),
            blame.rule()
        ),
    }
}

/// What all unreachable time was spent in, if there is more than the worst outage to say.
fn spent(trial: &Trial) -> Option<String> {
    let blames = most_first(&trial.tally.blames);
    let (first, _) = blames.first()?;
    let all: u64 = blames.iter().map(|(_, span)| span.as_micros()).sum();
    // Several causes can have one rule.
    let mut rules: Vec<(String, u64)> = Vec::new();
    for (blame, span) in &blames {
        let rule = blame.rule();
        match rules.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, us)) => *us += span.as_micros(),
            None => rules.push((rule, span.as_micros())),
        }
    }
    rules.sort_by_key(|(_, us)| std::cmp::Reverse(*us));
    let parts: Vec<_> = rules
        .into_iter()
        .map(|(rule, us)| (rule, Share::of(us, all)))
        .filter(|(_, share)| share.ppm() >= LEAST_PART)
        .take(3)
        .map(|(rule, share)| format!("{} {rule}", human::share(share)))
        .collect();
    let whole = human::span(Span::from_micros(all));
    Some(format!("Of {whole} out of reach: {}. Mostly {}.", parts.join(", "), first.words()))
}

/// How soon each side noticed dead connections.
fn noticed(totals: &Totals) -> String {
    let side = |delays: &Delays, missed: u64| {
        let all = delays.count + missed;
        let Some(mean) = delays.mean() else {
            return (all > 0).then(|| format!("none of {all} dead connections"));
        };
        if all == 1 {
            return Some(format!("its one dead connection after {}", human::span(delays.max)));
        }
        Some(format!(
            "{} of {} within {}, {} on average",
            delays.count,
            human::plural(all, "dead connection"),
            human::span(delays.max),
            human::span(mean)
        ))
    };
    let phone = side(&totals.client, totals.missed);
    let server = side(&totals.server, 0);
    match (phone, server) {
        (None, None) => "No connection died unnoticed.".into(),
        (Some(phone), None) => format!("The phone noticed {phone}."),
        (None, Some(server)) => format!("The server noticed {server}."),
        (Some(phone), Some(server)) => {
            format!("The phone noticed {phone}; the server {server}.")
        }
    }
}

fn killed(trial: &Trial) -> String {
    let kills: Vec<_> = trial
        .tally
        .kills
        .iter()
        .map(|((rule, code), n)| format!("{} by {rule} ({code})", human::times(*n)))
        .collect();
    match kills[..] {
        [] => "iOS never ended the app.".into(),
        [..] => format!("iOS ended the app {}.", kills.join(", ")),
    }
}

/// What was refused to the app.
fn refused(trial: &Trial) -> Option<String> {
    let one = |(refused, n): (&Refused, &u64)| {
        let what = match refused {
            Refused::KeepAlive(_) => "The keep-alive handler was not installed",
            Refused::VoipTag(_) => "The VoIP service type had no effect",
        };
        format!("{what} {} ({}).", human::times(*n), refused.rule())
    };
    let all: Vec<_> = trial.tally.refused.iter().map(one).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// Tenths of a wake an hour, rounded to the nearest.
pub fn wakes_an_hour(trial: &Trial, duration: Span) -> u64 {
    let wakes = u128::from(trial.outcome.totals.count(Metric::Wakes)) * 36_000_000_000;
    let whole = u128::from(duration.as_micros().max(1));
    ((wakes + whole / 2) / whole) as u64
}

fn cost(scenario: &Scenario, trial: &Trial) -> String {
    let tenths = wakes_an_hour(trial, scenario.duration);
    let share = trial.outcome.totals.share(Metric::BatteryPerDay);
    let battery = share.map(human::share).unwrap_or_default();
    format!("{}.{} wakes an hour, {battery} of the battery a day.", tenths / 10, tenths % 10)
}

/// A change as options: `--set key=value`.
pub fn options(change: &[Override]) -> String {
    let one = |over: &Override| format!("--set {}={}", over.key, over.value.replace(' ', ""));
    change.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// What to change, where a change was found that helps: so much that the share reads otherwise.
fn to_change(trial: &Trial, advice: &[Advice], width: usize) -> String {
    let mut out = String::new();
    let said = |trial: &Trial| human::share(Share::from_ppm(trial.reachable()));
    let now = said(trial);
    let helps = |advice: &&Advice| said(&advice.trial) != now;
    let advice: Vec<&Advice> = advice.iter().filter(helps).take(MOST_ADVICE).collect();
    if advice.is_empty() {
        let share = trial.reachable();
        let text = match share {
            GOOD_SHARE.. => "None of the changes that were tried makes it any better.",
            0..GOOD_SHARE => {
                "None of the changes to client and server that were tried makes it better here. \
                 `holdline check` says which other ways an app has on this iOS."
            }
        };
        paragraph(&mut out, ("", 0), 0, text, width);
        return out;
    }
    paragraph(&mut out, ("", 0), 0, "The same days with one change, played again:", width);
    for Advice { change, trial } in &advice {
        let _ = writeln!(out, "  {:>7}  {}", said(trial), options(change));
    }
    let sdk = |advice: &&Advice| advice.change.iter().any(|over| over.key == "app.sdk");
    if advice.iter().any(sdk) {
        let text = "No store takes a new build with an old SDK: `holdline check` says which other \
                    ways an app has on this iOS.";
        let head = paint(FAINT, "           ");
        paragraph(&mut out, (&head, 11), 11, text, width);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Presets, decode};
    use crate::study::trial;

    fn played(choice: &Choice) -> (Scenario, Trial) {
        let scenario = decode(&choice.text(), &Presets::built_in(), &[]).unwrap();
        let trial = trial(&scenario, false);
        (scenario, trial)
    }

    fn said(choice: &Choice) -> String {
        let (scenario, trial) = played(choice);
        sentences(&scenario, &trial).into_iter().map(|(_, text)| text + "\n").collect()
    }

    #[test]
    fn each_side_is_told_by_how_soon_it_noticed() {
        let delays = |count, seconds: u64| Delays {
            count,
            sum: Span::from_secs(seconds * count),
            max: Span::from_secs(seconds),
        };
        let mut totals = Totals::default();
        assert_eq!(noticed(&totals), "No connection died unnoticed.");
        totals.client = delays(1, 492);
        totals.server = delays(2, 9);
        assert_eq!(
            noticed(&totals),
            "The phone noticed its one dead connection after 8 m 12 s; the server 2 of 2 dead \
             connections within 9 s, 9 s on average."
        );
        totals.client = delays(0, 0);
        totals.missed = 3;
        assert!(noticed(&totals).starts_with("The phone noticed none of 3 dead connections;"));
    }

    #[test]
    fn what_ended_the_app_is_told_by_rule_and_code() {
        let heartbeat = Some(Span::from_secs(15));
        let text = said(&Choice { heartbeat, days: 1, ..Choice::default() });
        assert!(text.contains("times by wake-limit (0xbad22222)."), "{text}");
        assert!(text.contains("it was woken too often (kill wake-limit)."), "{text}");
    }

    #[test]
    fn what_was_refused_is_said() {
        let platform = "ios-10".to_owned();
        let text = said(&Choice { platform, days: 1, ..Choice::default() });
        assert!(text.contains("The keep-alive handler was not installed"), "{text}");
        assert!(text.contains("(voip-tag-ignored sdk-gate)."), "{text}");
    }

    #[test]
    fn advice_is_told_as_options_and_never_leaves_one_with_an_old_sdk_alone() {
        let choice = Choice { platform: "ios-10".into(), days: 1, ..Choice::default() };
        let (_, bad) = played(&choice);
        let (_, good) = played(&Choice { days: 1, ..Choice::default() });
        let change = vec![Override::new("app.sdk", "9"), Override::new("client.x.y", "9m 8s")];
        let mut advice = [Advice { change, trial: good }];
        let text = to_change(&bad, &advice, 80);
        assert!(text.contains("--set app.sdk=9 --set client.x.y=9m8s\n"), "{text}");
        assert!(text.contains("holdline check"), "{text}");
        assert!(to_change(&bad, &[], 80).contains("None of the changes"));
        advice[0].trial = bad.clone();
        let text = to_change(&bad, &advice, 80);
        assert!(text.contains("None of the changes"), "what reads the same is no help: {text}");
    }

    #[test]
    fn the_first_sentence_says_what_was_set_and_whose_rules_stand_for_the_version() {
        let sets = ["client.push.work=1s", "client.push.work=2s", "app.sdk=9"];
        let over = |text: &str| {
            let (key, value) = text.split_once('=').unwrap();
            Override::new(key, value)
        };
        let sets = sets.map(over).to_vec();
        let choice = Choice { sets, platform: "ios-14".into(), days: 1, ..Choice::default() };
        let (scenario, _) = played(&choice);
        let text = with(&choice, &scenario);
        let named = "`default` on ios-14, by the rules of ios-13 (linked with SDK 9)";
        assert!(text.contains(named), "{text}");
        assert!(text.ends_with("seed 1, --set client.push.work=2s"), "{text}");
        let plain = Choice { days: 1, ..Choice::default() };
        assert!(with(&plain, &played(&plain).0).contains("on ios-9 (linked"));
    }

    #[test]
    fn pushes_that_nobody_read_are_told_in_a_plain_sentence() {
        let (_, mut trial) = played(&Choice { days: 1, ..Choice::default() });
        (trial.tally.delays, trial.tally.unread) = (Vec::new(), 121);
        assert_eq!(pushes(&trial), "None of the 121 that were sent was ever read.");
        trial.tally.delays = vec![Span::from_secs(1); 4];
        assert_eq!(pushes(&trial), "4 of 125 were read; more than half never were.");
        trial.tally.unread = 1;
        assert_eq!(pushes(&trial), "4 of 5 were read: 50 % within 1 s, the rest later or never.");
    }

    #[test]
    fn time_is_summed_by_rule_and_what_is_next_to_nothing_is_left_out() {
        use crate::study::Blame;
        use crate::trace::Refusal;
        let (_, mut trial) = played(&Choice { days: 1, ..Choice::default() });
        let gate = Some(Refusal::SdkGate);
        trial.tally.blames = [
            (Blame::Reclaimed(gate), Span::from_secs(600)),
            (Blame::NotWoken(gate), Span::from_secs(399)),
            (Blame::Busy, Span::from_secs(1)),
        ]
        .into();
        let text = spent(&trial).unwrap();
        assert!(text.contains("reach: 99.9 % voip-tag-ignored sdk-gate. Mostly"), "{text}");
    }
}
