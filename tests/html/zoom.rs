//! The lanes: zooming, moving, and what leads to and from them.

use serde_json::json;

use crate::browser::Tab;
use crate::tools::tests;
use crate::{Page, QUIET, failing, page};

tests! {
    the_wheel_zooms_where_the_pointer_is,
    keys_zoom_and_move,
    a_drag_shows_the_range_that_was_drawn,
    buttons_zoom_and_say_what_is_in_view,
    an_expectation_leads_to_its_moment_in_lanes_and_list,
    what_is_under_the_pointer_is_told,
}

const HOURS: f64 = 7_200e6;

fn opened(text: &str) -> (Page, Tab) {
    let page = page(&[("one.toml", text)], &[]);
    let tab = Tab::open(&page.path, 1200, 900);
    (page, tab)
}

/// What is in view, in microseconds.
fn view(tab: &mut Tab) -> (f64, f64) {
    let of = |name: &str| format!("Number(document.querySelector('.chart').dataset.{name})");
    (tab.number(&of("from")), tab.number(&of("to")))
}

fn the_wheel_zooms_where_the_pointer_is() {
    let (_page, mut tab) = opened(QUIET);
    assert_eq!(view(&mut tab), (0.0, HOURS));
    let (x, y) = tab.middle(".chart");
    tab.mouse("mouseWheel", x, y, &json!({ "deltaX": 0, "deltaY": -240 }));
    tab.settle();
    let (from, to) = view(&mut tab);
    assert!(from > 0.0 && to < HOURS && to - from < HOURS * 0.6, "{from} to {to}");
    // Back out, no farther than the whole run.
    for _ in 0..3 {
        tab.mouse("mouseWheel", x, y, &json!({ "deltaX": 0, "deltaY": 240 }));
        tab.settle();
    }
    assert_eq!(view(&mut tab), (0.0, HOURS));
}

fn keys_zoom_and_move() {
    let (_page, mut tab) = opened(QUIET);
    tab.value("document.querySelector('.chart').focus()");
    tab.key("+");
    assert_eq!(view(&mut tab), (HOURS / 4.0, HOURS * 3.0 / 4.0));
    tab.key("ArrowRight");
    assert_eq!(view(&mut tab), (HOURS * 0.35, HOURS * 0.85));
    tab.key("-");
    assert_eq!(view(&mut tab), (0.0, HOURS));
    tab.key("+");
    tab.key("0");
    assert_eq!(view(&mut tab), (0.0, HOURS));
}

fn a_drag_shows_the_range_that_was_drawn() {
    let (_page, mut tab) = opened(QUIET);
    let (x, y) = tab.middle(".chart");
    tab.drag((x - 100.0, y), (x + 100.0, y));
    let (from, to) = view(&mut tab);
    let width = tab.number("document.querySelector('.chart').getBoundingClientRect().width");
    // The lanes are narrower than the drawing by what their names take.
    let drawn = 200.0 / (width - 118.0) * HOURS;
    assert!((to - from - drawn).abs() < drawn * 0.02, "{from} to {to}, not {drawn}");
    assert!(tab.number("document.querySelectorAll('.chart .shade').length") == 0.0);
}

fn buttons_zoom_and_say_what_is_in_view() {
    let (_page, mut tab) = opened(QUIET);
    tab.click("button[aria-label='Zoom in']");
    let range = tab.text("document.querySelector('.range').textContent");
    assert_eq!(range, "00:30:00.000 – 01:30:00.000 (1 h)");
    tab.click("button[aria-label='Show the whole run']");
    assert_eq!(view(&mut tab), (0.0, HOURS));
}

fn an_expectation_leads_to_its_moment_in_lanes_and_list() {
    let (_page, mut tab) = opened(&failing());
    tab.click(".expect.fail .look");
    let (from, to) = view(&mut tab);
    let at = 1_800e6;
    assert!(from < at && at < to && to - from < HOURS / 10.0, "{from} to {to}");
    assert_eq!(tab.number("document.querySelectorAll('.chart .selected').length"), 1.0);
    let row = tab.text("document.querySelector('.row[aria-selected=true]').innerText");
    assert!(row.contains("push-received") && row.contains("push=early"), "{row}");
    assert_eq!(tab.problems, Vec::<String>::new());
}

fn what_is_under_the_pointer_is_told() {
    let (_page, mut tab) = opened(QUIET);
    let (x, _) = tab.middle(".chart");
    let y = tab.number(
        "(() => {
            const band = document.querySelector('.chart .band.belief-phone').getBoundingClientRect();
            return band.y + band.height / 2;
        })()",
    );
    tab.mouse("mouseMoved", x, y, &json!({}));
    tab.settle();
    let tip = tab.text("document.querySelector('.tip').innerText");
    assert!(tip.contains("The phone believes that it is connected"), "{tip}");
    assert!(tip.contains("–"), "{tip}");
    tab.key("Escape");
    assert!(tab.flag("document.querySelector('.tip').hidden"));
}
