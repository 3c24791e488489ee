//! What the kinds of values say of themselves is what is read.

use jsonschema::Validator;
use proptest::prelude::*;
use proptest::strategy::Strategy as _;

use crate::client::Strategy;
use crate::metrics::{Metric, Unit, Value as Bound};
use crate::net::Access;
use crate::platform::Profile;
use crate::scenario::schema::of;
use crate::scenario::values::{
    ClockStep, Devices, ExitCode, Line, MetricName, Positive, Runs, Seed, Text, Version, Word,
};
use crate::server::ServerOptions;
use crate::settings::{
    DURATION, ENERGY, Form, Key, Kind, SHARE, Scalar, Setting, Settings, scalar,
};
use crate::trace::Pattern;
use toml::de::DeValue;

/// A type: its kind, its schema, and whether it reads a value.
struct Type {
    name: String,
    kind: Kind,
    schema: Validator,
    reads: Box<dyn Fn(&Scalar) -> bool>,
}

fn typed(name: &str, kind: Kind, reads: impl Fn(&Scalar) -> bool + 'static) -> Type {
    let schema = jsonschema::draft7::new(&of(&kind)).unwrap();
    Type { name: name.to_owned(), kind, schema, reads: Box::new(reads) }
}

fn own<T: Setting + 'static>(name: &str) -> Type {
    typed(name, T::KIND, |value| T::read(value).is_ok())
}

/// One of the keys of presets for each kind that they have.
fn of_presets<S: Settings + 'static>(all: &mut Vec<Type>) {
    for key in S::KEYS {
        let Key { name, kind, .. } = *key;
        if all.iter().all(|known| known.kind != kind) {
            all.push(typed(name, kind, move |value| S::default().set(name, value).is_ok()));
        }
    }
}

fn bound(name: &str, unit: Unit, form: &'static [Form]) -> Type {
    let kind = Kind::of("bound", "", form);
    typed(name, kind, move |value| Bound::read(unit, value).is_ok())
}

/// Every type of the language that has one value.
fn types() -> Vec<Type> {
    let mut all = vec![
        own::<Text>("text"),
        own::<Line>("line"),
        own::<Word>("word"),
        own::<Seed>("seed"),
        own::<Version>("version"),
        own::<Devices>("devices"),
        own::<Runs>("runs"),
        own::<Positive>("positive"),
        own::<ExitCode>("exit code"),
        own::<ClockStep>("clock step"),
        own::<MetricName>("metric"),
        own::<Pattern>("pattern"),
        bound("span", Unit::Duration, &[Form::Text(DURATION)]),
        bound("share", Unit::Share, &[Form::Text(SHARE)]),
        bound("energy", Unit::Energy, &[Form::Text(ENERGY)]),
    ];
    of_presets::<Profile>(&mut all);
    of_presets::<Access>(&mut all);
    of_presets::<Strategy>(&mut all);
    of_presets::<ServerOptions>(&mut all);
    all
}

fn json(value: &Scalar) -> serde_json::Value {
    match value {
        Scalar::Text(text) => text.as_str().into(),
        Scalar::Integer(number) => (*number).into(),
        Scalar::Float(number) => (*number).into(),
        Scalar::Bool(yes) => (*yes).into(),
        Scalar::Samples(_) | Scalar::Other(_) => serde_json::Value::Null,
    }
}

/// Pieces that values are made of, and some that spoil them.
const PIECES: &[&str] = &[
    "0",
    "1",
    "7",
    "00",
    "99",
    "100",
    "4294967296",
    ".",
    "_",
    " ",
    "\t",
    "\n",
    "us",
    "ms",
    "s",
    "m",
    "h",
    "d",
    "%",
    "+",
    "-",
    "J",
    "mJ",
    "never",
    "none",
    "uniform(",
    "lognormal(",
    "uniform (",
    ",",
    ", ",
    ")",
    "10s",
    "1.5h",
    "250ms",
    "kill",
    "reachable",
    " code=",
    "0xbad22222",
    "device=1",
    "sec",
    "x",
    "é",
    "\u{7f}",
    "0s",
    "0.5%",
    "wifi",
];

