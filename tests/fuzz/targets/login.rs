//! A login, and what comes after it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use routeros_proto::{ChallengeLogin, Command, Credentials, Limits, Login, Step};

fuzz_target!(|bytes: &[u8]| {
    let credentials = Credentials {
        user: "audit".to_owned(),
        password: b"s3cret".to_vec(),
    };
    let mut login = Login::new(credentials, ChallengeLogin::Answer, Limits::default());
    let _ = login.poll_transmit();
    let mut pieces = bytes.chunks(7);
    while let Some(piece) = pieces.next() {
        match login.receive(piece) {
            Ok(Step::Waiting(same)) => login = same,
            Ok(Step::LoggedIn(mut connection)) => {
                let tag = connection.send(&Command::new("/interface/print"));
                for piece in pieces.by_ref() {
                    if connection.receive(piece).is_err() {
                        break;
                    }
                    while connection.poll_event().is_some() {}
                    if let Ok(tag) = tag {
                        connection.cancel(tag);
                    }
                }
                let _ = connection.finish();
                return;
            }
            // Nothing of an error holds the password.
            Err(error) => {
                assert!(!format!("{error} {error:?}").contains("s3cret"));
                return;
            }
        }
    }
});
