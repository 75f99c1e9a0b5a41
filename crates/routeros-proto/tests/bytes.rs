//! Sentences written as literal bytes, as MikroTik's manual describes them.

#![allow(clippy::unwrap_used, reason = "tests")]

use bytes::BufMut;
use routeros_proto::{Batch, Closed, Decoder, Limits, ProtoError, Reply, SentenceRef, length};

/// Rows with the properties that mislead readers: no attributes, values with `=`, empty values, upper
/// case names, a name twice, bytes that are not UTF-8, the tag second, last and absent.
const ANSWER: &[u8] = b"\x03!re\x06.tag=5\x07=.id=*1\x0e=comment=a=b=c\x00\
    \x03!re\x00\
    \x03!re\x08=server=\x0b=HTTPS=true\x06.tag=5\x00\
    \x03!re\x08=dns=one\x08=dns=two\x0f=name=hap ac\xb2\x00!\0\x00\
    \x05!done\x06.tag=5\x00";

fn sentences(wire: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut decoder = Decoder::new(Limits::default());
    let batches = decoder.receive(wire).unwrap();
    assert_eq!(decoder.finish(), Closed::Clean);
    batches
        .iter()
        .flat_map(|batch| batch.iter().map(words).collect::<Vec<_>>())
        .collect()
}

fn words(sentence: SentenceRef<'_>) -> Vec<Vec<u8>> {
    sentence.words().map(<[u8]>::to_vec).collect()
}

#[test]
fn lengths_have_the_five_forms_of_the_manual() {
    let table: [(u32, &[u8]); 10] = [
        (0, &[0x00]),
        (0x7F, &[0x7F]),
        (0x80, &[0x80, 0x80]),
        (0x3FFF, &[0xBF, 0xFF]),
        (0x4000, &[0xC0, 0x40, 0x00]),
        (0x1F_FFFF, &[0xDF, 0xFF, 0xFF]),
        (0x20_0000, &[0xE0, 0x20, 0x00, 0x00]),
        (0xFFF_FFFF, &[0xEF, 0xFF, 0xFF, 0xFF]),
        (0x1000_0000, &[0xF0, 0x10, 0x00, 0x00, 0x00]),
        (u32::MAX, &[0xF0, 0xFF, 0xFF, 0xFF, 0xFF]),
    ];
    for (length, wire) in table {
        let mut written = Vec::new();
        length::encode(length, &mut written);
        assert_eq!(written, wire, "length {length:#x}");
        assert_eq!(length::decode(wire), Ok(Some((length, wire.len()))));
        for cut in 0..wire.len() {
            assert_eq!(
                length::decode(&wire[..cut]),
                Ok(None),
                "{length:#x} cut at {cut}"
            );
        }
    }
}

#[test]
fn a_longer_prefix_than_needed_is_understood() {
    for wire in [
        &[0x80, 5][..],
        &[0xC0, 0, 5],
        &[0xE0, 0, 0, 5],
        &[0xF0, 0, 0, 0, 5],
    ] {
        assert_eq!(length::decode(wire), Ok(Some((5, wire.len()))));
    }
}

#[test]
fn a_first_byte_without_meaning_is_an_error() {
    for byte in 0xF1..=0xF7 {
        assert_eq!(
            length::decode(&[byte]),
            Err(ProtoError::ReservedLength { byte })
        );
    }
    for byte in 0xF8..=0xFF {
        assert_eq!(
            length::decode(&[byte]),
            Err(ProtoError::ControlByte { byte })
        );
    }
}

#[test]
fn a_row_keeps_names_values_and_order_as_sent() {
    let answer = sentences(ANSWER);
    assert_eq!(answer.len(), 5);
    let mut decoder = Decoder::new(Limits::default());
    let batch = decoder.receive(ANSWER).unwrap().remove(0);
    let rows: Vec<SentenceRef<'_>> = batch.iter().collect();
    assert_eq!(rows[0].get("comment"), Some(&b"a=b=c"[..]));
    assert_eq!(rows[0].tag(), Some(&b"5"[..]));
    assert_eq!(rows[1].fields().count(), 0);
    assert_eq!(rows[2].get("server"), Some(&b""[..]));
    assert_eq!(rows[2].get("comment"), None);
    assert_eq!(rows[2].get("HTTPS"), Some(&b"true"[..]));
    assert_eq!(rows[2].get("https"), None);
    assert_eq!(rows[2].tag(), Some(&b"5"[..]));
    assert_eq!(rows[3].get_all("dns").collect::<Vec<_>>(), [b"one", b"two"]);
    assert_eq!(rows[3].get("name"), Some(&b"hap ac\xb2\x00!"[..]));
    assert_eq!(rows[3].tag(), None);
    assert!(matches!(Reply::new(rows[4]), Reply::Done(_)));
}

