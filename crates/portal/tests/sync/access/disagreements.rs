//! What must be nothing at all: each kind on a site made for it.

use portal::access::{Circumstances, DisagreementKind, Foretold, access, count, disagreements};
use portal::sync::{Binding, Device, Host, Lease, ListEntry, User};

use crate::fixture::site;
use crate::oracle::cases;
use crate::place::{
    ADDRESS, MAC, OTHER_MAC, Place, binding, blocked_by_hand, device, host, named, numbered, user,
};

/// What is found of a kind: the subjects.
fn found(place: &Place, kind: DisagreementKind) -> Vec<String> {
    let site = place.site();
    let access = access(&site, &Circumstances::default(), &Foretold::of(&site));
    let found = disagreements(&site, &access).into_iter();
    let of_kind = found.filter(|each| each.kind == kind);
    of_kind.map(|each| each.subject).collect()
}

fn bypassed(mac: &str) -> Host {
    Host {
        bypassed: Some("true".to_owned()),
        ..host(mac, ADDRESS, 0)
    }
}

const STATUS: &str = "lpsaring|status=active|user=081200000001";

#[test]
fn a_site_that_is_well_has_none() {
    let place = Place::new(user(1))
        .device(device(1, MAC))
        .host(bypassed(MAC))
        .binding(named(MAC, "bypassed", 1))
        .entry("active", ADDRESS, STATUS);
    let site = place.site();
    let access = access(&site, &Circumstances::default(), &Foretold::of(&site));
    let found = disagreements(&site, &access);
    assert_eq!(found, []);
    assert!(count(&site, &access).iter().all(|(_, number)| *number == 0));
}

#[test]
fn who_is_online_without_a_right_is_found_wherever_the_right_is_missing() {
    let kind = DisagreementKind::OnlineWithoutRight;
    let place = |user: User| Place::new(user).device(device(1, MAC)).host(bypassed(MAC));
    let off = User {
        is_active: false,
        ..user(1)
    };
    let printer = Binding {
        comment: Some("printer".to_owned()),
        ..binding(OTHER_MAC, "bypassed")
    };
    let table: [(Place, &[&str]); 7] = [
        (place(user(1)), &[]),
        (place(off), &[MAC]),
        (place(blocked_by_hand(1)), &[MAC]),
        (
            place(blocked_by_hand(1)).entry("blocked", ADDRESS, STATUS),
            &[],
        ),
        (Place::new(user(1)).host(bypassed(OTHER_MAC)), &[OTHER_MAC]),
        (
            Place::new(user(1))
                .host(bypassed(OTHER_MAC))
                .binding(printer),
            &[],
        ),
        (
            Place::new(user(1))
                .host(bypassed(OTHER_MAC))
                .binding(named(OTHER_MAC, "bypassed", 9)),
            &[OTHER_MAC],
        ),
    ];
    for (number, (place, macs)) in table.iter().enumerate() {
        assert_eq!(found(place, kind), *macs, "{number}");
    }
}

#[test]
fn an_address_is_on_one_status_list_and_then_not_among_the_unauthorised() {
    let on = |lists: &[&str]| {
        let mut place = Place::new(user(1));
        for list in lists {
            place = place.entry(list, ADDRESS, "note");
        }
        (
            found(&place, DisagreementKind::SeveralStatusLists),
            found(&place, DisagreementKind::StatusAndUnauthorized),
        )
    };
    let table: [(&[&str], &[&str], &[&str]); 6] = [
        (&["active"], &[], &[]),
        (&["active", "active"], &[], &[]),
        (&["active", "habis"], &["*1"], &[]),
        (&["unauthorized"], &[], &[]),
        (&["unauthorized", "active"], &[], &["*1"]),
        (&["active", "habis", "unauthorized"], &["*1"], &["*3"]),
    ];
    for (lists, several, unauthorized) in table {
        let (found_several, found_unauthorized) = on(lists);
        assert_eq!(found_several, several, "{lists:?}");
        assert_eq!(found_unauthorized, unauthorized, "{lists:?}");
    }
    let mut place = Place::new(user(1)).entry("active", ADDRESS, "note");
    place.router.address_list.extend(numbered(vec![ListEntry {
        list: "habis".to_owned(),
        address: ADDRESS.to_owned(),
        disabled: Some("true".to_owned()),
        ..ListEntry::default()
    }]));
    assert_eq!(
        found(&place, DisagreementKind::SeveralStatusLists),
        [""; 0],
        "disabled"
    );
}

