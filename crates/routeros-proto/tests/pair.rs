//! Client and server state joined in memory.

#![allow(clippy::unwrap_used, reason = "tests")]

use bytes::BufMut;
use routeros_proto::{
    ChallengeLogin, Command, Connection, Credentials, Event, Limits, Login, LoginError, ProtoError,
    Query, Server, Step, Tag, TagPlace,
};

const NOTHING: [(&str, &str); 0] = [];

fn credentials() -> Credentials {
    Credentials {
        user: "admin".to_owned(),
        password: b"secret".to_vec(),
    }
}

fn login(challenge: ChallengeLogin) -> Login {
    Login::new(credentials(), challenge, Limits::default())
}

/// A client that is logged in to a server which has seen its login.
fn pair(tag_place: TagPlace) -> (Connection, Server) {
    let mut login = login(ChallengeLogin::Refuse);
    let mut server = Server::new(Limits::default(), tag_place);
    server.receive(&login.poll_transmit().unwrap()).unwrap();
    let request = server.poll_request().unwrap();
    assert_eq!(request.path(), b"/login");
    assert_eq!(request.get("name"), Some(&b"admin"[..]));
    assert_eq!(request.get("password"), Some(&b"secret"[..]));
    server.done(request.tag(), NOTHING);
    (
        logged_in(login.receive(&server.poll_transmit().unwrap())),
        server,
    )
}

fn logged_in(step: Result<Step, LoginError>) -> Connection {
    match step.unwrap() {
        Step::LoggedIn(connection) => connection,
        Step::Waiting(login) => panic!("still waiting: {login:?}"),
    }
}

fn waiting(step: Result<Step, LoginError>) -> Login {
    match step.unwrap() {
        Step::Waiting(login) => login,
        Step::LoggedIn(_) => panic!("logged in"),
    }
}

fn deliver(client: &mut Connection, server: &mut Server) {
    if let Some(bytes) = client.poll_transmit() {
        server.receive(&bytes).unwrap();
    }
}

fn events(client: &mut Connection, server: &mut Server) -> Vec<Event> {
    if let Some(bytes) = server.poll_transmit() {
        client.receive(&bytes).unwrap();
    }
    std::iter::from_fn(|| client.poll_event()).collect()
}

/// Rows as (tag, value of `n`), the ends as (tag, texts of the errors).
fn told(events: &[Event]) -> Vec<(Tag, Vec<String>)> {
    events
        .iter()
        .map(|event| match event {
            Event::Rows { tag, rows } => {
                let value = |row: routeros_proto::SentenceRef<'_>| {
                    String::from_utf8_lossy(row.get("n").unwrap_or(b"-")).into_owned()
                };
                (*tag, rows.iter().map(value).collect())
            }
            Event::Done {
                tag,
                attributes,
                traps,
            } => {
                let ret = attributes
                    .get("ret")
                    .map(|ret| String::from_utf8_lossy(ret).into_owned());
                let texts = traps.iter().map(|trap| trap.message().into_owned());
                (
                    *tag,
                    ["done".to_owned()]
                        .into_iter()
                        .chain(ret)
                        .chain(texts)
                        .collect(),
                )
            }
            Event::Fatal { reason } => panic!("fatal {reason}"),
        })
        .collect()
}

