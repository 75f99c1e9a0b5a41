//! Round trips, random pieces, and no panic whatever the bytes.

#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::collection::vec;
use proptest::prelude::*;
use routeros_proto::{
    ChallengeLogin, Credentials, Decoder, Id, Limits, Login, Query, Reply, RowRef, Rows, Sentence,
    SentenceRef, Server, Step, TagPlace, Trap, length,
};

type Words = Vec<Vec<u8>>;

fn word() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![8 => vec(any::<u8>(), 1..40), 1 => vec(any::<u8>(), 120..140), 1 => vec(any::<u8>(), 16_380..16_390)]
}

fn sentences() -> impl Strategy<Value = Vec<Words>> {
    vec(vec(word(), 1..8), 0..12)
}

/// Bytes that look like the protocol more often than chance would have it.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        vec(any::<u8>(), 0..12),
        Just(b"\x03!re".to_vec()),
        Just(b"\x05!done\x00".to_vec()),
        Just(b"\x05!trap\x08=message\x00".to_vec()),
        Just(b"\x06!fatal\x00".to_vec()),
        Just(b"\x06.tag=1".to_vec()),
        Just(b"\x05=ret=\x00".to_vec()),
        Just(vec![0x80]),
        Just(vec![0xF0, 0x7F, 0xFF, 0xFF, 0xFF]),
    ];
    vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

fn written(sentences: &[Words]) -> Vec<u8> {
    let mut wire = Vec::new();
    for words in sentences {
        let mut sentence = Sentence::new();
        for word in words {
            sentence.word(word);
        }
        wire.extend_from_slice(&sentence.finish());
    }
    wire
}

fn words(sentence: SentenceRef<'_>) -> Words {
    sentence.words().map(<[u8]>::to_vec).collect()
}

/// Feeds `wire` in pieces of the given sizes, over and over.
fn read(wire: &[u8], sizes: &[usize]) -> Vec<Words> {
    let mut decoder = Decoder::new(Limits::default());
    let mut rest = wire;
    let mut read = Vec::new();
    for &size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, tail) = rest.split_at(size.min(rest.len()));
        for batch in decoder.receive(piece).unwrap() {
            read.extend(batch.iter().map(words));
        }
        rest = tail;
    }
    read
}

proptest! {
    #[test]
    fn a_length_is_read_as_it_was_written(length: u32) {
        let mut wire = Vec::new();
        length::encode(length, &mut wire);
        prop_assert_eq!(length::decode(&wire), Ok(Some((length, wire.len()))));
    }

    #[test]
    fn sentences_are_read_as_they_were_written(sentences in sentences(), sizes in vec(1_usize..5000, 1..6)) {
        prop_assert_eq!(read(&written(&sentences), &sizes), sentences);
    }

    #[test]
    fn rows_give_back_their_fields(fields in vec(("[a-z.-]{1,12}", vec(any::<u8>(), 0..20)), 0..9)) {
        let mut sentence = Sentence::new();
        sentence.word(b"!re");
        for (name, value) in &fields {
            sentence.attribute(name.as_bytes(), value);
        }
        let mut rows = Rows::default();
        let mut decoder = Decoder::new(Limits::default());
        decoder.receive(&sentence.finish()).unwrap().into_iter().for_each(|batch| rows.push(batch));
        let row = rows.row(0).unwrap().compact();
        let read: Vec<_> = row.fields().map(|(name, value)| (String::from_utf8(name.to_vec()).unwrap(), value.to_vec())).collect();
        prop_assert_eq!(&read, &fields);
        for (name, _) in &fields {
            let first = fields.iter().find(|(known, _)| known == name).map(|(_, value)| &value[..]);
            prop_assert_eq!(row.get(name), first);
            prop_assert_eq!(row.get_all(name).count(), fields.iter().filter(|(known, _)| known == name).count());
        }
    }

    #[test]
    fn rows_keep_their_order_over_many_pieces(count in 1_usize..300, size in 1_usize..2000) {
        let wire: Vec<u8> = (0..count).flat_map(|n| written(&[vec![b"!re".to_vec(), format!("=n={n}").into_bytes()]])).collect();
        let (mut decoder, mut rows) = (Decoder::new(Limits::default()), Rows::default());
        for piece in wire.chunks(size) {
            decoder.receive(piece).unwrap().into_iter().for_each(|batch| rows.push(batch));
        }
        let number = |row: RowRef<'_>| std::str::from_utf8(row.get("n").unwrap()).unwrap().parse::<usize>().unwrap();
        prop_assert!(rows.iter().map(number).eq(0..count));
        prop_assert!((0..count).map(|n| number(rows.get(n).unwrap())).eq(0..count));
        prop_assert_eq!(number(rows.row(count - 1).unwrap().borrow()), count - 1);
        prop_assert!(rows.get(count).is_none() && rows.row(count).is_none());
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in hostile(), sizes in vec(1_usize..40, 1..4)) {
        let sentence = SentenceRef::new(&bytes);
        let _ = (sentence.wire(), sentence.tag(), sentence.get("message"), format!("{sentence:?}"), Trap::new(sentence));
        let _ = (Reply::new(sentence), RowRef::new(sentence).fields().count(), Id::try_from(&bytes[..]));
        let mut server = Server::new(Limits::default(), TagPlace::Last);
        let _ = server.receive(&bytes);
        while let Some(request) = server.poll_request() {
            let _ = (request.query().map(|query| query.matches(|name| request.get(std::str::from_utf8(name).ok()?))), request.tag());
        }
        let mut login = Login::new(
            Credentials { user: "u".to_owned(), password: Vec::new() },
            ChallengeLogin::Answer,
            Limits::default(),
        );
        let mut pieces = bytes.chunks(sizes[0]);
        while let Some(piece) = pieces.next() {
            match login.receive(piece) {
                Ok(Step::Waiting(same)) => login = same,
                Ok(Step::LoggedIn(mut connection)) => {
                    let tag = connection.send(&routeros_proto::Command::new("/x")).unwrap();
                    for piece in pieces.by_ref() {
                        if connection.receive(piece).is_err() { break; }
                        connection.cancel(tag);
                    }
                    while connection.poll_event().is_some() {}
                    return Ok(());
                }
                Err(_) => return Ok(()),
            }
        }
    }

    #[test]
    fn no_query_word_makes_the_evaluator_panic(texts in vec("\\?[#<>=-]?[0-9a.!&|=]{0,12}", 0..8), truth in vec(any::<bool>(), 8)) {
        if let Ok(query) = Query::parse(&texts) {
            let _ = query.matches(|name| truth[name.len() % truth.len()].then_some(&b"1"[..]));
            prop_assert_eq!(Query::parse(query.words()).unwrap(), query);
        }
    }

    #[test]
    fn combined_queries_follow_logic(a in any::<bool>(), b in any::<bool>(), c in any::<bool>()) {
        let value = |name: &[u8]| {
            let truth = match name { b"a" => a, b"b" => b, _ => c };
            truth.then_some(&b""[..])
        };
        let [x, y, z] = ["a", "b", "c"].map(Query::present);
        prop_assert_eq!(x.clone().and(y.clone()).or(z.clone().not()).matches(value), (a && b) || !c);
        prop_assert_eq!(x.or(y.and(z).not()).not().matches(value), !(a || !(b && c)));
    }
}