#[test]
fn a_flag_is_a_name_with_an_empty_value() {
    let sentence = SentenceRef::new(b"\x05!done\x08=isolate\x04=on=\x00");
    assert_eq!(sentence.get("isolate"), Some(&b""[..]));
    assert_eq!(sentence.get("on"), Some(&b""[..]));
    assert_eq!(sentence.get("isol"), None);
    assert_eq!(
        sentence.fields().collect::<Vec<_>>(),
        [(&b"isolate"[..], &b""[..]), (b"on", b"")]
    );
}

#[test]
fn a_sentence_ends_at_its_empty_word() {
    let two = SentenceRef::new(b"\x03!re\x00\x05!done\x06=ret=1\x00");
    assert_eq!(two.get("ret"), None);
    assert_eq!(two.wire(), b"\x03!re\x00");
    let mut words = two.words();
    assert_eq!(words.by_ref().count(), 1);
}

#[test]
fn bytes_may_be_cut_anywhere() {
    let whole = sentences(ANSWER);
    for cut in 0..=ANSWER.len() {
        let mut decoder = Decoder::new(Limits::default());
        let mut batches = decoder.receive(&ANSWER[..cut]).unwrap();
        batches.extend(decoder.receive(&ANSWER[cut..]).unwrap());
        let cut_up: Vec<_> = batches
            .iter()
            .flat_map(|b| b.iter().map(words).collect::<Vec<_>>())
            .collect();
        assert_eq!(cut_up, whole, "cut at {cut}");
    }
}

#[test]
fn bytes_may_come_one_by_one() {
    let mut decoder = Decoder::new(Limits::default());
    let mut seen = Vec::new();
    for &byte in ANSWER {
        decoder.spare().put_u8(byte);
        let batch = decoder.decode().unwrap();
        seen.extend(
            batch
                .iter()
                .flat_map(|batch| batch.iter().map(words).collect::<Vec<_>>()),
        );
    }
    assert_eq!(seen, sentences(ANSWER));
    assert_eq!(decoder.finish(), Closed::Clean);
}

#[test]
fn an_end_inside_a_sentence_is_told_from_a_clean_one() {
    for (wire, closed) in [
        (&b""[..], Closed::Clean),
        (b"\x00\x00", Closed::Clean),
        (b"\x03!re\x00", Closed::Clean),
        (b"\x03!re\x00\x03", Closed::InsideSentence),
        (b"\x03!re", Closed::InsideSentence),
        (b"\x80", Closed::InsideSentence),
    ] {
        let mut decoder = Decoder::new(Limits::default());
        decoder.receive(wire).unwrap();
        assert_eq!(decoder.finish(), closed, "{}", wire.escape_ascii());
    }
}

#[test]
fn empty_sentences_have_no_meaning() {
    assert_eq!(sentences(b"\x00\x00\x05!done\x00\x00"), [[b"!done"]]);
    // What follows an empty one is another one's.
    let empty = SentenceRef::new(b"\x00\x03!re\x04=a=b\x06.tag=7\x00");
    assert_eq!(empty.words().count(), 0);
    assert_eq!((empty.get("a"), empty.tag()), (None, None));
    assert_eq!(empty.fields().count(), 0);
}

#[test]
fn an_announced_gigabyte_is_refused_before_it_is_waited_for() {
    let mut decoder = Decoder::new(Limits::default());
    let error = decoder.receive(b"\x03!re\xf0\x40\x00\x00\x00").unwrap_err();
    assert_eq!(
        error,
        ProtoError::WordTooLong {
            announced: 1 << 30,
            limit: 16 << 20
        }
    );
    assert!(decoder.spare().remaining_mut() <= 256 << 10);
}

#[test]
fn an_allowed_word_reserves_nothing_until_it_arrives() {
    let mut decoder = Decoder::new(Limits::default());
    // 16 MiB announced, exactly the limit.
    assert!(
        decoder
            .receive(b"\x03!re\xe1\x00\x00\x00")
            .unwrap()
            .is_empty()
    );
    assert!(decoder.spare().remaining_mut() <= 256 << 10);
}

#[test]
fn a_word_larger_than_any_chunk_arrives_whole() {
    let value = vec![b'x'; 3 << 20];
    let mut wire = b"\x03!re".to_vec();
    length::encode(3 + (3 << 20), &mut wire);
    wire.extend(b"=a=");
    wire.extend(&value);
    wire.extend(b"\x00\x05!done\x00");
    let mut decoder = Decoder::new(Limits::default());
    let batches = decoder.receive(&wire).unwrap();
    let first = batches[0].iter().next().unwrap();
    assert_eq!(first.get("a"), Some(&value[..]));
    assert_eq!(batches.iter().map(|batch| batch.len()).sum::<usize>(), 2);
}

