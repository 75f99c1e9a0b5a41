//! Owner, mode and place of a file, and whether it is used.
//!
//! Files of other users can only be made by root. Who runs these tests as root sees every row as it is written; for
//! anybody else the rows with other owners are asked with nobody trusted, so that one's own files are the others'.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;
use tempfile::TempDir;

use super::people::People;
use super::*;
use crate::config::Variables;

/// A user that no machine has.
const OTHER: u32 = 1_999_999_999;
const NAME: &str = "tikbook.toml";
const TEXT: &str = "[sites.home]\n";

struct Place {
    folder: TempDir,
    /// Is something of it somebody else's?
    is_given_away: bool,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
            is_given_away: false,
        };
        fs::create_dir(place.path("there")).unwrap();
        place.write(NAME)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(self, name: &str) -> Self {
        fs::write(self.path(name), TEXT).unwrap();
        self.mode(name, 0o644)
    }

    fn mode(self, name: &str, mode: u32) -> Self {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    fn remove(self, name: &str) -> Self {
        fs::remove_file(self.path(name)).unwrap();
        self
    }

    fn link(self, name: &str, target: &str) -> Self {
        symlink(target, self.path(name)).unwrap();
        self
    }

    fn second_name(self, name: &str, other: &str) -> Self {
        fs::hard_link(self.path(name), self.path(other)).unwrap();
        self
    }

    fn of_other(mut self, name: &str) -> Self {
        self.is_given_away = true;
        if geteuid().is_root() {
            std::os::unix::fs::lchown(self.path(name), Some(OTHER), Some(OTHER)).unwrap();
        }
        self
    }

    fn of_group(self, name: &str, group: u32) -> Self {
        chown(self.path(name), None, Some(group)).unwrap();
        self
    }

    fn judged(&self, record: Option<PathBuf>) -> Trust {
        let people = match self.is_given_away && !geteuid().is_root() {
            true => People::nobody(),
            false => People::default(),
        };
        let trusting = Trusting { people, record };
        let found = trusting.read(self.folder.path(), Path::new(NAME), 1024);
        let found = found.unwrap();
        assert_eq!(found.bytes, TEXT.as_bytes());
        found.trust
    }
}

/// Rows: what it is, the place, and what is said of it (a part of the sentence); `None` where it is used.
fn rows() -> Vec<(&'static str, Place, Option<&'static str>)> {
    let mut rows = vec![
        ("one's own", Place::new(), None),
        (
            "one's own, for oneself",
            Place::new().mode(NAME, 0o600),
            None,
        ),
        (
            "written by everybody",
            Place::new().mode(NAME, 0o666),
            Some("it may be written by everybody"),
        ),
        (
            "in a folder of everybody's",
            Place::new().mode("", 0o777),
            Some("may be written by everybody"),
        ),
        ("in a folder like /tmp", Place::new().mode("", 0o1777), None),
        (
            "a second name in a folder like /tmp",
            Place::new()
                .second_name(NAME, "there/first")
                .mode("", 0o1777),
            Some("may be written by everybody"),
        ),
        (
            "in a folder like /tmp, written by everybody",
            Place::new().mode("", 0o1777).mode(NAME, 0o646),
            Some("it may be written by everybody"),
        ),
        (
            "of somebody else",
            Place::new().of_other(NAME),
            Some("belongs to the user"),
        ),
        (
            "of somebody else in a folder like /tmp",
            Place::new().mode("", 0o1777).of_other(NAME),
            Some("belongs to the user"),
        ),
        (
            "in a folder of somebody else",
            Place::new().of_other(""),
            Some("belongs to the user"),
        ),
        (
            "a link of one's own",
            Place::new()
                .remove(NAME)
                .write("there/a.toml")
                .link(NAME, "there/a.toml"),
            None,
        ),
        (
            "a link of one's own up and down again",
            Place::new()
                .remove(NAME)
                .write("there/a.toml")
                .link(NAME, "./there/../there/a.toml"),
            None,
        ),
        (
            // As Kubernetes mounts a ConfigMap.
            "a link through a link to a folder",
            Place::new()
                .remove(NAME)
                .write("there/tikbook.toml")
                .link("..data", "there")
                .link(NAME, "..data/tikbook.toml"),
            None,
        ),
        (
            "a link to a file of somebody else",
            Place::new()
                .remove(NAME)
                .write("there/a.toml")
                .of_other("there/a.toml")
                .link(NAME, "there/a.toml"),
            Some("belongs to the user"),
        ),
        (
            "a link into a folder of everybody's",
            Place::new()
                .remove(NAME)
                .write("there/a.toml")
                .mode("there", 0o777)
                .link(NAME, "there/a.toml"),
            Some("may be written by everybody"),
        ),
        (
            "a link of somebody else to a file of one's own",
            Place::new()
                .remove(NAME)
                .write("there/a.toml")
                .link(NAME, "there/a.toml")
                .mode("", 0o1777)
                .of_other(NAME),
            Some("belongs to the user"),
        ),
    ];
    if geteuid().is_root() {
        // Only root can give a file to a group that it is not in.
        rows.extend([
            (
                "written by a group of others",
                Place::new().of_group(NAME, OTHER).mode(NAME, 0o664),
                Some("it may be written by the group"),
            ),
            (
                "in a folder of a group of others",
                Place::new().of_group("", OTHER).mode("", 0o2775),
                Some("may be written by the group"),
            ),
            (
                "read by a group of others",
                Place::new().of_group(NAME, OTHER).mode(NAME, 0o640),
                None,
            ),
            (
                "written by one's own group",
                Place::new().of_group(NAME, 0).mode(NAME, 0o664),
                None,
            ),
        ]);
    }
    rows
}

