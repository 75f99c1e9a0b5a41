//! What tikbook itself says to people. The texts stand in `catalogue/`, one file a language; each sentence of the
//! English one is a type here, named as its key is, with a field for each of its placeholders. It becomes a
//! [`Said`], and words where it is shown.
//!
//! ```
//! use catalogue::Said;
//! use sentences::QuestionMake;
//!
//! assert_eq!(Said::from(QuestionMake { changes: 1_usize }).to_string(), "Make 1 change?");
//! ```
//!
//! A sentence or a placeholder that is not in the catalogue does not compile:
//!
//! ```compile_fail
//! let said = catalogue::Said::from(sentences::QuestionMake { count: 1_usize });
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use catalogue::{Argument, Catalogue, Catalogues, Language, Said};

include!(concat!(env!("OUT_DIR"), "/sentences.rs"));

/// The file of each language.
const FILES: [(Language, &str); 2] = [
    (Language::English, include_str!("../catalogue/en.ftl")),
    (Language::Indonesian, include_str!("../catalogue/id.ftl")),
];

static CATALOGUES: LazyLock<RwLock<Arc<Catalogues>>> = LazyLock::new(|| {
    let parsed = FILES.map(|(language, text)| {
        let parsed = Catalogue::parse(language, &language.file(), text);
        Arc::new(parsed.expect("each file is a catalogue, which the tests of this crate know"))
    });
    RwLock::new(Arc::new(Catalogues::new(parsed)))
});

/// The catalogues of the program.
pub fn catalogues() -> Arc<Catalogues> {
    let catalogues = CATALOGUES.read().unwrap_or_else(PoisonError::into_inner);
    catalogues.clone()
}

/// Adds a catalogue that is stronger than those there are, for sentences that are said from now on: a language
/// is tried out before it is one of the program's own.
pub fn try_out(catalogue: Catalogue) {
    let mut catalogues = CATALOGUES.write().unwrap_or_else(PoisonError::into_inner);
    *catalogues = Arc::new(catalogues.with(catalogue));
}

/// Of a key and placeholders that are made of the catalogue the one thing that can be wrong is what stands in
/// the placeholders: messages deeper than anybody reads. Then that is what is said.
fn message(key: &str, arguments: Vec<(String, Argument)>) -> Said {
    match catalogues().message(key, arguments) {
        Ok(message) => message.into(),
        Err(error) => error.to_string().into(),
    }
}