#[test]
fn a_row_of_the_portal_belongs_to_a_device_with_a_binding() {
    let kind = DisagreementKind::StatusWithoutBinding;
    let row = |comment| Place::new(user(1)).entry("active", ADDRESS, comment);
    let lease = Lease {
        mac: Some(MAC.to_owned()),
        address: Some(ADDRESS.to_owned()),
        ..Lease::default()
    };
    let stored = Device {
        address: Some(ADDRESS.to_owned()),
        ..device(1, MAC)
    };
    let tied = Binding {
        address: Some(ADDRESS.to_owned()),
        ..binding(OTHER_MAC, "regular")
    };
    let bound = || row(STATUS).binding(binding(MAC, "regular"));
    let table: [(Place, &[&str]); 7] = [
        (row(STATUS), &["*1"]),
        (row("note"), &[]),
        (bound(), &["*1"]),
        (bound().host(host(MAC, ADDRESS, 0)), &[]),
        (bound().lease(lease), &[]),
        (bound().device(stored), &[]),
        (row(STATUS).binding(tied), &[]),
    ];
    for (number, (place, ids)) in table.iter().enumerate() {
        assert_eq!(found(place, kind), *ids, "{number}");
    }
}

#[test]
fn an_authorised_device_has_a_binding_and_a_binding_the_address_of_its_lease() {
    let without = DisagreementKind::AuthorizedWithoutBinding;
    let place = |user: User| Place::new(user).device(device(1, MAC));
    assert_eq!(found(&place(user(1)), without), [MAC]);
    assert_eq!(found(&place(blocked_by_hand(1)), without), [""; 0]);
    assert_eq!(
        found(&place(user(1)).binding(binding(MAC, "regular")), without),
        [""; 0]
    );

    let differ = DisagreementKind::BindingLeaseDiffer;
    let lease = |address: &str, status: &str| Lease {
        mac: Some(MAC.to_owned()),
        address: Some(address.to_owned()),
        status: Some(status.to_owned()),
        ..Lease::default()
    };
    let tied = || {
        Place::new(user(1)).binding(Binding {
            address: Some(ADDRESS.to_owned()),
            ..binding(MAC, "regular")
        })
    };
    assert_eq!(found(&tied(), differ), [""; 0]);
    assert_eq!(
        found(&tied().lease(lease(ADDRESS, "bound")), differ),
        [""; 0]
    );
    assert_eq!(
        found(&tied().lease(lease("172.16.2.99", "bound")), differ),
        ["*1"]
    );
    assert_eq!(
        found(&tied().lease(lease("172.16.2.99", "waiting")), differ),
        [""; 0]
    );
}

/// What is counted is what the device's own verdict says, on every made-up site.
#[test]
fn who_is_counted_as_online_without_a_right_has_that_verdict() {
    let mut counted = 0;
    for case in cases() {
        let site = site(&case);
        let access = access(&site, &Circumstances::default(), &Foretold::of(&site));
        let found = disagreements(&site, &access);
        let counts = count(&site, &access);
        for (kind, number) in counts {
            let of_kind = found.iter().filter(|each| each.kind == kind);
            assert_eq!(number, of_kind.count(), "{kind:?}");
        }
        counted += counts[0].1;
        assert!(found.is_sorted_by_key(|each| each.kind), "the worst first");
    }
    assert!(counted > 0);
}