fn why(trust: &Trust) -> Option<String> {
    match trust {
        Trust::Trusted => None,
        Trust::Untrusted(why) => Some(why.to_string()),
    }
}

#[test]
fn a_file_that_is_only_found_is_used_where_nobody_else_has_a_hand_in_it() {
    for (what, place, expected) in rows() {
        let said = why(&place.judged(None));
        match (&said, expected) {
            (None, None) => {}
            (Some(said), Some(expected)) if said.contains(expected) => {}
            _ => panic!("{what}: {said:?}, not {expected:?}"),
        }
    }
}

#[test]
fn what_is_on_record_is_used_wherever_it_is_as_long_as_it_is_the_same() {
    for (what, place, expected) in rows() {
        let record = place.path("there/trusted.toml");
        let mut written = Record::default();
        written.add(&place.path(NAME)).unwrap();
        written.write(&record).unwrap();
        assert_eq!(why(&place.judged(Some(record.clone()))), None, "{what}");

        let listed: Vec<_> = written.files().map(|(path, _)| path.to_owned()).collect();
        let other = TEXT.replace("home", "away");
        let mut changed = Record::default();
        fs::write(place.path(NAME), &other).unwrap();
        changed.add(&place.path(NAME)).unwrap();
        fs::write(place.path(NAME), TEXT).unwrap();
        changed.write(&record).unwrap();
        let said = why(&place.judged(Some(record.clone())));
        let expected = expected.map(|_| "it changed since it was trusted".to_owned());
        assert_eq!(said, expected, "{what}");

        fs::write(&record, "no list").unwrap();
        let said = why(&place.judged(Some(record)));
        let is_told = said
            .as_ref()
            .is_none_or(|said| said.contains("trusted.toml"));
        assert!(is_told, "{what}: {said:?}");
        assert_eq!(listed.len(), 1, "{what}");
        assert_eq!(
            listed[0],
            place.path(NAME).canonicalize().unwrap(),
            "{what}"
        );
    }
}

#[test]
fn a_folder_is_trusted_by_the_files_that_are_in_it_now() {
    let place = Place::new();
    for name in ["there/audit.rhai", "there/en.ftl", "there/notes.txt"] {
        fs::write(place.path(name), "x").unwrap();
    }
    symlink("/etc/passwd", place.path("there/out.rhai")).unwrap();
    let mut record = Record::default();
    let added = record.add(place.folder.path()).unwrap();
    let root = place.folder.path().canonicalize().unwrap();
    let names = ["there/audit.rhai", "there/en.ftl", NAME];
    assert_eq!(added, names.map(|name| root.join(name)));
    assert_eq!(record.remove(&place.path("there")).unwrap().len(), 2);
    assert_eq!(record.files().count(), 1);
    assert!(record.remove(&place.path("there")).is_err());
    // What is gone can still be taken back.
    fs::remove_file(place.path(NAME)).unwrap();
    assert_eq!(record.remove(&root.join(NAME)).unwrap().len(), 1);
    let empty = tempfile::tempdir().unwrap();
    assert!(record.add(empty.path()).is_err());
    assert!(record.add(&place.path("gone")).is_err());
}

#[test]
fn what_is_no_file_or_leads_round_in_circles_is_neither_waited_for_nor_used() {
    for make in [
        |path: &Path| symlink(NAME, path).unwrap(),
        |path: &Path| symlink("gone", path).unwrap(),
        |path: &Path| fs::create_dir(path).unwrap(),
        |path: &Path| nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap(),
        |path: &Path| symlink("/dev/zero", path).unwrap(),
        |path: &Path| symlink("there/", path).unwrap(),
        |path: &Path| symlink("there/file/below", path).unwrap(),
    ] {
        let place = Place::new().remove(NAME).write("there/file");
        make(&place.path(NAME));
        let read = Trusting::default().read(place.folder.path(), Path::new(NAME), 1024);
        assert!(read.is_err());
    }
}

#[test]
fn who_called_sudo_is_trusted_by_a_process_of_root_and_by_no_other() {
    let caller = Variables::new([("SUDO_UID".to_owned(), OTHER.to_string())].into());
    let people = People::of(&caller);
    assert!(people.have(0) && people.have(geteuid().as_raw()));
    assert_eq!(people.have(OTHER), geteuid().is_root());
    for no_uid in ["", "-1", "root", "4294967296", "1 2"] {
        let caller = Variables::new([("SUDO_UID".to_owned(), no_uid.to_owned())].into());
        assert_eq!(People::of(&caller), People::default(), "{no_uid}");
    }
}
