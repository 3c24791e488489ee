//! Connectivity traces: what is right, and where mistakes stand.

use proptest::prelude::*;

use crate::net::Conditions;
use crate::port::{Interface, Span};
use crate::scenario::Diagnostic;
use crate::scenario::connectivity::{MOST_ROWS, parse, text};
use crate::scenario::testing::{read, read_with};
use crate::settings::Share;

const HEADER: &str = "time,interface,latency,loss,state\n";
const HEAD: &str = "name = \"x\"\nduration = \"1h\"\n";

/// The only mistake in `text`: a part of its message, the underlined text, a part of its label.
#[track_caller]
fn mistake(text: &str, message: &str, underlined: &str, label: &str) {
    let mistakes = parse(text).unwrap_err();
    assert_eq!(mistakes.len(), 1, "{text}\n{mistakes:#?}");
    let found = &mistakes[0];
    assert!(found.message.contains(message), "{text}\n{found:#?}");
    assert_eq!(&text[found.span.clone()], underlined, "{text}\n{found:#?}");
    assert!(found.label.contains(label), "{text}\n{found:#?}");
}

#[track_caller]
fn in_rows(rows: &str, message: &str, underlined: &str, label: &str) {
    mistake(&format!("{HEADER}{rows}"), message, underlined, label);
}

#[test]
fn a_row_says_what_carries_traffic_from_its_time_on_and_empty_is_the_preset() {
    let text = format!("{HEADER}0s,wifi,,,\n90s,cellular,120ms,0.5%,up\n1m 45s,none,,,down\n");
    let rows = parse(&text).unwrap().read.rows;
    let at: Vec<Span> = rows.iter().map(|row| row.at.elapsed()).collect();
    assert_eq!(at, [Span::ZERO, Span::from_secs(90), Span::from_secs(105)]);
    let conditions: Vec<Conditions> = rows.iter().map(|row| row.conditions).collect();
    let plain = Conditions { interface: Interface::Wifi, latency: None, loss: None, down: false };
    let cellular = Conditions {
        interface: Interface::Cellular,
        latency: Some(Span::from_millis(120)),
        loss: Some(Share::from_ppm(5_000)),
        down: false,
    };
    let none = Conditions { interface: Interface::None, down: true, ..plain };
    assert_eq!(conditions, [plain, cellular, none]);
}

#[test]
fn columns_may_stand_in_any_order_and_blanks_comments_quotes_and_windows_are_no_matter() {
    let plain = format!("{HEADER}0s,wifi,20ms,,up\n");
    for text in [
        "interface,state,time,loss,latency\nwifi,up,0s,,20ms\n",
        "time, interface, latency, loss, state\n0s, wifi , 20ms, , up",
        "# made up\n\n# by hand\ntime,interface,latency,loss,state\n# home\n0s,wifi,20ms,,up\n\n",
        "\u{feff}time,interface,latency,loss,state\r\n0s,wifi,20ms,,up\r\n",
        "\"time\",\"interface\",\"latency\",\"loss\",\"state\"\n\"0s\",\"wifi\",\"20ms\",\"\",\"up\"\n",
    ] {
        assert_eq!(parse(text).map(|found| found.read), parse(&plain).map(|found| found.read));
    }
}

#[test]
fn a_column_that_is_unknown_missing_or_there_twice_is_named() {
    mistake(
        "time,interface,latncy,loss,state\n0s,wifi,,,up\n",
        "has no column `latncy`",
        "latncy",
        "did you mean `latency`?",
    );
    mistake(
        "time,interface,latency,loss,state,speed\n",
        "has no column `speed`",
        "speed",
        "unknown column",
    );
    mistake(
        "time,interface,latency,loss\n",
        "has no column `state`",
        "time,interface,latency,loss",
        "",
    );
    mistake("time,interface,latency,loss,state,time\n", "`time` is there twice", "time", "remove");
    mistake("0s,wifi,,,up\n", "does not begin with its columns", "0s,wifi,,,up", "no header");
    mistake(
        "time;interface;latency;loss;state\n",
        "its columns",
        "time;interface;latency;loss;state",
        "",
    );
}

#[test]
fn a_value_that_is_wrong_is_underlined_with_what_was_expected() {
    in_rows(
        "0s,wifi,,,up\n 5m,wiffi,,,up\n",
        "`wiffi` is not known",
        "wiffi",
        "did you mean `wifi`?",
    );
    in_rows("0s,ether,,,up\n", "`interface`", "ether", "none or wifi or cellular");
    in_rows("0s,wifi,20,,up\n", "`20` has no unit", "20", "expected: duration");
    in_rows("0s,wifi,,2,up\n", "`loss`", "2", "expected: share");
    in_rows("0s,wifi,,,dwn\n", "`dwn` is not known", "dwn", "did you mean `down`?");
    in_rows("-5s,wifi,,,up\n", "cannot be negative", "-5s", "duration");
    in_rows(",wifi,,,up\n", "says no `time`", ",wifi,,,up", "expected: duration");
    in_rows("0s,,,,up\n", "says no `interface`", "0s,,,,up", "none or wifi or cellular");
    // Quotes move the fields about: the row is underlined.
    in_rows("0s,\"wif\"\"i\",,,up\n", "is not known", "0s,\"wif\"\"i\",,,up", "");
}

