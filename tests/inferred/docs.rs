//! What docs/device-results.md says of events and metrics is what the judge goes by.

use std::fmt::Write;
use std::path::Path;

use holdline::device::host::knowable::{of_event, of_metric};
use holdline::metrics::Metric;
use holdline::trace::What;

/// Both tables as they have to be in the page.
fn tables() -> String {
    let mut text = String::from("| event | how it is known on a phone |\n| --- | --- |\n");
    for row in What::TABLE {
        let _ = writeln!(text, "| `{}` | {} |", row.name, of_event(row));
    }
    text.push_str("\n| metric | how it is known on a phone |\n| --- | --- |\n");
    for metric in Metric::ALL {
        let _ = writeln!(text, "| `{metric}` | {} |", of_metric(*metric));
    }
    text
}

#[test]
fn the_page_says_of_every_event_and_metric_how_it_is_known() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/device-results.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- tables: begin -->\n", "<!-- tables: end -->");
    let (head, rest) = page.split_once(begin).unwrap();
    let (_, tail) = rest.split_once(end).unwrap();
    let wanted = format!("{head}{begin}{}{end}{tail}", tables());
    if std::env::var_os("HOLDLINE_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(written == wanted, "run `HOLDLINE_UPDATE_DOCS=1 cargo test --test inferred`");
}
