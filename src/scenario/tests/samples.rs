//! `empirical(FILE.csv)`: what is read from the file, and every mistake in it.

use crate::port::Span;
use crate::scenario::{Diagnostic, Override, Presets, Scenario, When, decode};
use crate::settings::{Samples, Setting};

const LATENCY: &str =
    "name = \"x\"\nduration = \"1h\"\n[network]\nset = { latency = \"empirical(x.csv)\" }\n";

/// Decodes `text` beside a file `x.csv` with these bytes.
fn beside(csv: &[u8], text: &str, set: &[Override]) -> Result<Scenario, Vec<Diagnostic>> {
    let files = |path: &str| match path {
        "x.csv" => Ok(csv.to_vec()),
        other => Err(format!("{other}: there is no such file")),
    };
    decode(text, &Presets { files }, set)
}

/// The bounds of the latency, which is `csv`.
fn bounds(csv: &str) -> (u64, Option<u64>) {
    let scenario = beside(csv.as_bytes(), LATENCY, &[]).unwrap_or_else(|e| panic!("{csv}: {e:#?}"));
    let latency = &scenario.network.wifi.values.latency;
    assert_eq!(latency.show(), "empirical(x.csv)");
    (latency.least().as_millis(), latency.most().map(|most| (most + Span::TICK).as_millis()))
}

/// The mistakes in the file: message and underlined text.
#[track_caller]
fn in_file(csv: &str) -> Vec<(String, String)> {
    let errors = beside(csv.as_bytes(), LATENCY, &[]).unwrap_err();
    let place = |error: Diagnostic| {
        let file = error.file.as_ref().unwrap_or_else(|| panic!("{error:#?}"));
        assert_eq!((file.path.as_str(), file.text.as_str()), ("x.csv", csv));
        (error.message.clone(), csv[error.span.clone()].to_owned())
    };
    errors.into_iter().map(place).collect()
}

#[track_caller]
fn only(csv: &str, message: &str, underlined: &str) {
    let found = in_file(csv);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].0.contains(message), "{found:#?}");
    assert_eq!(found[0].1, underlined);
}

/// The message of the only mistake, which is told where the file is named.
#[track_caller]
fn where_named(csv: &[u8], text: &str, message: &str) {
    let errors = beside(csv, text, &[]).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].message.contains(message) && errors[0].file.is_none(), "{errors:#?}");
    assert!(text[errors[0].span.clone()].starts_with("\"empirical("), "{errors:#?}");
}

#[test]
fn samples_stand_in_the_only_column_or_in_the_one_called_value() {
    for csv in [
        "ms\n20ms\n80ms\n",
        "value\r\n80ms\r\n\r\n20ms",
        "\u{feff}value\n20ms\n80ms\n",
        "when,value\n10:00,20ms\n10:01, 80ms\n",
        "value,note\n\"20ms\",\"a, b\"\n80ms,\"two\nlines\"\n",
    ] {
        assert_eq!(bounds(csv), (20, Some(80)), "{csv:?}");
    }
}

#[test]
fn a_bad_row_is_underlined_in_the_file() {
    only("value\n20ms\n12\n80ms\n", "`12` has no unit", "12");
    only("when,value\n10:00,20ms\n10:01,  8parsecs\n", "not a unit of time", "8parsecs");
    only("value\n20ms\n-5ms\n", "cannot be negative", "-5ms");
    only("when,value\n10:00,20ms\n10:01,\n", "cannot be empty", "10:01,");
    only("value\n20ms\n0,5s\n", "this row has 2 values, the header has 1 column", "0,5s");
    only("when,value\n10:00\n", "this row has 1 value, the header has 2 columns", "10:00");
    only("value\n\"20foos\"\n", "not a unit of time", "\"20foos\"");
    let open = format!("value\n\"20ms\n{}", "30ms\n".repeat(40));
    only(&open, "too long for a duration", "\"20ms");
}