#[test]
fn a_row_of_another_width_or_a_time_that_does_not_go_on_is_a_mistake() {
    in_rows("0s,wifi,,up\n", "has 4 fields, and the header has 5", "0s,wifi,,up", "too few");
    in_rows("0s,wifi,,,up,\n", "has 6 fields", "0s,wifi,,,up,", "too many");
    in_rows("5m,wifi,,,up\n5m,none,,,up\n", "goes from 5m to 5m", "5m", "later than 5m");
    in_rows("5m,wifi,,,up\n4m,none,,,up\n6m,wifi,,,up\n", "goes from 5m to 4m", "4m", "later");
    let text = format!("{HEADER}5m,wifi,,,up\n4m,none,,,up\n");
    let span = &parse(&text).unwrap_err()[0].span;
    assert_eq!(span.start, text.find("4m").unwrap(), "the one that goes back");
}

#[test]
fn a_trace_has_a_row_and_at_most_a_hundred_thousand() {
    mistake("", "is empty", "", "no header");
    mistake("# nothing\n", "is empty", "", "no header");
    mistake(HEADER, "has no rows", "", "no rows");
    let rows = |n: usize| {
        let rows: String = (0..n).map(|n| format!("{n}s,wifi,,,\n")).collect();
        format!("{HEADER}{rows}")
    };
    assert_eq!(parse(&rows(MOST_ROWS)).unwrap().read.rows.len(), MOST_ROWS);
    mistake(&rows(MOST_ROWS + 1), "more than 100,000 rows", "100000s,wifi,,,", "too many");
}

#[test]
fn of_one_file_ten_mistakes_are_reported() {
    let text = HEADER.to_owned() + &"nonsense,x,y,z,w\n".repeat(50);
    assert_eq!(parse(&text).unwrap_err().len(), 10);
    assert_eq!(parse(&"a,".repeat(1_000)).unwrap_err().len(), 1);
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_line() {
    let error = text("commute.csv", b"time\n0s,wi\xff".to_vec()).unwrap_err();
    assert!(error.contains("commute.csv is not UTF-8 text: line 2"), "{error}");
    let error = text("commute.csv", vec![b'\n'; 5 << 20]).unwrap_err();
    assert!(error.contains("too large"), "{error}");
}

#[test]
fn a_scenario_names_a_trace_and_so_does_set() {
    let scenario = read(&format!("{HEAD}[network]\ntrace = \"commute.csv\"")).unwrap();
    assert_eq!(scenario.network.trace.unwrap().rows.len(), 3);
    let scenario = read_with(HEAD, &[("network.trace", "commute.csv")]).unwrap();
    assert_eq!(scenario.network.trace.unwrap().rows.len(), 3);
    assert_eq!(read(HEAD).unwrap().network.trace, None);
}

#[test]
fn a_mistake_in_a_trace_stands_in_its_own_file() {
    let text = format!("{HEAD}[network]\ntrace = \"wrong.csv\"\n");
    for errors in [read(&text), read_with(HEAD, &[("network.trace", "wrong.csv")])] {
        let errors = errors.unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        let file = errors[0].file.as_ref().unwrap();
        assert_eq!(file.path, "wrong.csv");
        assert_eq!(&file.text[errors[0].span.clone()], "wiffi");
    }
}

#[test]
fn a_trace_that_cannot_be_read_is_a_mistake_where_it_is_named() {
    let text = format!("{HEAD}[network]\ntrace = \"nowhere.csv\"\n");
    let errors = read(&text).unwrap_err();
    assert_eq!(&text[errors[0].span.clone()], "\"nowhere.csv\"");
    let errors = read_with(HEAD, &[("network.trace", "nowhere.csv")]).unwrap_err();
    assert!(errors[0].message.starts_with("--set network.trace=nowhere.csv: "), "{errors:#?}");
}

#[test]
fn a_row_at_the_beginning_is_the_interface_of_the_beginning_and_may_not_contradict_it() {
    let network = |keys: &str| read(&format!("{HEAD}[network]\ntrace = \"commute.csv\"\n{keys}"));
    assert_eq!(network("use = \"lte-carrier\"").unwrap().network.initial, Interface::Wifi);
    assert_eq!(network("interface = \"wifi\"").unwrap().network.initial, Interface::Wifi);
    let errors = network("interface = \"none\"").unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].message.contains("begins on wifi, and `interface` is none"), "{errors:#?}");
    let file = errors[0].file.as_ref().unwrap();
    assert_eq!(&file.text[errors[0].span.clone()], "wifi");
}

fn sound(text: &str) {
    match parse(text) {
        Ok(found) => {
            assert!(!found.read.rows.is_empty());
            assert!(found.read.rows.is_sorted_by(|a, b| a.at < b.at));
            assert!(text.get(found.first).is_some());
        }
        Err(mistakes) => {
            assert!((1..=10).contains(&mistakes.len()));
            for Diagnostic { message, span, .. } in mistakes {
                assert!(text.get(span.clone()).is_some(), "{message} {span:?} in {text:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_bring_it_down(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(text) = text("x.csv", bytes) {
            sound(&text);
        }
    }

    #[test]
    fn no_text_brings_it_down(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "time,interface,latency,loss,state\n", "0s", "5m", ",", ",", "\"", "\"\"", "\n", "\r\n", "\r", "wifi", "none",
            "up", "down", "#", "é", "\u{feff}", " ", "20ms", "1%", "time", ";", "\0", "0s,wifi,,,up\n",
        ]), 0..40),
        header in any::<bool>(),
    ) {
        let text = if header { HEADER } else { "" }.to_owned() + &pieces.concat();
        sound(&text);
    }
}
