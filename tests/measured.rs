//! What is so at one moment alone is the same in both plannings of a run: what a script measures, and the time
//! of planning.

use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use crate::change::Site;
use crate::support::terminal::Screen;

const LIST: &str = "/ip/firewall/address-list";

/// Adds a row whose address says which second it is.
fn script(second: &str) -> String {
    format!(
        r#"//! A try.
const RUNBOOK = #{{ reads: ["mikrotik"], writes: ["mikrotik:{LIST}"] }};
fn run(args) {{
    let second = {second};
    mikrotik::add("{LIST}", #{{ list: "vip", address: "10.0." + (second / 200 % 200) + "." + (second % 200) }}, "a try");
    #{{ title: "A try" }}
}}"#
    )
}

/// Two seconds pass at the question.
fn applied_after_a_while(site: &Site, second: &str) -> String {
    let tikbook = site.command().file("script.rhai", script(second));
    let mut screen = Screen::start(tikbook.args(["run", "./script.rhai", "--apply"]));
    screen.until("Make 1 change? [y/N] ");
    sleep(Duration::from_secs(2));
    screen.enter("y\n");
    let (code, said) = screen.end();
    assert_eq!(code, 0, "{second}: {said}");
    said
}

#[test]
fn what_a_script_measures_is_the_same_when_it_plans_again() {
    for (second, is_added) in [
        // The router's clock is measured.
        ("mikrotik::clock().unix()", true),
        ("time::planned().unix()", true),
        // What is read is read again, and so is the time of now.
        ("time::now().unix()", false),
    ] {
        let site = Site::of(&json!({}));
        let said = applied_after_a_while(&site, second);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let count = usize::from(is_added);
        assert_eq!(site.router.ids(LIST).len(), count, "{second}: {said}");
        assert_eq!(
            said.contains("no longer needed"),
            !is_added,
            "{second}: {said}"
        );
    }
}

#[test]
fn the_time_of_planning_is_the_same_when_the_plan_file_is_applied() {
    for (second, is_added) in [
        ("time::planned().unix()", true),
        ("time::now().unix()", false),
    ] {
        let site = Site::of(&json!({}));
        let folder = site.state.path();
        let (path, plan) = (folder.join("script.rhai"), folder.join("plan.json"));
        std::fs::write(&path, script(second)).unwrap();
        let [path, plan] = [path, plan].map(|path| path.display().to_string());
        site.tikbook(&["run", &path, "--plan", &plan]).code(0);
        sleep(Duration::from_secs(2));
        let applied = site.tikbook(&["apply", &plan, "--apply", "--yes"]).code(0);
        let count = usize::from(is_added);
        assert_eq!(site.router.ids(LIST).len(), count, "{second}: {applied}");
    }
}
