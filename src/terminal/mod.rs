//! The terminal that the operator sits at: what is drawn on it while a run works, what he is asked
//! there, and how it was before.

pub mod mode;
pub mod pager;
mod patience;
pub mod question;
pub mod screen;
