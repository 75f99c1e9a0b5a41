//! Which user a comment's tokens name.

use foldhash::HashMap;

use super::comment::Tokens;
use super::phone::local_phone;
use super::user_id::UserId;

/// The users of a run by id and by local number; a user is named by its place in the list.
#[derive(Debug, Default)]
pub struct Owners {
    by_id: HashMap<UserId, usize>,
    by_phone: HashMap<String, usize>,
}

impl Owners {
    /// An index without users.
    #[must_use]
    pub fn new() -> Self {
        Owners::default()
    }

    /// Adds the user at `place` with the texts of its `id` and `phone_number`. Of two users with
    /// the same local number the one added later owns it, as in the portal's audit.
    pub fn insert(&mut self, place: usize, id: &str, phone: &str) {
        self.add(place, UserId::parse(id), phone);
    }

    /// The same for an id that was read already; `None` where its text is none.
    pub fn add(&mut self, place: usize, id: Option<UserId>, phone: &str) {
        if let Some(id) = id {
            self.by_id.insert(id, place);
        }
        let phone = local_phone(phone);
        if !phone.is_empty() {
            self.by_phone.insert(phone, place);
        }
    }

    /// The place of the user the tokens name: by `uid=` if it is the id of a user in this index,
    /// else by `user=`.
    #[must_use]
    pub fn find(&self, tokens: &Tokens<'_>) -> Option<usize> {
        self.by_id(tokens).or_else(|| self.by_phone(tokens))
    }

    /// The place of the user whose id stands behind `uid=`.
    #[must_use]
    pub fn by_id(&self, tokens: &Tokens<'_>) -> Option<usize> {
        self.by_id.get(&tokens.user_id()?).copied()
    }

    /// The place of the user whose local number stands behind `user=`.
    #[must_use]
    pub fn by_phone(&self, tokens: &Tokens<'_>) -> Option<usize> {
        self.by_phone.get(tokens.user?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "00a733c7-2944-4fb0-ad71-e429caf590f0";
    const SECOND: &str = "f48542d4-6a66-4f93-a452-689e987d9429";

    fn find(comment: &str) -> Option<usize> {
        let mut owners = Owners::new();
        owners.insert(0, FIRST, "+62812345678");
        owners.insert(1, SECOND, "+628999999999");
        owners.insert(2, "a126fb93-9e81-4a81-bdc7-89135b8dfac6", "0812345678");
        owners.find(&Tokens::read(comment))
    }

    #[test]
    fn the_id_wins_over_the_number_if_it_names_a_user() {
        assert_eq!(find(&format!("uid={FIRST}|user=08999999999")), Some(0));
        assert_eq!(find("uid=unknown|user=08999999999"), Some(1));
        let foreign = "ffffffff-ffff-ffff-ffff-ffffffffffff";
        assert_eq!(find(&format!("uid={foreign}|user=08999999999")), Some(1));
        assert_eq!(find(&format!("uid={foreign}")), None);
        assert_eq!(find("no token"), None);
    }

    #[test]
    fn of_two_users_with_one_number_the_later_owns_it() {
        assert_eq!(find("user=0812345678"), Some(2));
    }

    #[test]
    fn numbers_are_compared_whole() {
        assert_eq!(find("user=08123456789"), None);
        assert_eq!(find("user=0812345678x"), Some(2));
    }
}
