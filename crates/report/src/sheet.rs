//! On what a page is written: how wide it is, and what it can show.

use catalogue::Language;

/// What a terminal that does not say how wide it is is taken for, in columns.
pub const USUAL: usize = 80;

/// A sheet of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// How many columns it has; none where nothing reads it but a program: then nothing is wrapped, and
    /// what is a row is a line.
    pub width: Option<usize>,
    /// Does it show colours?
    pub color: bool,
    /// Without boxes, for who hears it read aloud and for logs.
    pub is_plain: bool,
    /// With all there is: comments of the router as they are written, places in bundled scripts.
    pub is_detailed: bool,
    /// In which language it is written.
    pub language: Language,
}

/// The narrowest and the widest sheet that text is laid out for, in columns.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=200;

impl Sheet {
    /// A sheet that programs read, without colours, in English.
    pub const PIPE: Self = Self {
        width: None,
        color: false,
        is_plain: false,
        is_detailed: false,
        language: Language::English,
    };

    /// A terminal of so many columns, without colours.
    pub fn of_width(columns: usize) -> Self {
        Self {
            width: Some(columns.clamp(*WIDTHS.start(), *WIDTHS.end())),
            ..Self::PIPE
        }
    }

    /// What is left of it behind so many columns.
    #[must_use]
    pub fn behind(self, columns: usize) -> Self {
        let width = self.width.map(|width| width.saturating_sub(columns).max(1));
        Self { width, ..self }
    }
}
