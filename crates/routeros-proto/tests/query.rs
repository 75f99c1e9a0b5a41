//! The query language: what the manual says, and what hostile words may not do.

#![allow(clippy::unwrap_used, reason = "tests")]

use routeros_proto::{Command, CommandError, Limits, Query, QueryError};

type Fields = [(&'static str, &'static str)];

/// Whether `query` keeps a row of `fields`.
fn keeps(query: &Query, fields: &Fields) -> bool {
    query.matches(|name| {
        let field = fields.iter().find(|(known, _)| known.as_bytes() == name);
        field.map(|(_, value)| value.as_bytes())
    })
}

fn check(words: &[&str], fields: &Fields, kept: bool) {
    let query = Query::parse(words).unwrap();
    assert_eq!(keeps(&query, fields), kept, "{words:?} on {fields:?}");
}

#[test]
fn each_kind_of_word_pushes_what_the_manual_says() {
    let row: &Fields = &[("name", "ether1"), ("mtu", "1500"), ("comment", "")];
    check(&["?name"], row, true);
    check(&["?type"], row, false);
    check(&["?-name"], row, false);
    check(&["?-type"], row, true);
    check(&["?name=ether1"], row, true);
    check(&["?=name=ether1"], row, true);
    check(&["?name=ether2"], row, false);
    check(&["?<mtu=1501"], row, true);
    check(&["?<mtu=1500"], row, false);
    check(&["?>mtu=1499"], row, true);
    check(&["?>mtu=1500"], row, false);
    check(&["?comment="], row, true);
}

#[test]
fn an_absent_value_compares_with_nothing() {
    for word in ["?comment=", "?comment=x", "?<comment=x", "?>comment="] {
        check(&[word], &[("name", "ether1")], false);
    }
    check(&["?>comment="], &[("comment", "")], false);
    check(&["?>comment="], &[("comment", "x")], true);
}

#[test]
fn words_without_operators_must_all_hold() {
    let words = ["?type=ether", "?running=true"];
    check(&words, &[("type", "ether"), ("running", "true")], true);
    check(&words, &[("type", "ether"), ("running", "false")], false);
    check(&words, &[("type", "vlan"), ("running", "true")], false);
    check(&[], &[], true);
}

#[test]
fn the_examples_of_the_manual_mean_what_it_says() {
    let either = ["?type=ether", "?type=vlan", "?#|"];
    let neither = ["?type=ether", "?type=vlan", "?#|!"];
    for (kind, one) in [("ether", true), ("vlan", true), ("bridge", false)] {
        check(&either, &[("type", kind)], one);
        check(&neither, &[("type", kind)], !one);
    }
    check(&["?>comment="], &[("comment", "to ISP")], true);
}

#[test]
fn operators_work_on_an_endless_supply_of_true() {
    check(&["?#!"], &[], false);
    check(&["?#!!"], &[], true);
    check(&["?#|"], &[], true);
    check(&["?#&"], &[], true);
    check(&["?a", "?#|"], &[], true);
    check(&["?a", "?#&"], &[], false);
    check(&["?#."], &[], true);
}

#[test]
fn a_dot_copies_the_top_but_not_after_an_index() {
    // false, copied, one of them negated: false and true remain.
    check(&["?a", "?#.!"], &[], false);
    // The copy is used up by the or with a true one.
    check(&["?a", "?#.!|"], &[], true);
    // An index with a dot pushes one copy only: true, false, copy of true, or: true remains with true.
    check(&["?-a", "?a", "?#1.|"], &[], true);
    check(&["?-a", "?a", "?#1..&|"], &[], true);
}

#[test]
fn an_index_at_the_end_replaces_the_whole_stack() {
    let words = ["?a", "?b", "?#1"];
    check(&words, &[("a", "")], true);
    check(&words, &[("b", "")], false);
    // Far below the stack there is only true.
    check(&["?a", "?#99"], &[], true);
    check(
        &["?a", "?#340282366920938463463374607431768211456999"],
        &[],
        true,
    );
    // An index before a character copies, and leaves the false where it was.
    check(&["?a", "?#99."], &[], false);
}

#[test]
fn numbers_compare_as_numbers_and_texts_as_bytes() {
    check(&["?>bytes=9"], &[("bytes", "18446744073709551616")], true);
    check(&["?<temperature=0"], &[("temperature", "-7")], true);
    check(
        &["?<time=2026-05-31 00:00:00"],
        &[("time", "2026-05-30 23:59:59")],
        true,
    );
    check(&["?name=7"], &[("name", "007")], false);
    check(&["?>name=9"], &[("name", "10 apples")], false);
}

