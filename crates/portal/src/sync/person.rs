//! A user while a task works on the router for the user, and what it writes about the user.

use super::decide::Decision;
use super::state::{Device, User};
use crate::comment::WRITTEN_NOW;

/// A user that the sync looks at, with what it decided.
pub(super) struct Person<'site> {
    pub(super) user: &'site User,
    pub(super) id: String,
    /// The local number: the name of the hotspot user, and in comments.
    pub(super) name: String,
    /// The authorised devices.
    pub(super) devices: Vec<&'site Device>,
    pub(super) decision: Decision,
}

impl<'site> Person<'site> {
    /// `devices` are all of the user's.
    pub(super) fn new(
        user: &'site User,
        name: String,
        devices: &[&'site Device],
        decision: Decision,
    ) -> Self {
        let authorized = devices.iter().filter(|device| device.is_authorized);
        Person {
            user,
            id: user.id.to_string(),
            name,
            devices: authorized.copied().collect(),
            decision,
        }
    }

    fn tokens(&self) -> String {
        let role = &self.user.role;
        format!("user={}|uid={}|role={role}", self.name, self.id)
    }

    pub(super) fn list_comment(&self, address: Option<&str>) -> String {
        let status = self.decision.status_word;
        let address = address.map_or_else(String::new, |address| format!("|ip={address}"));
        let tokens = self.tokens();
        format!("lpsaring|status={status}|{tokens}{address}{WRITTEN_NOW}")
    }

    /// `source` is the task's word for itself.
    pub(super) fn binding_comment(&self, source: &str) -> String {
        let word = self.decision.binding_type.word_in_comments();
        format!("{word}|{}|source={source}{WRITTEN_NOW}", self.tokens())
    }

    pub(super) fn lease_comment(&self, source: &str) -> String {
        format!(
            "lpsaring|static-dhcp|{}|source={source}{WRITTEN_NOW}",
            self.tokens()
        )
    }
}