#[test]
fn several_bad_rows_are_several_mistakes_up_to_ten() {
    let found = in_file("value\n1\n20ms\n2\n");
    assert_eq!(found.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(in_file(&format!("value\n{}", "7\n".repeat(500))).len(), 10);
}

#[test]
fn a_header_has_to_say_which_column_it_is() {
    only("when,latency\n10:00,20ms\n", "no column is called `value`", "when,latency");
    only("20ms\n80ms\n", "no header line", "20ms");
    only("10:00,20ms\n10:01,80ms\n", "no header line", "20ms");
}

#[test]
fn what_is_wrong_with_a_file_as_a_whole_is_told_where_it_is_named() {
    where_named(b"value\n20ms\n\xff\n", LATENCY, "x.csv: byte 12 is not UTF-8");
    where_named(b"", LATENCY, "x.csv: this file is empty; write a line `value`");
    where_named(b"\n\n", LATENCY, "this file is empty");
    where_named(b"value\n", LATENCY, "x.csv: 0 samples found; write 2 or more");
    where_named(b"value\n20ms\n", LATENCY, "x.csv: 1 sample found; write 2 or more");
    let many = "value\n".to_owned() + &"1s\n".repeat(Samples::MOST + 1);
    where_named(many.as_bytes(), LATENCY, "more than 100,000 samples");
    let missing = LATENCY.replace("x.csv", "y.csv");
    where_named(b"", &missing, "`latency`: y.csv: there is no such file");
    let step =
        "name = \"x\"\nduration = \"1h\"\n[[step]]\nat = \"empirical(y.csv)\"\ndo = \"user.lock\"";
    where_named(b"", step, "`at`: y.csv: there is no such file");
}

#[test]
fn a_file_that_is_named_twice_has_its_mistakes_once() {
    let twice = LATENCY.to_owned() + "[platform.set]\nsuspension.delay = \"empirical(x.csv)\"\n";
    let errors = beside(b"value\n1\n2\n", &twice, &[]).unwrap_err();
    assert_eq!(errors.len(), 2, "{errors:#?}");
}

#[test]
fn samples_can_be_set_from_outside() {
    let plain = "name = \"x\"\nduration = \"1h\"\n";
    let set = |value: &str| [Override::new("network.latency", value)];
    let scenario = beside(b"value\n20ms\n80ms\n", plain, &set("empirical(x.csv)")).unwrap();
    assert_eq!(scenario.network.wifi.values.latency.show(), "empirical(x.csv)");
    let errors = beside(b"value\n", plain, &set("empirical(x.csv)")).unwrap_err();
    assert!(
        errors[0].message.starts_with("--set network.latency=empirical(x.csv): x.csv: 0 samples")
    );
    let errors = beside(b"value\n1\n", plain, &set("empirical(x.csv)")).unwrap_err();
    assert_eq!(errors[0].file.as_ref().map(|file| file.path.as_str()), Some("x.csv"));
}

#[test]
fn a_key_that_does_not_vary_names_no_file() {
    let text =
        "name = \"x\"\nduration = \"1h\"\n[client.set]\nping.interval = \"empirical(x.csv)\"";
    let errors = beside(b"", text, &[]).unwrap_err();
    assert!(errors[0].label.contains("duration") && errors[0].file.is_none(), "{errors:#?}");
}

#[test]
fn steps_take_samples_too() {
    let text = "name = \"x\"\nduration = \"1h\"\n[[step]]\nat = \"empirical(x.csv)\"\ndo = \"app.hang\"\nlasts = \"empirical(x.csv)\"";
    let scenario = beside(b"value\n20s\n80s\n", text, &[]).unwrap();
    let When::At(at) = &scenario.steps[0].when else { panic!("{scenario:?}") };
    assert_eq!(at.show(), "empirical(x.csv)");
    assert_eq!(scenario.steps[0].lasts.as_ref(), Some(at));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        failure_persistence: None,
        ..proptest::prelude::ProptestConfig::default()
    })]

    #[test]
    fn no_file_is_too_much(csv in "([a-z0-9é\u{feff}]{0,3}[,;\"\r\n .-]{0,2}(1ms|value)?){0,12}") {
        if let Err(errors) = beside(csv.as_bytes(), LATENCY, &[]) {
            for error in errors {
                let text = error.file.as_ref().map_or(LATENCY, |file| file.text.as_str());
                proptest::prop_assert!(text.get(error.span.clone()).is_some(), "{:?}", error);
            }
        }
    }
}