#[test]
fn both_spellings_of_a_truth_value_match() {
    check(&["?static=yes"], &[("static", "true")], true);
    check(&["?static=true"], &[("static", "yes")], true);
    check(&["?static=no"], &[("static", "false")], true);
    check(&["?static=yes"], &[("static", "false")], false);
    check(&["?name=yes"], &[("name", "1")], false);
}

#[test]
fn an_id_is_equal_to_nothing_but_an_id() {
    check(
        &["?.id=ether1"],
        &[(".id", "*1"), ("name", "ether1")],
        false,
    );
    check(&["?.id=ether1"], &[(".id", "ether1")], false);
    check(&["?.id=*1f"], &[(".id", "*1F")], true);
    check(&["?.id=1"], &[(".id", "*1")], false);
}

#[test]
fn built_queries_keep_what_they_say() {
    let listed = |list: &str, address: &str| {
        Query::equal("list", list)
            .and(Query::equal("address", address).or(Query::absent("address")))
    };
    let row: &Fields = &[("list", "blocked"), ("address", "10.0.0.9")];
    assert!(keeps(&listed("blocked", "10.0.0.9"), row));
    assert!(!keeps(&listed("blocked", "10.0.0.8"), row));
    assert!(keeps(&listed("blocked", "10.0.0.8").not(), row));
    assert!(keeps(&listed("blocked", "x"), &[("list", "blocked")]));
    assert!(keeps(
        &Query::less("mtu", "9").or(Query::greater("mtu", "9")),
        &[("mtu", "8")]
    ));
    assert!(!keeps(&Query::present("mtu").not(), &[("mtu", "8")]));
}

#[test]
fn queries_from_words_can_be_combined() {
    let both = Query::parse(["?a", "?b"]).unwrap();
    let none = Query::parse::<&str>([]).unwrap();
    let row: &Fields = &[("a", "")];
    assert!(!keeps(&both, row));
    assert!(keeps(&both.clone().not(), row));
    assert!(keeps(&both.clone().or(Query::present("a")), row));
    assert!(keeps(&both.clone().or(none.clone()), row));
    assert!(!keeps(&both.and(none.clone()), row));
    assert!(!keeps(&none.not(), row));
}

#[test]
fn words_that_are_no_query_are_refused() {
    for word in ["", "a", "=a=b", "?", "?=", "?-", "?<", "?<a", "?>=1", "?=="] {
        let error = Query::parse([word]).unwrap_err();
        assert_eq!(
            error,
            QueryError::Word {
                word: word.to_owned()
            }
        );
    }
    let error = Query::parse(["?#|x"]).unwrap_err();
    assert_eq!(
        error,
        QueryError::Operator {
            word: "?#|x".to_owned(),
            operator: 'x'
        }
    );
}

#[test]
fn a_query_cannot_cost_without_end() {
    let deep = format!("?#{}", ".".repeat(2000));
    assert_eq!(Query::parse([deep]), Err(QueryError::TooComplex));
    let long = format!("?#{}", "!".repeat(70_000));
    assert_eq!(Query::parse([long]), Err(QueryError::TooComplex));
    assert_eq!(Query::parse(vec!["?#!"; 5000]), Err(QueryError::TooComplex));
    assert_eq!(Query::parse(vec!["?a"; 1025]), Err(QueryError::TooComplex));
    assert!(Query::parse(vec!["?a"; 1000]).is_ok());
}

#[test]
fn a_name_the_router_would_misread_is_not_sent() {
    for name in ["", "a=b", "-a", "?a", "<a", ">a", "#a"] {
        let queried = Command::new("/ip/arp/print").query(Query::present(name));
        let set = Command::new("/ip/arp/set").attribute(name, "1");
        for command in [queried, set] {
            let error = command.check(Limits::default()).unwrap_err();
            assert_eq!(
                error,
                CommandError::Name {
                    name: name.to_owned()
                }
            );
        }
    }
}

#[test]
fn a_path_is_written_as_the_router_wants_it() {
    for path in [
        "/ip/arp/print",
        "ip/arp/print",
        "ip arp print",
        " /ip arp/ print\n",
    ] {
        assert_eq!(Command::new(path).path(), "/ip/arp/print");
    }
    assert_eq!(
        Command::new(" / ").check(Limits::default()),
        Err(CommandError::NoPath)
    );
}
