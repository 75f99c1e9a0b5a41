//! What messages say: plurals, lists, several languages and files, and what is wrong with a file.

use std::sync::Arc;

use catalogue::{
    Argument, Catalogue, CatalogueError, Catalogues, Language, MOST_BYTES, MessageError, Number,
    Said,
};
use proptest::prelude::*;

fn parse(text: &str) -> Result<Catalogue, CatalogueError> {
    Catalogue::parse(Language::English, "en.ftl", text)
}

fn english(text: &str) -> Arc<Catalogues> {
    let catalogue = parse(text).unwrap_or_else(|error| panic!("{error}: {text:?}"));
    Arc::new(Catalogues::new([Arc::new(catalogue)]))
}

fn both(english: &str, indonesian: &str) -> Arc<Catalogues> {
    let file =
        |language, text| Arc::new(Catalogue::parse(language, "file", text).expect("a catalogue"));
    Arc::new(Catalogues::new([
        file(Language::Indonesian, indonesian),
        file(Language::English, english),
    ]))
}

fn given<const N: usize>(arguments: [(&str, Argument); N]) -> Vec<(String, Argument)> {
    arguments
        .map(|(name, argument)| (name.to_owned(), argument))
        .into()
}

fn number(text: &str) -> Argument {
    Argument::Number(Number::parse(text).expect("a number"))
}

#[test]
fn a_message_says_its_arguments_in_their_places_and_nothing_between_them() {
    let catalogues = english("row = { $who } has { $rows } on { $lists }\n");
    let lists = Argument::List(vec!["a".into(), "b".into()]);
    let arguments = given([
        ("who", "0812".into()),
        ("rows", number("3")),
        ("lists", lists),
    ]);
    let message = catalogues.message("row", arguments).expect("a message");
    assert_eq!(message.to_string(), "0812 has 3 on a, b");
}

#[test]
fn numbers_are_shown_as_they_are_written_and_choose_the_form_of_the_language() {
    let text = "rows = { $count ->\n    [0] no rows\n    [one] { $count } row\n   *[other] { $count } rows\n }\n";
    let indonesian = "rows = { $count ->\n    [one] salah\n   *[other] { $count } baris\n }\n";
    let catalogues = both(text, indonesian);
    for (count, shown, in_indonesian) in [
        ("0", "no rows", "0 baris"),
        ("1", "1 row", "1 baris"),
        ("2", "2 rows", "2 baris"),
        ("1.0", "1.0 rows", "1.0 baris"),
        ("-1", "-1 row", "-1 baris"),
        (
            "999999999999999",
            "999999999999999 rows",
            "999999999999999 baris",
        ),
    ] {
        let message = catalogues
            .message("rows", given([("count", number(count))]))
            .expect("a message");
        assert_eq!(message.in_language(Language::English), shown);
        assert_eq!(message.in_language(Language::Indonesian), in_indonesian);
    }
}

#[test]
fn a_message_in_a_placeholder_is_said_in_the_same_language() {
    let catalogues = both(
        "why = stopped\nrun = the run: { $why }\n",
        "why = berhenti\nrun = jalannya: { $why }\n",
    );
    let why = catalogues.message("why", Vec::new()).expect("a message");
    let run = catalogues
        .message("run", given([("why", Said::from(why).into())]))
        .expect("a message");
    assert_eq!(run.in_language(Language::Indonesian), "jalannya: berhenti");
    assert_eq!(run.to_string(), "the run: stopped");
}

#[test]
fn a_text_that_a_language_lacks_is_said_in_english() {
    let catalogues = both("a = one\nb = two\n", "a = satu\n");
    let said = |key: &str| {
        let message = catalogues.message(key, Vec::new()).expect("a message");
        message.in_language(Language::Indonesian)
    };
    assert_eq!([said("a"), said("b")], ["satu", "two"]);
    assert_eq!(
        catalogues
            .missing(Language::Indonesian)
            .into_iter()
            .collect::<Vec<_>>(),
        ["b"]
    );
    assert_eq!(catalogues.missing(Language::English).len(), 0);
}

#[test]
fn the_stronger_of_two_files_of_a_language_is_believed() {
    let file = |text| Arc::new(parse(text).expect("a catalogue"));
    let catalogues = Arc::new(Catalogues::new([
        file("a = mine\n"),
        file("a = theirs\nb = theirs\n"),
    ]));
    let said = |key: &str| {
        catalogues
            .message(key, Vec::new())
            .expect("a message")
            .to_string()
    };
    assert_eq!([said("a"), said("b")], ["mine", "theirs"]);
}

#[test]
fn a_stronger_text_may_leave_a_value_out_and_is_passed_over_where_it_wants_another() {
    let file = |text| Arc::new(parse(text).expect("a catalogue"));
    let catalogues = Arc::new(Catalogues::new([
        file("a = mine\nb = { $other }\n"),
        file("a = { $one }\nb = { $one }\n"),
    ]));
    let said = |key: &str| {
        let message = catalogues.message(key, given([("one", "1".into())]));
        message.expect("a message").to_string()
    };
    assert_eq!([said("a"), said("b")], ["mine", "1"]);
    assert_eq!(catalogues.differences().len(), 2);
}

#[test]
fn an_attribute_is_a_text_of_its_own() {
    let catalogues =
        english("stale = { $count } rows\n    .advice = remove them with { $command }\n");
    let advice = catalogues.message("stale.advice", given([("command", "cleanup".into())]));
    assert_eq!(
        advice.expect("a message").to_string(),
        "remove them with cleanup"
    );
}

