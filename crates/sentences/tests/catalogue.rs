//! The catalogue against the code of the whole workspace, and its languages against each other.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use catalogue::{Language, Said};
use sentences::{AnswerNo, AnswerSome, AnswerView, AnswerYes};

/// The words of all Rust files under a folder, but for those of tests and of builds.
fn words(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" && name != "target" {
            words(&path, found);
        } else if name.ends_with(".rs") && name != "build.rs" {
            let text = fs::read_to_string(&path).unwrap();
            // Examples and other comments say nothing to anybody.
            let code = text.lines().filter(|line| !line.trim().starts_with("//"));
            let words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
            found.extend(words.map(str::to_owned));
        }
    }
}

#[test]
fn every_sentence_is_said_somewhere() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut said = BTreeSet::new();
    words(&workspace.join("src"), &mut said);
    words(&workspace.join("crates"), &mut said);
    let type_name = |key: &str| -> String {
        let words = key.split(['-', '_', '.']);
        let words = words.map(|word| word[..1].to_uppercase() + &word[1..]);
        words.collect()
    };
    let catalogues = sentences::catalogues();
    let keys = catalogues.keys();
    let unsaid = keys.iter().filter(|key| !said.contains(&type_name(key)));
    assert_eq!(unsaid.collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn each_language_has_placeholders_and_keys_of_the_english_catalogue() {
    let catalogues = sentences::catalogues();
    assert_eq!(catalogues.differences(), []);
    assert_eq!(catalogues.missing(Language::English), BTreeSet::new());
}

#[test]
fn no_word_of_a_language_is_two_answers() {
    for language in Language::ALL {
        let answers: [Said; 4] = [
            AnswerYes.into(),
            AnswerNo.into(),
            AnswerView.into(),
            AnswerSome.into(),
        ];
        let mut seen = BTreeSet::new();
        for answer in &answers {
            for word in answer.in_language(language).split(", ") {
                assert!(seen.insert(word.to_owned()), "{word} in {language:?}");
                assert_eq!(word, word.trim().to_lowercase(), "{language:?}");
            }
        }
    }
}
