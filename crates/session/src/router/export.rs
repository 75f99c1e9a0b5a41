//! What a router exports, without its secrets.

use routeros_api::Part;
use routeros_schema::hidden_in_export;

/// The same answer, in which no text holds a secret.
pub(super) fn hidden(part: Part) -> Part {
    Part {
        rows: part.rows.mapped(hidden_in_export),
        attributes: part
            .attributes
            .map(|returned| returned.mapped(hidden_in_export)),
        is_cut: part.is_cut,
    }
}