#[test]
fn lines_of_a_text_are_one_sentence() {
    let catalogues = english("long = the first line\n    and { $what }\n    and the last\n");
    let message = catalogues
        .message("long", given([("what", "a\nb".into())]))
        .expect("a message");
    assert_eq!(message.to_string(), "the first line and a\nb and the last");
}

#[test]
fn arguments_are_those_of_the_text() {
    let catalogues = english("row = { $who ->\n    [me] mine\n   *[other] { $whose }\n }\n");
    let made = |arguments| {
        catalogues
            .message("row", arguments)
            .map(|message| message.to_string())
    };
    let missing = |name: &str| {
        Err(MessageError::Missing {
            key: "row".to_owned(),
            placeholder: name.to_owned(),
        })
    };
    assert_eq!(made(given([("who", "me".into())])), missing("whose"));
    assert_eq!(made(given([("whose", "me".into())])), missing("who"));
    let all = [("who", "me".into()), ("whose", "his".into())];
    assert_eq!(made(given(all.clone())), Ok("mine".to_owned()));
    let [who, whose] = all;
    assert_eq!(
        made(given([who, whose, ("why", "".into())])),
        Err(MessageError::Unused {
            key: "row".to_owned(),
            argument: "why".to_owned()
        })
    );
    let unknown = catalogues.message("rows", Vec::new());
    assert_eq!(
        unknown,
        Err(MessageError::Unknown {
            key: "rows".to_owned()
        })
    );
}

#[test]
fn messages_nest_as_deep_as_somebody_would_read() {
    let catalogues = english("a = ({ $a })\n");
    let mut inside = Argument::from("x");
    for depth in 1.. {
        match catalogues.message("a", given([("a", inside)])) {
            Ok(message) => inside = Said::from(message).into(),
            Err(MessageError::Deep { .. }) => return assert_eq!(depth, 17),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn what_differs_between_languages_is_known() {
    let catalogues = both(
        "a = { $one } { $two }\nb = { $one }\n",
        "\n\na = { $one } { $three }\nb = { $one }\n",
    );
    let differences = catalogues.differences();
    let [only] = differences.as_slice() else {
        panic!("{differences:?}")
    };
    assert_eq!((only.key.as_str(), only.line), ("a", 3));
    assert_eq!(
        (only.missing.as_slice(), only.unknown.as_slice()),
        (&["two".to_owned()][..], &["three".to_owned()][..])
    );
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_line() {
    let deep = format!("a = {}x\n", "{ ".repeat(101));
    let many = format!("a = {}\n", "{ $x }".repeat(65));
    let long = "# \n".repeat(MOST_BYTES / 3 + 1);
    for (text, line, said) in [
        ("a = x\nb\n", 2, "token starting with \"=\""),
        ("a = x\n\nb = { $x\n", 3, ""),
        ("a = x\na = y\n", 2, "`a` is there twice"),
        ("a = x\na =\n    .b = y\n", 2, "`a` is there twice"),
        ("a = x\n  .b = y\n  .b = z\n", 1, "`a.b` is there twice"),
        ("a = x\nb = { a }\n", 2, "does not refer to `a`"),
        ("-a = x\n", 1, "no terms such as `-a`"),
        ("b = { -a }\n", 1, "does not refer to `a`"),
        ("b = { NUMBER($a) }\n", 1, "no function `NUMBER`"),
        (
            "b = { 1 ->\n   *[other] x\n }\n",
            1,
            "chosen by a placeholder",
        ),
        (
            "b = { $a ->\n    [1234567890123456] y\n   *[other] x\n }\n",
            1,
            "at most 15 digits",
        ),
        ("b = { 1234567890123456 }\n", 1, "at most 15 digits"),
        (&deep, 1, "at most 100 braces"),
        (&many, 1, "at most 64 placeholders"),
        (&long, 1, "longer than 1024 KiB"),
    ] {
        let error = parse(text)
            .err()
            .unwrap_or_else(|| panic!("a catalogue: {text:.60?}"));
        let problem = &error.problems[0];
        assert_eq!(problem.line, line, "{error}");
        let found = error.to_string().to_lowercase();
        assert!(found.contains(&said.to_lowercase()), "{error}");
    }
}

/// Pieces of the syntax, so that more of what is tried gets past its first lines.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-c]",
        Just("\n".to_owned()),
        Just("\na = ".to_owned()),
        Just("\n    .b = ".to_owned()),
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("{ $x }".to_owned()),
        Just("{ $x ->\n".to_owned()),
        Just("   *[other] ".to_owned()),
        Just("    [one] ".to_owned()),
        Just("\"".to_owned()),
        Just("(".to_owned()),
        Just(")".to_owned()),
        Just("A(".to_owned()),
        Just("\\u00e9".to_owned()),
        Just("\\".to_owned()),
        Just("\r\n".to_owned()),
        Just("# ".to_owned()),
        Just("-".to_owned()),
        Just("[1]".to_owned()),
        Just("9999999999999999999999".to_owned()),
        Just("1.000000000".to_owned()),
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic_whether_it_is_one_or_shown(text in pieces(), count in -3_i64..200) {
        let Ok(catalogue) = parse(&format!("a = x{text}\n")) else { return Ok(()) };
        let catalogues = Arc::new(Catalogues::new([Arc::new(catalogue)]));
        for key in catalogues.keys() {
            let names = catalogues.placeholders(key).into_iter().flatten();
            for argument in [number(&count.to_string()), number("0.00000000000001"), "one".into()] {
                let arguments = names.clone().map(|name| (name.clone(), argument.clone())).collect();
                let message = catalogues.message(key, arguments).expect("all of its placeholders");
                prop_assert!(!message.to_string().contains("{$"), "{message}");
            }
        }
    }
}