fn texts() -> impl proptest::strategy::Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(PIECES), 0..7).prop_map(|list| list.concat())
}

fn scalars() -> impl proptest::strategy::Strategy<Value = Scalar> {
    prop_oneof![
        8 => texts().prop_map(Scalar::Text),
        1 => any::<i64>().prop_map(Scalar::Integer),
        1 => (-3i64..1_000_002).prop_map(Scalar::Integer),
        1 => any::<bool>().prop_map(Scalar::Bool),
        1 => (0.1f64..0.9).prop_map(Scalar::Float),
    ]
}

#[test]
fn whatever_is_refused_by_the_schema_of_a_kind_cannot_be_read() {
    let types = types();
    proptest!(ProptestConfig::with_cases(3_000), |(value in scalars())| {
        for kind in &types {
            let read = (kind.reads)(&value);
            let fits = kind.schema.is_valid(&json(&value));
            prop_assert!(fits || !read, "{}: {value:?} is read", kind.name);
        }
    });
}

/// Of these a schema can tell exactly which can be read; of others it cannot: a number may be too large.
const EXACT: &[&str] =
    &["text", "line", "word", "seed", "version", "devices", "runs", "exit code", "metric", "share"];

#[test]
fn whatever_fits_the_schema_of_a_simple_kind_can_be_read() {
    let types = types();
    proptest!(ProptestConfig::with_cases(3_000), |(value in scalars())| {
        for kind in types.iter().filter(|kind| EXACT.contains(&kind.name.as_str())) {
            let fits = kind.schema.is_valid(&json(&value));
            prop_assert!(!fits || (kind.reads)(&value), "{}: {value:?} is not read", kind.name);
        }
    });
}

/// Durations of a few small numbers are never too long or too fine.
#[test]
fn whatever_looks_like_a_duration_of_seconds_can_be_read() {
    let types = types();
    const PARTS: &[&str] = &["1", "0", "07", "_", ".5", "s", "m", "h", "d", " ", "ms", "-", "x"];
    let texts = proptest::collection::vec(proptest::sample::select(PARTS), 0..6);
    proptest!(ProptestConfig::with_cases(3_000), |(list in texts)| {
        let value = Scalar::Text(list.concat());
        for kind in types.iter().filter(|kind| ["span", "positive"].contains(&kind.name.as_str())) {
            let fits = kind.schema.is_valid(&json(&value));
            prop_assert_eq!(fits, (kind.reads)(&value), "{}: {:?}", kind.name, value);
        }
    });
}

#[test]
fn every_example_of_a_kind_is_read_and_fits_its_schema() {
    for kind in types().iter().filter(|kind| kind.kind.name != "bound") {
        let example = kind.kind.example();
        let value = scalar(DeValue::parse(&example).unwrap().get_ref());
        assert!((kind.reads)(&value), "{}: {example}", kind.name);
        assert!(kind.schema.is_valid(&json(&value)), "{}: {example}", kind.name);
        assert!(!kind.kind.choices.is_empty() || !kind.kind.forms.is_empty(), "{}", kind.name);
    }
    assert!(Metric::TABLE.iter().all(|row| types().iter().any(|kind| match row.unit {
        Unit::Count => kind.name == "seed",
        Unit::Duration => kind.name == "span",
        Unit::Share => kind.name == "share",
        Unit::Energy => kind.name == "energy",
    })));
}

#[test]
fn a_number_with_a_unit_says_so() {
    fn numbers<S: Settings>() -> Vec<(&'static str, &'static str)> {
        let number = |key: &&Key| key.kind.forms == u32::KIND.forms;
        S::KEYS.iter().filter(number).map(|key| (key.name, key.kind.unit)).collect()
    }
    let platform = numbers::<Profile>();
    assert!(platform.contains(&("power.cpu-awake", "mW")), "{platform:?}");
    assert!(platform.contains(&("battery.capacity", "J")), "{platform:?}");
    let network = numbers::<Access>();
    assert_eq!(network, [("radio.promotion-power", "mW"), ("radio.tail-power", "mW")]);
    // What is left counts things.
    assert!(numbers::<ServerOptions>().iter().all(|(_, unit)| unit.is_empty()));
}
