//! Dialogues, bytes and texts of real routers, read from the folder that `ROUTEROS_FIXTURES` names.
//!
//! The recordings are not part of this repository. Of the folder, `rest.json` and `menu-changes.json`
//! do not apply: they are about another protocol, and about differences between versions.

#![cfg(feature = "recordings")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests")]

use std::collections::HashMap;

use routeros_proto::{
    ChallengeLogin, Closed, Command, Connection, Credentials, Decoder, Event, Limits, Login,
    LoginError, ProtoError, Query, Reply, Rows, Sentence, Server, Step, Tag, TagPlace, Trap,
    challenge_response, length,
};
use serde_json::Value;

type Words = Vec<Vec<u8>>;

fn recording(name: &str) -> Value {
    let folder = std::env::var("ROUTEROS_FIXTURES")
        .expect("ROUTEROS_FIXTURES names the folder of the recordings");
    let path = std::path::Path::new(&folder).join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn entries(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list of entries")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn sentences(value: &Value) -> Vec<Words> {
    let word = |word: &Value| text(word).as_bytes().to_vec();
    entries(value)
        .iter()
        .map(|sentence| entries(sentence).iter().map(word).collect())
        .collect()
}

fn written(sentences: &[Words]) -> Vec<u8> {
    let write = |words: &Words| {
        let mut sentence = Sentence::new();
        for word in words {
            sentence.word(word);
        }
        sentence.finish().to_vec()
    };
    sentences.iter().flat_map(write).collect()
}

fn read(pieces: [&[u8]; 2]) -> Vec<Words> {
    let mut decoder = Decoder::new(Limits::default());
    let mut all = Vec::new();
    for batch in pieces
        .into_iter()
        .flat_map(|piece| decoder.receive(piece).unwrap())
    {
        all.extend(
            batch
                .iter()
                .map(|sentence| sentence.words().map(<[u8]>::to_vec).collect::<Words>()),
        );
    }
    assert_eq!(decoder.finish(), Closed::Clean);
    all
}

fn login(user: &str, password: &str) -> Login {
    let credentials = Credentials {
        user: user.to_owned(),
        password: password.as_bytes().to_vec(),
    };
    Login::new(credentials, ChallengeLogin::Answer, Limits::default())
}

fn connection() -> Connection {
    match login("admin", "").receive(b"\x05!done\x00").unwrap() {
        Step::LoggedIn(connection) => connection,
        Step::Waiting(login) => panic!("{login:?}"),
    }
}

#[test]
fn lengths_are_written_and_read_as_others_do() {
    let file = recording("length-vectors.json");
    let mut checked = 0;
    for vector in entries(&file["vectors"])
        .iter()
        .chain(entries(&file["boundaries_computed"]))
    {
        let length = u32::try_from(vector["length"].as_u64().unwrap()).unwrap();
        let wire = hex(text(&vector["hex"]));
        let mut own = Vec::new();
        length::encode(length, &mut own);
        assert_eq!(own, wire, "{vector}");
        assert_eq!(
            length::decode(&wire),
            Ok(Some((length, wire.len()))),
            "{vector}"
        );
        checked += 1;
    }
    assert_eq!(checked, 24);
    let invalid = entries(&file["invalid_first_bytes"]["hex"]);
    for byte in invalid {
        let byte = hex(text(byte))[0];
        assert_eq!(
            length::decode(&[byte]),
            Err(ProtoError::ControlByte { byte })
        );
    }
    assert_eq!(invalid.len(), 8);
}

#[test]
fn challenges_are_answered_as_others_do() {
    let file = recording("login-vectors.json");
    let vectors = entries(&file["vectors"]);
    for vector in vectors {
        let response = challenge_response(
            text(&vector["password"]).as_bytes(),
            text(&vector["challenge"]).as_bytes(),
        );
        assert_eq!(response.as_deref(), vector["response"].as_str(), "{vector}");
    }
    assert_eq!(vectors.len(), 3);
}

/// Query words of the recordings, joined, with rows the query keeps and rows it does not keep.
type Meaning = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const MEANINGS: [Meaning; 8] = [
    (
        "?type=ether ?type=vlan ?#|",
        &["type=ether", "type=vlan"],
        &["type=bridge", ""],
    ),
    (
        "?type=ether ?type=vlan ?#|!",
        &["type=bridge", ""],
        &["type=ether", "type=vlan"],
    ),
    ("?>comment=", &["comment=x"], &["comment=", ""]),
    (
        "?>distance=1 ?gateway=172.16.1.1 ?#&!",
        &[
            "distance=1 gateway=172.16.1.1",
            "distance=2 gateway=172.16.1.2",
            "",
        ],
        &[
            "distance=2 gateway=172.16.1.1",
            "distance=10 gateway=172.16.1.1",
        ],
    ),
    (
        "?address=192.168.1.11 ?address=192.168.1.12 ?#| ?address=192.168.1.13 ?#|",
        &[
            "address=192.168.1.11",
            "address=192.168.1.12",
            "address=192.168.1.13",
        ],
        &["address=192.168.1.14", ""],
    ),
    (
        "?=interface=VLAN101",
        &["interface=VLAN101"],
        &["interface=VLAN10", ""],
    ),
    ("?.id=ether1", &[], &[".id=*1 name=ether1"]),
    (
        "?network=192.168.111.111 ?dynamic=true ?#|",
        &[
            "network=192.168.111.111 dynamic=false",
            "dynamic=true",
            "dynamic=yes",
        ],
        &["network=192.168.111.0 dynamic=false", ""],
    ),
];

#[test]
fn queries_mean_what_their_sources_say() {
    let file = recording("query-vectors.json");
    let mut left: HashMap<&str, &Meaning> = MEANINGS
        .iter()
        .map(|meaning| (meaning.0, meaning))
        .collect();
    for entry in entries(&file) {
        let words: Vec<String> = match entry.get("sent") {
            Some(sent) => entries(sent)
                .iter()
                .map(|word| text(word).to_owned())
                .filter(|word| word.starts_with('?'))
                .collect(),
            None => entries(&entry["rest"][".query"])
                .iter()
                .map(|word| format!("?{}", text(word)))
                .collect(),
        };
        let query = Query::parse(&words).unwrap();
        let (_, kept, dropped) = left
            .remove(words.join(" ").as_str())
            .unwrap_or_else(|| panic!("{entry} is not known"));
        kept.iter()
            .for_each(|row| assert!(keeps(&query, row), "{words:?} on {row}"));
        dropped
            .iter()
            .for_each(|row| assert!(!keeps(&query, row), "{words:?} on {row}"));
    }
    assert!(left.is_empty(), "not in the recordings: {left:?}");
}

fn keeps(query: &Query, row: &str) -> bool {
    query.matches(|name| {
        let mut fields = row.split(' ').filter_map(|field| field.split_once('='));
        fields
            .find(|(known, _)| known.as_bytes() == name)
            .map(|(_, value)| value.as_bytes())
    })
}

#[test]
fn captured_bytes_are_read_and_written_wherever_they_are_cut() {
    let file = recording("raw-bytes.json");
    let captures = entries(&file);
    for capture in captures {
        let wire = hex(text(&capture["received_hex"]));
        let words = sentences(&capture["received"]);
        for cut in 0..=wire.len() {
            assert_eq!(
                read([&wire[..cut], &wire[cut..]]),
                words,
                "{} cut at {cut}",
                capture["id"]
            );
        }
        assert_eq!(written(&words), wire, "{}", capture["id"]);
        if let Some(sent) = capture.get("sent_hex") {
            assert_eq!(written(&sentences(&capture["sent"])), hex(text(sent)));
        }
    }
    assert_eq!(captures.len(), 4);
}

#[test]
fn every_dialogue_survives_the_wire() {
    let file = recording("exchanges.json");
    let mut checked = 0;
    for exchange in entries(&file) {
        for side in ["sent", "received"] {
            let words = sentences(&exchange[side]);
            let wire = written(&words);
            for cut in [0, wire.len() / 3, wire.len() / 2] {
                assert_eq!(
                    read([&wire[..cut], &wire[cut..]]),
                    words,
                    "{} {side}",
                    exchange["id"]
                );
            }
        }
        checked += 1;
    }
    assert_eq!(checked, 46);
}

#[test]
fn every_dialogue_is_understood() {
    let file = recording("exchanges.json");
    let (mut logins, mut commands, mut one_sided) = (0, 0, 0);
    for exchange in entries(&file) {
        let (sent, received) = (
            sentences(&exchange["sent"]),
            sentences(&exchange["received"]),
        );
        let known = |sentence: &Words| sentence[0].starts_with(b"!");
        assert!(received.iter().all(known), "{}", exchange["id"]);
        if sent.is_empty() || received.is_empty() {
            one_sided += 1;
        } else if sent[0][0] == b"/login" {
            replay_login(text(&exchange["id"]), &sent, &received);
            logins += 1;
        } else {
            replay_commands(text(&exchange["id"]), &sent, &received);
            commands += 1;
        }
    }
    assert_eq!((logins, commands, one_sided), (9, 31, 6));
}

/// Whether the login succeeds is what the last answer says.
fn replay_login(id: &str, sent: &[Words], received: &[Words]) {
    let value = |name: &str| {
        let last = sent.last().unwrap();
        last.iter()
            .find_map(|word| word.strip_prefix(format!("={name}=").as_bytes()))
            .map(<[u8]>::to_vec)
    };
    let user = String::from_utf8(value("name").unwrap()).unwrap();
    let password = if user == "userTest" { "passTest" } else { "" };
    let mut step = Ok(Step::Waiting(login(&user, password)));
    for answer in received {
        let Ok(Step::Waiting(mut login)) = step else {
            panic!("{id} ended early")
        };
        drop(login.poll_transmit());
        step = login.receive(&written(&[unmasked(answer)]));
    }
    let trap = received.iter().any(|answer| answer[0] == b"!trap");
    let complete = received.last().unwrap()[0] == b"!done";
    match step {
        Err(LoginError::Refused { .. }) => assert!(trap && complete, "{id}"),
        Ok(Step::LoggedIn(_)) => assert!(!trap, "{id}"),
        Ok(Step::Waiting(_)) => assert!(trap && !complete, "{id}"),
        Err(other) => panic!("{id}: {other}"),
    }
}

/// Some reporters masked the challenge with `x`.
fn unmasked(words: &Words) -> Words {
    let unmask = |word: &Vec<u8>| {
        if word.starts_with(b"=ret=x") {
            b"=ret=00".to_vec()
        } else {
            word.clone()
        }
    };
    words.iter().map(unmask).collect()
}

/// Sends the commands, answers them as recorded, and compares what is told for each.
fn replay_commands(id: &str, sent: &[Words], received: &[Words]) {
    let mut client = connection();
    let mut tags: HashMap<Vec<u8>, Tag> = HashMap::new();
    for words in sent.iter().filter(|words| words[0] != b"/quit") {
        let command = Command::new(std::str::from_utf8(&words[0]).unwrap());
        tags.insert(tag_of(words), client.send(&command).unwrap());
    }
    let mut expected: HashMap<Tag, (usize, usize, Vec<Trap>)> = HashMap::new();
    for words in received {
        if words[0] == b"!fatal" {
            client
                .receive(&written(std::slice::from_ref(words)))
                .unwrap();
            assert!(
                matches!(client.poll_event(), Some(Event::Fatal { reason }) if reason == "session terminated on request"),
                "{id}"
            );
            continue;
        }
        let tag = tags[&tag_of(words)];
        let story = expected.entry(tag).or_default();
        let wire = written(&[retagged(words, tag)]);
        match Reply::new(routeros_proto::SentenceRef::new(&wire)) {
            Reply::Row(_) => story.0 += 1,
            Reply::Done(_) => story.1 += 1,
            Reply::Trap(trap) => story.2.push(Trap::new(trap)),
            Reply::Empty => {}
            other => panic!("{id}: {other:?}"),
        }
        client.receive(&wire).unwrap();
    }
    for (tag, told) in told(&mut client) {
        let (rows, done, traps) = expected.remove(&tag).unwrap();
        assert_eq!((told.0, told.1), (rows, done), "{id}");
        assert!(done == 0 || told.2 == traps, "{id}");
    }
    // What is left was not told, because its end was not recorded.
    assert!(
        expected
            .values()
            .all(|(rows, done, _)| (*rows, *done) == (0, 0)),
        "{id}: {expected:?}"
    );
    assert_eq!(client.dropped(), 0, "{id}");
}

fn told(client: &mut Connection) -> HashMap<Tag, (usize, usize, Vec<Trap>)> {
    let mut told: HashMap<Tag, (usize, usize, Vec<Trap>)> = HashMap::new();
    while let Some(event) = client.poll_event() {
        match event {
            Event::Rows { tag, rows } => told.entry(tag).or_default().0 += rows.len(),
            Event::Done { tag, traps, .. } => {
                let story = told.entry(tag).or_default();
                story.1 += 1;
                story.2.extend(traps);
            }
            Event::Fatal { reason } => panic!("{reason}"),
        }
    }
    told
}

fn tag_of(words: &Words) -> Vec<u8> {
    words
        .iter()
        .find_map(|word| word.strip_prefix(b".tag="))
        .unwrap_or_default()
        .to_vec()
}

/// The tag takes the place it had in the recording, or the last one.
fn retagged(words: &Words, tag: Tag) -> Words {
    let own = format!(".tag={tag}").into_bytes();
    let mut words = words.clone();
    match words.iter_mut().find(|word| word.starts_with(b".tag=")) {
        Some(word) => *word = own,
        None => words.push(own),
    }
    words
}

#[test]
fn every_text_of_a_trap_is_kept() {
    let file = recording("traps.json");
    // One of the texts is the reason of a `!fatal`.
    let (fatal, traps): (Vec<_>, Vec<_>) = entries(&file)
        .iter()
        .partition(|trap| trap["category"] == "!fatal");
    for trap in &traps {
        let category = trap["category"]
            .as_str()
            .map(|category| category.parse().unwrap());
        let mut server = Server::new(Limits::default(), TagPlace::default());
        server.trap(Some(b"1"), category, text(&trap["message"]));
        let wire = server.poll_transmit().unwrap();
        let read = Trap::new(routeros_proto::SentenceRef::new(&wire));
        assert_eq!(
            (read.message().as_ref(), read.category),
            (text(&trap["message"]), category)
        );
    }
    assert_eq!((fatal.len(), traps.len()), (1, 41));
}

#[test]
fn every_row_gives_back_its_values() {
    let file = recording("rows.json");
    let mut checked = 0;
    for menu in entries(&file) {
        let mut server = Server::new(Limits::default(), TagPlace::default());
        for row in entries(&menu["rows"]) {
            server.row(
                Some(b"1"),
                row.as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, value)| (name, text(value))),
            );
        }
        let mut decoder = Decoder::new(Limits::default());
        let mut rows = Rows::default();
        let batches = decoder.receive(&server.poll_transmit().unwrap()).unwrap();
        batches.into_iter().for_each(|batch| rows.push(batch));
        for (row, recorded) in rows.iter().zip(entries(&menu["rows"])) {
            let recorded = recorded.as_object().unwrap();
            assert_eq!(row.fields().count(), recorded.len());
            for (name, value) in recorded {
                assert_eq!(row.get(name), Some(text(value).as_bytes()));
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 5);
}

#[test]
fn every_name_of_the_menus_can_be_asked_for_set_and_queried() {
    let file = recording("menus-7.22.3.json");
    let menus = file["menus"].as_object().unwrap();
    for (path, menu) in menus {
        let mut names: Vec<&str> = Vec::new();
        names.extend(menu["readable"].as_array().into_iter().flatten().map(text));
        for arguments in ["add", "set", "print"] {
            names.extend(
                menu[arguments]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name.as_str()),
            );
            names.extend(menu[arguments].as_array().into_iter().flatten().map(text));
        }
        let mut command = Command::new(&format!("{path}/print")).fields(&names);
        for name in &names {
            command = command.attribute(name, "x").query(Query::present(name));
            command.check(Limits::default()).unwrap();
        }
        let mut client = connection();
        client.send(&command).unwrap();
        let mut server = Server::new(Limits::default(), TagPlace::default());
        server.receive(&client.poll_transmit().unwrap()).unwrap();
        let request = server.poll_request().unwrap();
        assert_eq!(request.path(), format!("{path}/print").as_bytes());
        assert_eq!(
            request.attributes().count(),
            names.len() + usize::from(!names.is_empty()),
            "{path}"
        );
    }
    assert_eq!(menus.len(), 23);
}
