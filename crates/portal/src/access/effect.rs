//! What it comes to for the person.

/// What the network does to a person, as the person sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// No internet.
    CutOff,
    /// Internet without a right to it.
    LetThrough,
    /// Little bandwidth.
    Slowed,
    /// A login is asked for, and none will succeed.
    LoginFails,
    /// Internet, or a login that gives it.
    None,
}

impl Effect {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Effect::CutOff => "cut_off",
            Effect::LetThrough => "let_through",
            Effect::Slowed => "slowed",
            Effect::LoginFails => "login_fails",
            Effect::None => "none",
        }
    }
}
