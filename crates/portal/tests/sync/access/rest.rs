//! A user comes to rest: what the sync leads to is told at once, and then nothing is left to do.

use std::collections::HashSet;

use portal::access::{Access, Circumstances, Foretold, Guarded, RouterChanges, access};
use portal::comment::{Tokens, binding_token};
use portal::sync::{NextSync, Site, next_sync};
use proptest::prelude::*;

use crate::after::after;
use crate::fixture::site;
use crate::oracle::cases;
use crate::settles;

/// Nothing, and what a program that is not the portal must leave alone: rows that name nobody, and
/// bindings that name somebody.
fn guards(site: &Site) -> [Guarded; 2] {
    let is_nobodys = |comment: &Option<String>| {
        let tokens = Tokens::read(comment.as_deref().unwrap_or_default());
        tokens.uid.is_none() && tokens.user.is_none()
    };
    let rows = site.router.address_list.iter();
    let rows = rows.filter(|row| is_nobodys(&row.fields.comment));
    let bindings = site.router.bindings.iter();
    let bindings = bindings.filter(|row| {
        let comment = row.fields.comment.as_deref();
        binding_token(comment.unwrap_or_default()).is_some()
    });
    let guarded = Guarded {
        rows: rows.map(|row| row.id.clone()).collect(),
        bindings: bindings.map(|row| row.id.clone()).collect(),
    };
    [Guarded::default(), guarded]
}

fn access_of(site: &Site) -> Access {
    access(
        site,
        &Circumstances::default(),
        &Foretold::without_guard(site),
    )
}

fn with(site: Site, changes: &RouterChanges) -> Site {
    let run = NextSync {
        address_list: changes.address_list.clone(),
        bindings: changes.bindings.clone(),
        hotspot_users: changes.hotspot_users.clone(),
        ..NextSync::default()
    };
    let mut number = 0;
    let mut site = after(site, &run, |menu, _| {
        number += 1;
        format!("*{menu}-{number}")
    });
    // The router gets a time in the comments, which no run knows beforehand.
    let rows = site.router.address_list.iter_mut();
    let rows = rows.map(|row| &mut row.fields.comment);
    let bindings = site.router.bindings.iter_mut();
    for comment in rows.chain(bindings.map(|row| &mut row.fields.comment)) {
        let text = comment.take();
        *comment = text.map(|text| {
            text.replace("<date>", "29-11-2026")
                .replace("<time>", "20:00:00")
        });
    }
    site
}

/// Repairs each user of a site, and looks again. Gives how many were repaired, and how many for whom one run of the
/// sync would not have been enough.
fn repair_each(made: impl Fn() -> Site) -> Result<(usize, usize), TestCaseError> {
    let site = &made();
    let (mut repaired, mut later) = (0, 0);
    let run = next_sync(site);
    for guarded in guards(site) {
        for user in access_of(site).users {
            let rest = user.at_rest(site, &guarded);
            let touched = |ids: &HashSet<String>, removed: &[String]| {
                removed.iter().any(|id| ids.contains(id))
            };
            prop_assert!(!touched(&guarded.rows, &rest.changes.address_list.removed));
            prop_assert!(!touched(&guarded.bindings, &rest.changes.bindings.removed));
            if rest.changes == RouterChanges::default() {
                continue;
            }
            let first = run.of_user(site, &user);
            let site = with(made(), &rest.changes);
            let again = access_of(&site).users;
            let again = again.iter().find(|other| other.id == user.id).unwrap();
            let again = again.at_rest(&site, &guarded);
            prop_assert_eq!(&again.changes, &RouterChanges::default(), "{}", user.id);
            let left = &again.left.address_list;
            prop_assert!(left.removed.iter().all(|id| guarded.rows.contains(id)));
            prop_assert!(left.changed.iter().all(|(id, _)| guarded.rows.contains(id)));
            repaired += 1;
            later += usize::from(first.address_list != rest.changes.address_list);
        }
    }
    Ok((repaired, later))
}

#[test]
fn every_user_of_every_oracle_site_comes_to_rest_at_once() {
    let (mut repaired, mut later) = (0, 0);
    for case in cases() {
        let (users, not_at_once) = repair_each(|| site(&case)).unwrap();
        repaired += users;
        later += not_at_once;
    }
    println!("{repaired} repairs, {later} of which are not what one run of the sync does");
    assert!(repaired > 200, "{repaired}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_is_repaired_is_left_alone(
        things in prop::collection::vec(settles::thing(), 1..8),
        users in prop::collection::vec(any::<[bool; 5]>(), 4),
        leases in any::<bool>(),
    ) {
        repair_each(|| settles::site(&things, &users, leases))?;
    }
}
