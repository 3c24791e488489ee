//! What a page shows, and what it does not do.

use serde_json::json;

use crate::browser::Tab;
use crate::tools::tests;
use crate::{QUIET, failing, page};

tests! {
    a_page_loads_without_errors_and_fetches_nothing,
    the_page_of_all_bundled_scenarios_loads_and_draws_any_of_them,
    a_failing_expectation_is_visible_with_what_happened_around_it,
    a_scenario_cannot_smuggle_a_script_in,
    a_phone_shows_the_page_without_scrolling_sideways,
    colours_follow_the_system_until_somebody_chooses,
    without_a_script_everything_that_can_be_read_is_there,
    several_devices_are_chosen_from,
}

fn a_page_loads_without_errors_and_fetches_nothing() {
    let page = page(&[("quiet.toml", QUIET)], &[]);
    let mut tab = Tab::open(&page.path, 1200, 900);
    assert_eq!(tab.text("document.title"), "woken now and then · holdline");
    assert!(tab.number("document.querySelectorAll('.chart path.band').length") >= 4.0);
    assert!(tab.number("document.querySelectorAll('.events .row').length") > 10.0);
    assert_eq!(tab.problems, Vec::<String>::new());
}

fn the_page_of_all_bundled_scenarios_loads_and_draws_any_of_them() {
    let page = page(&[], &[]);
    let mut tab = Tab::open(&page.path, 1200, 900);
    assert!(tab.number("document.querySelectorAll('#index li').length") > 100.0);
    let drawn = tab.value(
        "(async () => {
            const out = [];
            for (const link of document.querySelectorAll('#index li a')) {
                location.hash = link.getAttribute('href');
                await new Promise((done) => addEventListener('hashchange', done, { once: true }));
                const chart = document.querySelector('article.current .chart');
                const text = document.querySelector('article.current .chart')?.textContent ?? '';
                if (!chart?.dataset.to || /undefined|NaN/.test(text)) out.push(link.hash);
            }
            return out;
        })()",
    );
    assert_eq!(drawn, json!([]), "these are not drawn");
    assert_eq!(tab.problems, Vec::<String>::new());
}

fn a_failing_expectation_is_visible_with_what_happened_around_it() {
    let page = page(&[("failing.toml", &failing())], &[]);
    let mut tab = Tab::open(&page.path, 1200, 900);
    let place = tab.value(
        "(() => {
            const box = document.querySelector('.expect.fail').getBoundingClientRect();
            return [box.left, box.top, innerWidth - box.right, box.height];
        })()",
    );
    for (n, what) in ["left", "top", "right", "height"].iter().enumerate() {
        assert!(place[n].as_f64().unwrap() >= 0.0, "{what}: {place}");
    }
    assert!(place[1].as_f64().unwrap() < 900.0 && place[3].as_f64().unwrap() > 40.0, "{place}");
    let text = tab.text("document.querySelector('.expect.fail').innerText");
    for part in ["fail", "push-received push=early never", "happened once", "notified push=early"] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    let moment = tab.text("document.querySelector('.evidence .moment').innerText");
    assert!(moment.contains("push-received push=early"), "{moment}");
    assert!(tab.text("document.querySelector('.verdict').innerText").contains("fail"));
}

fn a_scenario_cannot_smuggle_a_script_in() {
    let evil = "</script><script>alert(1)</script><img onerror=alert(2) src=x>";
    let text = QUIET.replace("woken now and then", evil).replace("early", "<b/onclick=alert(3)>");
    let page = page(&[("evil.toml", &format!("{text}\n# {evil}"))], &[]);
    let mut tab = Tab::open(&page.path, 1200, 900);
    assert_eq!(tab.text("document.querySelector('article h1').textContent"), evil);
    assert_eq!(tab.number("document.querySelectorAll('img, b[onclick]').length"), 0.0);
    assert!(
        tab.text("document.querySelector('.chart').textContent").contains("<b/onclick=alert(3)>")
    );
    assert_eq!(tab.problems, Vec::<String>::new());
    // Were it in the page all the same, it would not run.
    tab.value(
        "(() => {
            const script = document.createElement('script');
            script.textContent = 'globalThis.ran = true';
            document.body.append(script);
        })()",
    );
    assert!(!tab.flag("globalThis.ran === true"));
    assert!(tab.problems.concat().contains("Content Security Policy"), "{:?}", tab.problems);
}

/// By how much the page is wider than its window.
const OVER: &str = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

fn a_phone_shows_the_page_without_scrolling_sideways() {
    let page = page(&[("failing.toml", &failing()), ("quiet.toml", QUIET)], &[]);
    let mut tab = Tab::open(&page.path, 390, 844);
    assert_eq!(tab.number(OVER), 0.0);
    tab.click("#row-0");
    assert!(tab.flag("document.querySelector('article.current .chart') !== null"));
    assert_eq!(tab.number(OVER), 0.0);
}

fn colours_follow_the_system_until_somebody_chooses() {
    let page = page(&[("quiet.toml", QUIET)], &[]);
    let mut tab = Tab::open(&page.path, 1200, 900);
    let back = "getComputedStyle(document.body).backgroundColor";
    let system = |tab: &mut Tab, scheme: &str| {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        tab.call("Emulation.setEmulatedMedia", json!({ "features": features }));
        tab.settle();
        tab.text(back)
    };
    let light = system(&mut tab, "light");
    let dark = system(&mut tab, "dark");
    assert_ne!(light, dark);
    assert_eq!(tab.text("document.querySelector('#theme').textContent"), "Light");
    tab.click("#theme");
    assert_eq!(tab.text(back), light);
    // It is kept for the next page; what others find here is as it was.
    assert_eq!(tab.text("localStorage.getItem('holdline-theme')"), "light");
    tab.value("localStorage.clear()");
}

fn without_a_script_everything_that_can_be_read_is_there() {
    let page = page(&[("failing.toml", &failing()), ("quiet.toml", QUIET)], &[]);
    let mut tab = Tab::open(&page.path, 1200, 900);
    tab.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    tab.call("Page.reload", json!({}));
    // Without scripts nothing but DevTools can ask whether it is there.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let text = loop {
        let text = tab.text("document.body?.innerText ?? ''");
        if text.contains("Profile hash") || std::time::Instant::now() > deadline {
            break text;
        }
    };
    for part in
        ["2 scenarios", "woken now and then", "happened once", "does not run", "Profile hash"]
    {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    assert!(!text.contains("Show in the lanes"), "{text}");
}

fn several_devices_are_chosen_from() {
    let page =
        page(&[("six.toml", &QUIET.replace("2h", "2h\"\ndevices = 6\ndeadline = \"5s"))], &[]);
    let mut tab = Tab::open(&page.path, 1200, 900);
    assert_eq!(tab.number("document.querySelectorAll('.toolbar option').length"), 4.0);
    assert!(tab.text("document.querySelector('.timeline').innerText").contains("Of 6 devices"));
    tab.value(
        "(() => {
            const select = document.querySelector('.toolbar select');
            select.value = '3';
            select.dispatchEvent(new Event('change'));
        })()",
    );
    tab.settle();
    let label = tab.text("document.querySelector('.chart').getAttribute('aria-label')");
    assert!(label.starts_with("Lanes of device 3,"), "{label}");
    assert_eq!(tab.problems, Vec::<String>::new());
}