#[test]
fn a_sentence_above_the_limit_is_refused() {
    let limits = Limits {
        word: 100,
        sentence: 100,
    };
    let mut decoder = Decoder::new(limits);
    // 9 bytes a word, and one for the end: 11 of them fill the limit.
    let word = b"\x08=a=12345";
    assert!(decoder.receive(&word.repeat(11)).unwrap().is_empty());
    assert_eq!(
        decoder.receive(word).unwrap_err(),
        ProtoError::SentenceTooLong { limit: 100 }
    );
    assert_eq!(
        decoder.receive(b"").unwrap_err(),
        ProtoError::SentenceTooLong { limit: 100 }
    );
    assert_eq!(
        Decoder::new(limits)
            .receive(&[&word.repeat(11)[..], b"\x00"].concat())
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn limits_hold_for_words_of_any_form_that_come_in_one_piece_or_in_many() {
    // The longest word is 5 bytes, and the sentence 11 with its prefixes and its end.
    let short = b"\x03!re\x05=a=12\x00";
    // The longest word is 128 bytes, and the sentence 135.
    let long = [b"\x03!re\x80\x80=a=", &[b'1'; 125][..], b"\x00"].concat();
    for (wire, word, sentence) in [(&short[..], 5, 11), (&long, 128, 135)] {
        let next = b"\x03!re\x00";
        let whole = [wire, next].concat();
        for piece in [1, 2, whole.len()] {
            let outcome = |word, sentence| {
                let mut decoder = Decoder::new(Limits { word, sentence });
                let mut sentences = 0;
                for bytes in whole.chunks(piece) {
                    sentences += decoder
                        .receive(bytes)?
                        .iter()
                        .map(Batch::len)
                        .sum::<usize>();
                }
                Ok(sentences)
            };
            let too_long = ProtoError::WordTooLong {
                announced: word,
                limit: word - 1,
            };
            let limit = sentence - 1;
            assert_eq!(outcome(word, sentence), Ok(2), "{word} in {piece}");
            assert_eq!(outcome(word - 1, 1000), Err(too_long), "{word} in {piece}");
            let too_long = ProtoError::SentenceTooLong { limit };
            assert_eq!(outcome(1000, limit), Err(too_long), "{word} in {piece}");
        }
    }
}

#[test]
fn the_size_of_a_sentence_starts_anew_with_each() {
    let limits = Limits {
        word: 100,
        sentence: 20,
    };
    let mut decoder = Decoder::new(limits);
    assert_eq!(
        decoder
            .receive(&b"\x03!re\x08=a=12345\x00".repeat(1000))
            .unwrap()[0]
            .len(),
        1000
    );
}

#[test]
fn sentences_before_a_fault_are_handed_out_first() {
    let mut decoder = Decoder::new(Limits::default());
    let batches = decoder.receive(b"\x03!re\x00\x03!re\x00\xff").unwrap();
    assert_eq!(batches[0].len(), 2);
    assert_eq!(
        decoder.decode().unwrap_err(),
        ProtoError::ControlByte { byte: 0xFF }
    );
    assert_eq!(
        decoder.receive(b"\x03!re\x00").unwrap_err(),
        ProtoError::ControlByte { byte: 0xFF }
    );
}

#[test]
fn rows_that_are_kept_are_not_overwritten_by_later_ones() {
    // Enough for many chunks; every seventh batch is kept, the others give their chunk back.
    let mut decoder = Decoder::new(Limits::default());
    let mut kept = Vec::new();
    for n in 0..20_000 {
        let row = format!("\x03!re\x35=text={:047}\0", n);
        for batch in decoder.receive(row.as_bytes()).unwrap() {
            if n % 7 == 0 {
                kept.push((n, batch));
            }
        }
    }
    for (n, batch) in &kept {
        let text = batch.iter().next().unwrap().get("text").unwrap();
        assert_eq!(text, format!("{n:047}").as_bytes());
    }
    drop(kept);
}

#[test]
fn chunks_given_back_are_used_again_without_mixing_their_rows() {
    let mut decoder = Decoder::new(Limits::default());
    let mut last: Vec<routeros_proto::Batch> = Vec::new();
    for n in 0_usize..200 {
        let mut wire = b"\x03!re\xc0\xc3\x55=n=".to_vec();
        wire.extend(vec![n as u8; 50_002]);
        wire.push(0);
        last.extend(decoder.receive(&wire).unwrap());
        // The two newest rows stay, older ones are dropped.
        last.drain(..last.len().saturating_sub(2));
        for (batch, expected) in last.iter().rev().zip((0..=n).rev()) {
            let value = batch.iter().next().unwrap().get("n").unwrap();
            assert!(value.len() == 50_002 && value.iter().all(|&byte| byte == expected as u8));
        }
    }
}
