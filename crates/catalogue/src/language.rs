//! The languages that pages are shown in.

use unic_langid::LanguageIdentifier;

/// A language of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English: what every message has, and what JSON is in.
    #[default]
    English,
    /// Indonesian.
    Indonesian,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Indonesian];

    /// Its code (ISO 639-1), which names its file.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Indonesian => "id",
        }
    }

    /// The name of its file in a folder of catalogues: `en.ftl`.
    pub fn file(self) -> String {
        format!("{}.ftl", self.code())
    }

    pub(crate) fn identifier(self) -> LanguageIdentifier {
        let language = self.code().parse();
        language.expect("the codes of the list above are language identifiers")
    }
}