#[test]
fn commands_in_flight_get_their_own_rows_wherever_the_tag_stands() {
    for tag_place in [TagPlace::AfterReplyWord, TagPlace::Last] {
        let (mut client, mut server) = pair(tag_place);
        let alpha = client.send(&Command::new("/alpha/print")).unwrap();
        let beta = client.send(&Command::new("/beta/print")).unwrap();
        deliver(&mut client, &mut server);
        let first = server.poll_request().unwrap();
        let second = server.poll_request().unwrap();
        server.row(second.tag(), [("n", "1")]);
        server.row(first.tag(), [("n", "2")]);
        server.row(second.tag(), [("n", "3")]);
        server.done(second.tag(), NOTHING);
        server.row(first.tag(), NOTHING);
        server.done(first.tag(), [("ret", "*3")]);
        let told = told(&events(&mut client, &mut server));
        let of = |tag| {
            told.iter()
                .filter(move |(of, _)| *of == tag)
                .flat_map(|(_, it)| it.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(of(alpha), ["2", "-", "done", "*3"]);
        assert_eq!(of(beta), ["1", "3", "done"]);
        assert_eq!(client.in_flight(), 0);
        assert_eq!(client.dropped(), 0);
    }
}

#[test]
fn a_command_ends_at_done_and_keeps_every_error_before_it() {
    let (mut client, mut server) = pair(TagPlace::default());
    let tag = client.send(&Command::new("ip adress print")).unwrap();
    deliver(&mut client, &mut server);
    let request = server.poll_request().unwrap();
    assert_eq!(request.path(), b"/ip/adress/print");
    server.row(request.tag(), [("n", "1")]);
    server.trap(
        request.tag(),
        Some(0),
        "no such command or directory (adress)",
    );
    server.trap(request.tag(), None, "no such command prefix");
    let before = told(&events(&mut client, &mut server));
    assert_eq!(before, [(tag, vec!["1".to_owned()])]);
    server.done(request.tag(), NOTHING);
    let after = told(&events(&mut client, &mut server));
    assert_eq!(
        after[0].1[1..],
        [
            "no such command or directory (adress)",
            "no such command prefix"
        ]
    );
}

#[test]
fn empty_and_unknown_reply_words_end_nothing() {
    let (mut client, mut server) = pair(TagPlace::default());
    let tag = client.send(&Command::new("/ip/arp/print")).unwrap();
    deliver(&mut client, &mut server);
    let request = server.poll_request().unwrap();
    server.empty(request.tag());
    server.reply(b"!news", request.tag(), [("n", "9")]);
    server.empty(request.tag());
    server.row(request.tag(), [("n", "1")]);
    server.done(request.tag(), NOTHING);
    let told = told(&events(&mut client, &mut server));
    assert_eq!(
        told,
        [(tag, vec!["1".to_owned()]), (tag, vec!["done".to_owned()])]
    );
    assert_eq!(client.dropped(), 1);
}

#[test]
fn a_cancelled_command_ends_with_interrupted_and_the_cancel_is_not_told() {
    let (mut client, mut server) = pair(TagPlace::default());
    let tag = client.send(&Command::new("/interface/listen")).unwrap();
    client.cancel(tag);
    client.cancel(tag);
    deliver(&mut client, &mut server);
    let listen = server.poll_request().unwrap();
    let cancel = server.poll_request().unwrap();
    assert_eq!(cancel.path(), b"/cancel");
    assert_eq!(cancel.get("tag"), listen.tag());
    assert!(server.poll_request().is_none(), "cancelled once");
    server.trap(listen.tag(), Some(2), "interrupted");
    server.done(cancel.tag(), NOTHING);
    server.done(listen.tag(), NOTHING);
    let told = told(&events(&mut client, &mut server));
    assert_eq!(
        told,
        [(tag, vec!["done".to_owned(), "interrupted".to_owned()])]
    );
    assert_eq!(client.in_flight(), 0);
}

#[test]
fn replies_for_tags_that_ended_are_dropped_and_counted() {
    let (mut client, mut server) = pair(TagPlace::default());
    let tag = client.send(&Command::new("/ip/arp/print")).unwrap();
    client.cancel(tag);
    client.forget(tag);
    assert_eq!(client.in_flight(), 0);
    deliver(&mut client, &mut server);
    let request = server.poll_request().unwrap();
    server.row(request.tag(), [("n", "1")]);
    server.row(None, [("n", "2")]);
    server.row(Some(b"no number"), [("n", "3")]);
    server.done(request.tag(), NOTHING);
    assert!(events(&mut client, &mut server).is_empty());
    assert_eq!(client.dropped(), 4);
    client.cancel(tag);
    assert!(
        client.poll_transmit().is_none(),
        "nothing is left to cancel"
    );
}

#[test]
fn a_fatal_reply_is_told_in_both_its_forms() {
    for wire in [
        &b"\x06!fatal\x1dsession terminated on request\x00"[..],
        b"\x06!fatal\x26=message=session terminated on request\x00",
    ] {
        let (mut client, _server) = pair(TagPlace::default());
        client.quit();
        assert_eq!(&client.poll_transmit().unwrap()[..], b"\x05/quit\x00");
        client.receive(wire).unwrap();
        assert!(
            matches!(client.poll_event(), Some(Event::Fatal { reason }) if reason == "session terminated on request")
        );
    }
}

#[test]
fn rows_before_a_fault_of_the_protocol_are_told() {
    let (mut client, mut server) = pair(TagPlace::default());
    client.send(&Command::new("/ip/arp/print")).unwrap();
    deliver(&mut client, &mut server);
    let request = server.poll_request().unwrap();
    server.row(request.tag(), [("n", "1")]);
    let wire = [&server.poll_transmit().unwrap()[..], b"\xff"].concat();
    assert_eq!(
        client.receive(&wire),
        Err(ProtoError::ControlByte { byte: 0xFF })
    );
    assert!(matches!(client.poll_event(), Some(Event::Rows { rows, .. }) if rows.len() == 1));
}

#[test]
fn a_query_arrives_as_it_was_built() {
    let (mut client, mut server) = pair(TagPlace::default());
    let query = Query::equal("list", "blocked").and(Query::greater("comment", "").not());
    let command = Command::new("/ip/firewall/address-list/print")
        .fields(["address"])
        .query(query.clone());
    client.send(&command).unwrap();
    deliver(&mut client, &mut server);
    let request = server.poll_request().unwrap();
    assert_eq!(request.get(".proplist"), Some(&b"address"[..]));
    assert_eq!(request.query().unwrap(), query);
}

#[test]
fn the_challenge_of_an_old_router_is_answered_only_if_allowed() {
    let mut old = login(ChallengeLogin::Answer);
    old.poll_transmit().unwrap();
    let mut old = waiting(old.receive(b"\x05!done\x25=ret=93b438ec9b80057c06dd9fe67d56aa9a\x00"));
    let mut server = Server::new(Limits::default(), TagPlace::default());
    server.receive(&old.poll_transmit().unwrap()).unwrap();
    let request = server.poll_request().unwrap();
    assert_eq!(request.get("response").unwrap().len(), 34);
    assert_eq!(request.get("password"), None);
    logged_in(old.receive(b"\x05!done\x00"));

    let strict = login(ChallengeLogin::Refuse);
    let error = strict
        .receive(b"\x05!done\x25=ret=93b438ec9b80057c06dd9fe67d56aa9a\x00")
        .unwrap_err();
    assert_eq!(error, LoginError::ChallengeRefused);
}

#[test]
fn a_router_that_asks_for_ever_is_answered_once() {
    let old = login(ChallengeLogin::Answer);
    let challenge = b"\x05!done\x25=ret=93b438ec9b80057c06dd9fe67d56aa9a\x00";
    let error = waiting(old.receive(challenge))
        .receive(challenge)
        .unwrap_err();
    assert_eq!(error, LoginError::ChallengeRefused);
}

#[test]
fn a_challenge_that_is_not_hexadecimal_is_an_error() {
    for challenge in ["abc", "xy", "+1"] {
        let mut server = Server::new(Limits::default(), TagPlace::default());
        server.done(None, [("ret", challenge)]);
        let error = login(ChallengeLogin::Answer)
            .receive(&server.poll_transmit().unwrap())
            .unwrap_err();
        assert_eq!(
            error,
            LoginError::Challenge {
                seen: challenge.to_owned()
            }
        );
    }
}

#[test]
fn a_refused_login_ends_at_done_with_the_words_of_the_router() {
    let mut server = Server::new(Limits::default(), TagPlace::default());
    server.trap(None, None, "invalid user name or password (6)");
    let login = waiting(login(ChallengeLogin::Refuse).receive(&server.poll_transmit().unwrap()));
    server.done(None, NOTHING);
    let error = login.receive(&server.poll_transmit().unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the router refused the login: `invalid user name or password (6)`"
    );
}

#[test]
fn a_server_of_another_kind_is_recognised_by_its_first_bytes() {
    for (wire, seen) in [
        (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], "S"),
        (b"HTTP/1.1 400 Bad Request\r\n", "HT"),
    ] {
        match login(ChallengeLogin::Refuse).receive(wire).unwrap_err() {
            LoginError::Protocol(ProtoError::NotAReply { seen: said }) => {
                assert!(said.starts_with(seen), "{said}")
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_password_is_not_shown() {
    let (mut client, _server) = pair(TagPlace::default());
    client
        .send(&Command::new("/user/set").attribute("password", "secret"))
        .unwrap();
    assert!(!format!("{client:?}").contains("secret"));
    let login = login(ChallengeLogin::Refuse);
    let command = Command::new("/user/set")
        .attribute("password", "secret")
        .attribute("name", "admin");
    let mut server = Server::new(Limits::default(), TagPlace::default());
    server
        .receive(b"\x06/login\x10=password=secret\x00")
        .unwrap();
    let request = server.poll_request().unwrap();
    for shown in [
        format!("{login:?}"),
        format!("{command:?}"),
        format!("{request:?}"),
        format!("{:?}", credentials()),
    ] {
        assert!(!shown.contains("secret"), "{shown}");
        assert!(shown.contains("***"), "{shown}");
    }
    assert_eq!(
        format!("{command:?}"),
        "/user/set =password=*** =name=admin"
    );
}

#[test]
fn a_peer_that_echoes_does_not_bring_the_password_into_an_error() {
    let mut probe = login(ChallengeLogin::Refuse);
    let sent = probe.poll_transmit().unwrap();
    for cut in 1..=sent.len() {
        let mut login = login(ChallengeLogin::Refuse);
        login.spare().put_slice(&sent[..cut]);
        let shown = match login.advance() {
            Ok(step) => format!("{step:?}"),
            Err(error) => error.to_string(),
        };
        assert!(!shown.contains("secret"), "{shown}");
    }
}

#[test]
fn a_sentence_of_a_router_that_is_no_reply_is_not_shown() {
    for wire in [&b"\x0epassword=geheim\x00"[..], b"\x0fpassword=geheim"] {
        let (mut client, _server) = pair(TagPlace::default());
        assert_eq!(
            client.receive(wire),
            Err(ProtoError::NoReplyWord { byte: b'p' })
        );
    }
}
