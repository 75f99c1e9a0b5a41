//! Where a run keeps what it did: which folder that is, and that a folder which cannot be used is told before anything
//! is sent.

use super::{LIST, Site, WIPE};
use crate::support::tikbook::{Output, Tikbook};

const APPLY: [&str; 6] = [
    "run",
    "./script.rhai",
    "--apply",
    "--yes",
    "--max-changes",
    "3",
];

fn journals(output: &Output) -> usize {
    output.stdout.matches(".jsonl").count()
}

/// The command in a folder of its own, without any word of where the state is.
fn homeless(site: &Site) -> Tikbook {
    let nowhere = ["HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"];
    let tikbook = nowhere
        .iter()
        .fold(site.command(), |tikbook, name| tikbook.env(name, ""));
    tikbook.file("script.rhai", WIPE)
}

/// Applies, and lists the journals that are in the folder of the command then.
fn applied(tikbook: Tikbook) -> Output {
    let words = format!(
        "\"$0\" {}; code=$?; find . -name '*.jsonl'; exit $code",
        APPLY.join(" ")
    );
    tikbook.in_shell(&words).run()
}

#[test]
fn the_folder_of_the_state_is_the_one_that_was_given_most_nearly() {
    for (variables, folder) in [
        (&[("STATE_DIRECTORY", "unit")][..], "./unit/journal/"),
        (
            &[
                ("STATE_DIRECTORY", "unit:$PWD/other"),
                ("XDG_STATE_HOME", "x"),
            ],
            "./unit/journal/",
        ),
        (
            &[("XDG_STATE_HOME", "x"), ("HOME", "h")],
            "./x/tikbook/journal/",
        ),
        (&[("HOME", "h")], "./h/.local/state/tikbook/journal/"),
    ] {
        let site = Site::with_rows(3);
        let set = variables
            .iter()
            .map(|(name, folder)| format!("export {name}=$PWD/{folder};"));
        let set: String = set.collect();
        let words = format!(
            "{set} \"$0\" {}; code=$?; find . -name '*.jsonl'; exit $code",
            APPLY.join(" ")
        );
        let output = homeless(&site).in_shell(&words).run().code(0);
        assert!(output.stdout.contains(folder), "{folder}: {output}");
        assert_eq!(journals(&output), 1, "{output}");
    }
}

#[test]
fn without_a_folder_for_the_state_nothing_is_sent_and_every_way_to_name_one_is_told() {
    let relative = |name: &'static str| move |tikbook: Tikbook| tikbook.env(name, "here");
    let ways: [Box<dyn Fn(Tikbook) -> Tikbook>; 4] = [
        Box::new(|tikbook| tikbook),
        Box::new(relative("HOME")),
        Box::new(relative("XDG_STATE_HOME")),
        Box::new(relative("STATE_DIRECTORY")),
    ];
    for way in ways {
        let site = Site::with_rows(3);
        let output = applied(way(homeless(&site))).code(2);
        told(&site, &output);
    }
}

fn told(site: &Site, output: &Output) {
    for name in [
        "STATE_DIRECTORY",
        "StateDirectory=",
        "XDG_STATE_HOME",
        "HOME",
    ] {
        assert!(output.stderr.contains(name), "{name}: {output}");
    }
    assert_eq!(site.router.simulator.received().writes(), 0, "{output}");
    assert_eq!(site.router.ids(LIST).len(), 3);
    assert_eq!(journals(output), 0, "{output}");
}

#[test]
fn a_folder_for_the_state_that_cannot_be_used_is_told_before_anything_is_sent() {
    for (what, options) in [("a read-only mount", "ro"), ("a full disk", "size=16k")] {
        let site = Site::with_rows(3);
        let mount = match options {
            "ro" => "mount -t tmpfs none s && mount -o remount,ro s".to_owned(),
            size => format!(
                "mount -t tmpfs -o {size} none s && (cat /dev/zero > s/full || :) 2>/dev/null"
            ),
        };
        let words = format!(
            "mkdir s; unshare --user --map-root-user --mount sh -c '{mount}; exec \"$0\" {}' \"$0\"",
            APPLY.join(" ")
        );
        let tikbook = homeless(&site).in_shell(&format!("export STATE_DIRECTORY=$PWD/s; {words}"));
        let output = tikbook.run().code(1);
        assert!(
            output.stderr.contains("cannot write the journal"),
            "{what}: {output}"
        );
        told(&site, &output);
    }
}

#[test]
fn room_for_all_of_the_journal_is_there_before_the_first_change_is_sent() {
    // The journal can be begun, and what is to be written of 300 rows has no room.
    let site = Site::with_rows(300);
    let words = APPLY.join(" ").replace(" 3", " 300");
    let words = format!(
        "mkdir s; export STATE_DIRECTORY=$PWD/s; unshare --user --map-root-user --mount sh -c \
         'mount -t tmpfs -o size=64k none s; exec \"$0\" {words}' \"$0\""
    );
    let output = homeless(&site).in_shell(&words).run().code(1);
    assert!(output.stderr.contains("journal"), "{output}");
    assert_eq!(site.router.simulator.received().writes(), 0, "{output}");
    assert_eq!(site.router.ids(LIST).len(), 300);
}

#[test]
fn under_sudo_the_state_of_who_called_it_is_left_to_him() {
    let site = Site::with_rows(3);
    let caller = "1999999999";
    let tikbook = homeless(&site)
        .file("h/x", "")
        .of_other("h")
        .env("SUDO_UID", caller);
    let words = format!("export HOME=$PWD/h; \"$0\" {}", APPLY.join(" "));
    let output = tikbook.in_shell(&words).run();
    if nix::unistd::geteuid().is_root() {
        let output = output.code(2);
        assert!(output.stderr.contains("who called sudo"), "{output}");
        told(&site, &output);
    } else {
        // Who is not root gives nothing away, and so nobody else called.
        output.code(0);
    }
}
