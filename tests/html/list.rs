//! The list of scenarios and the list of events.

use crate::browser::Tab;
use crate::tools::tests;
use crate::{QUIET, failing, page};

tests! {
    the_list_of_scenarios_is_filtered_by_verdict_and_text,
    a_scenario_has_an_address_of_its_own,
    events_are_filtered_and_lead_to_the_lanes,
    only_events_that_can_be_seen_are_elements,
}

const LEFT: &str =
    "[...document.querySelectorAll('#index li')].filter((row) => row.offsetHeight > 0).length";

fn two() -> crate::Page {
    page(&[("bad.toml", &failing()), ("good.toml", QUIET)], &[])
}

fn the_list_of_scenarios_is_filtered_by_verdict_and_text() {
    let page = two();
    let mut tab = Tab::open(&page.path, 1200, 900);
    assert_eq!(tab.number(LEFT), 2.0);
    tab.click("input[value=fail]");
    assert_eq!(tab.number(LEFT), 1.0);
    let row = tab.text("document.querySelector('#index li:not([hidden])').innerText");
    assert!(row.contains("fail") && row.contains("bad"), "{row}");
    tab.write("#filter-text", "good");
    assert_eq!(tab.number(LEFT), 0.0);
    assert!(tab.flag("!document.querySelector('#none-left').hidden"));
    tab.click("input[name=verdict]");
    assert_eq!(tab.number(LEFT), 1.0);
    assert_eq!(tab.text("document.querySelector('#filter-count').textContent"), "1 of 2");
}

fn a_scenario_has_an_address_of_its_own() {
    let page = two();
    let mut tab = Tab::open(&page.path, 1200, 900);
    assert!(tab.flag("document.querySelector('article.current') === null"));
    tab.click("#row-1");
    assert_eq!(tab.text("location.hash"), "#/good");
    assert_eq!(tab.text("document.querySelector('article.current').id"), "/good");
    assert_eq!(tab.number(LEFT), 0.0);
    tab.click("article.current .crumb a");
    assert_eq!(tab.number(LEFT), 2.0);
}

fn events_are_filtered_and_lead_to_the_lanes() {
    let page = page(&[("one.toml", QUIET)], &[]);
    let mut tab = Tab::open(&page.path, 1200, 900);
    tab.write(".events input[type=search]", "push-received push=late");
    // It filters when nobody has typed for a while.
    let rows = tab.number(
        "new Promise((done) => setTimeout(() => done(document.querySelectorAll('.row').length), 400))",
    );
    assert_eq!(rows, 1.0);
    let count = tab.text("document.querySelector('.count').textContent");
    assert!(count.starts_with("1 of "), "{count}");
    tab.click(".row");
    assert_eq!(tab.number("document.querySelectorAll('.chart .selected').length"), 1.0);
    assert_eq!(tab.number("document.querySelectorAll('.row[aria-selected=true]').length"), 1.0);
}

fn only_events_that_can_be_seen_are_elements() {
    let page = page(&[("one.toml", &QUIET.replace("2h", "48h"))], &[]);
    let mut tab = Tab::open(&page.path, 1200, 900);
    let story = "document.querySelector('.events .chip input')";
    assert!(tab.flag(&format!("{story}.checked")), "many events are told as a story at first");
    tab.value(&format!("{story}.click()"));
    tab.settle();
    let total = tab.number("Number(document.querySelector('.row').ariaSetSize)");
    assert!(total > 1_000.0, "{total}");
    assert!(tab.number("document.querySelectorAll('.row').length") < 60.0);
    tab.value("(() => { const list = document.querySelector('.scroll'); list.scrollTop = list.scrollHeight; })()");
    tab.settle();
    let last = "Math.max(...[...document.querySelectorAll('.row')].map((row) => Number(row.ariaPosInSet)))";
    assert_eq!(tab.number(last), total);
}
