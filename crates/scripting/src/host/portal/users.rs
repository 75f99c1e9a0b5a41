//! The portal's users as a table with the same types whatever database they came from.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use rhai::plugin::*;

use super::super::error::{CallResult, HostError};
use super::super::primitive::primitives;
use super::super::rows::{Row, Rows, Table, View};
use super::super::value::Value;
use super::columns::Columns;
use super::raise;
use portal::block::{Account, BlockReason};
use portal::debt;
use portal::phone::local_phone;
use portal::status::Access;
use portal::user_id::UserId;

/// The columns of `users` that are read, in the order rows show them.
const COLUMNS: [&str; 14] = [
    "id",
    "phone_number",
    "full_name",
    "role",
    "approval_status",
    "is_active",
    "is_blocked",
    "blocked_reason",
    "is_unlimited_user",
    "total_quota_purchased_mb",
    "total_quota_used_mb",
    "auto_debt_offset_mb",
    "manual_debt_mb",
    "quota_expiry_date",
];

/// The roles the portal knows; another one makes it stop with an error at this row.
const ROLES: [&str; 4] = ["USER", "KOMANDAN", "ADMIN", "SUPER_ADMIN"];

/// The approval states the portal knows.
const APPROVALS: [&str; 3] = ["PENDING_APPROVAL", "APPROVED", "REJECTED"];

/// Users read out of rows, in their order.
pub struct Users(Vec<User>);

struct User {
    id: Id,
    phone_number: Box<str>,
    full_name: Box<str>,
    role: Word,
    approval_status: Word,
    is_active: bool,
    is_blocked: bool,
    blocked_reason: Option<Box<str>>,
    is_unlimited_user: bool,
    total_quota_purchased_mb: i64,
    /// `None` where the column holds no number.
    total_quota_used_mb: Option<f64>,
    auto_debt_offset_mb: i64,
    manual_debt_mb: i64,
    quota_expiry_date: Option<Timestamp>,
    problem: Option<Box<str>>,
}

/// An id as 16 bytes, or the text that is none.
enum Id {
    Of(UserId),
    Other(Box<str>),
}

/// One of a few words, without a copy of it for each user.
type Word = Cow<'static, str>;

primitives! {
    _: () = plain users(Value);
}

/// How scripts read the portal's users.
#[export_module]
pub mod users_module {
    use super::*;

    /// The portal's users as rows with the same types from every database. `rows` need the columns
    /// id, phone_number, full_name, role, approval_status, is_active, is_blocked, blocked_reason,
    /// is_unlimited_user, total_quota_purchased_mb, total_quota_used_mb, auto_debt_offset_mb,
    /// manual_debt_mb and quota_expiry_date of the table `users`. Each user also has:
    /// `phone`, the local number; `debt_mb`, the debt the audit sees (used − purchased), and
    /// `sync_debt_mb`, the debt the usage sync sees (offset counted, none for a KOMANDAN and for an
    /// unlimited user), both `()` where the used quota is not a number; `block_cause` of a blocked
    /// user; `problem`, why the portal cannot use the row, else `()`.
    /// Fails with kind `invalid` if a column is missing, or as the read failed.
    ///
    /// ```rhai
    /// let users = portal::users(rows::from([#{ id: "00a733c7-2944-4fb0-ad71-e429caf590f0",
    ///     phone_number: "+62812345678", role: "USER", approval_status: "APPROVED",
    ///     total_quota_used_mb: 600.1, total_quota_purchased_mb: 0, auto_debt_offset_mb: 200 }]));
    /// assert_eq(users[0].phone, "0812345678");
    /// assert_eq(users[0].debt_mb, 600.1);
    /// assert_eq(users[0].sync_debt_mb, 400.1);
    /// assert_eq(users[0].problem, ());
    /// ```
    #[rhai_fn(return_raw)]
    pub fn users(context: NativeCallContext, rows: Rows) -> CallResult<Rows> {
        let read = rows.resolve().and_then(|view| table(&view));
        read.map(Rows::of).map_err(|error| raise(&context, error))
    }
}

/// The users as rows.
///
/// # Errors
/// As [`Users::read`].
fn table(rows: &View) -> Result<Arc<dyn Table>, HostError> {
    Ok(Arc::new(Users::read(rows)?))
}

impl Users {
    /// Reads `rows` of the table `users`. A user that cannot be used has a `problem`.
    ///
    /// # Errors
    /// A column was not selected, or cannot be decoded.
    pub fn read(rows: &View) -> Result<Self, HostError> {
        (0..rows.len())
            .map(|index| User::read(&rows.row(index)))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Table for Users {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        Ok(self.0[row].value(field))
    }

    fn fields(&self, _row: usize) -> Vec<String> {
        COLUMNS.map(str::to_owned).to_vec()
    }

    fn with_bytes(&self, row: usize, field: &str, with: &mut dyn FnMut(&[u8])) {
        let user = &self.0[row];
        match field {
            "phone_number" => with(user.phone_number.as_bytes()),
            "role" => with(user.role.as_bytes()),
            _ => match user.value(field) {
                Value::Unit => {}
                value => with(value.key().as_bytes()),
            },
        }
    }
}

impl User {
    fn read(row: &Row) -> Result<Self, HostError> {
        let mut columns = Columns::of(row);
        let mut user = User {
            id: Id::read(&columns.value("id")?),
            phone_number: columns.text("phone_number")?.into(),
            full_name: columns.text("full_name")?.into(),
            role: word(columns.text("role")?, &ROLES),
            approval_status: word(columns.text("approval_status")?, &APPROVALS),
            is_active: columns.flag("is_active")?,
            is_blocked: columns.flag("is_blocked")?,
            blocked_reason: columns.optional_text("blocked_reason")?.map(Box::from),
            is_unlimited_user: columns.flag("is_unlimited_user")?,
            total_quota_purchased_mb: columns.whole("total_quota_purchased_mb")?,
            total_quota_used_mb: columns.number("total_quota_used_mb")?,
            auto_debt_offset_mb: columns.whole("auto_debt_offset_mb")?,
            manual_debt_mb: columns.whole("manual_debt_mb")?,
            quota_expiry_date: columns.time("quota_expiry_date")?,
            problem: None,
        };
        user.problem = user.unknown_word().or(columns.problem).map(Box::from);
        Ok(user)
    }

    /// What the portal's own reading of the row stops at.
    fn unknown_word(&self) -> Option<String> {
        if !ROLES.contains(&&*self.role) {
            return Some(format!("role `{}` is unknown", self.role));
        }
        if !APPROVALS.contains(&&*self.approval_status) {
            let state = &self.approval_status;
            return Some(format!("approval_status `{state}` is unknown"));
        }
        match &self.id {
            Id::Of(_) => None,
            Id::Other(text) => Some(format!("id `{text}` is not a UUID")),
        }
    }

    fn value(&self, field: &str) -> Value {
        match field {
            "id" => Value::Text(self.id.text()),
            "phone_number" => Value::Text(self.phone_number.to_string()),
            "full_name" => Value::Text(self.full_name.to_string()),
            "role" => Value::Text(self.role.to_string()),
            "approval_status" => Value::Text(self.approval_status.to_string()),
            "is_active" => Value::Bool(self.is_active),
            "is_blocked" => Value::Bool(self.is_blocked),
            "blocked_reason" => optional(self.blocked_reason.as_deref()),
            "is_unlimited_user" => Value::Bool(self.is_unlimited_user),
            "total_quota_purchased_mb" => Value::Int(self.total_quota_purchased_mb),
            "total_quota_used_mb" => self.total_quota_used_mb.map_or(Value::Unit, Value::Float),
            "auto_debt_offset_mb" => Value::Int(self.auto_debt_offset_mb),
            "manual_debt_mb" => Value::Int(self.manual_debt_mb),
            "quota_expiry_date" => self.quota_expiry_date.map_or(Value::Unit, Value::Time),
            _ => self.computed(field),
        }
    }

    /// What is not a column but follows from columns.
    fn computed(&self, field: &str) -> Value {
        match field {
            "phone" => Value::Text(local_phone(&self.phone_number)),
            "debt_mb" => self.debt().map_or(Value::Unit, Value::Float),
            "sync_debt_mb" => self
                .account()
                .and_then(|account| account.sync_debt())
                .map_or(Value::Unit, Value::Float),
            "block_cause" if self.is_blocked => Value::Text(
                BlockReason::of(self.blocked_reason.as_deref())
                    .word()
                    .to_owned(),
            ),
            "problem" => optional(self.problem.as_deref()),
            _ => Value::Unit,
        }
    }

    fn debt(&self) -> Option<f64> {
        debt::audit_debt(self.total_quota_used_mb?, self.total_quota_purchased_mb)
    }

    fn account(&self) -> Option<Account<'_>> {
        Some(Account {
            role: &self.role,
            is_blocked: self.is_blocked,
            blocked_reason: self.blocked_reason.as_deref(),
            is_unlimited: self.is_unlimited_user,
            used_mb: self.total_quota_used_mb?,
            purchased_mb: self.total_quota_purchased_mb,
            offset_mb: self.auto_debt_offset_mb,
        })
    }
}

/// What `decide` says about the account in `row`; `None` where its used quota is not a number.
///
/// # Errors
/// A column was not selected, or cannot be decoded.
pub fn of_account<T>(
    row: &Row,
    decide: impl FnOnce(&Account<'_>) -> Option<T>,
) -> Result<Option<T>, HostError> {
    let mut columns = Columns::of(row);
    let role = columns.text("role")?;
    let reason = columns.optional_text("blocked_reason")?;
    let Some(used_mb) = columns.number("total_quota_used_mb")? else {
        return Ok(None);
    };
    Ok(decide(&Account {
        role: &role,
        is_blocked: columns.flag("is_blocked")?,
        blocked_reason: reason.as_deref(),
        is_unlimited: columns.flag("is_unlimited_user")?,
        used_mb,
        purchased_mb: columns.whole("total_quota_purchased_mb")?,
        offset_mb: columns.whole("auto_debt_offset_mb")?,
    }))
}

/// What the access status of the user in `row` is decided by at `now`; `None` where the used
/// quota is not a number.
///
/// # Errors
/// A column was not selected, or cannot be decoded.
pub fn access(row: &Row, now: Timestamp) -> Result<Option<Access>, HostError> {
    let mut columns = Columns::of(row);
    let Some(used_mb) = columns.number("total_quota_used_mb")? else {
        return Ok(None);
    };
    let is_approved = columns.text("approval_status")? == "APPROVED";
    let expiry = columns.time("quota_expiry_date")?;
    Ok(Some(Access {
        is_blocked: columns.flag("is_blocked")?,
        is_admitted: columns.flag("is_active")? && is_approved,
        is_expired: expiry.is_some_and(|expiry| expiry < now),
        is_unlimited: columns.flag("is_unlimited_user")?,
        purchased_mb: columns.whole("total_quota_purchased_mb")?,
        used_mb,
    }))
}

impl Id {
    /// A database may keep an id as 16 bytes.
    fn read(value: &Value) -> Self {
        let id = match value {
            Value::Bytes(bytes) => UserId::from_bytes(bytes),
            other => UserId::parse(&other.key()),
        };
        id.map_or_else(|| Id::Other(value.key().into()), Id::Of)
    }

    /// The id in its usual spelling.
    fn text(&self) -> String {
        match self {
            Id::Of(id) => id.to_string(),
            Id::Other(text) => text.to_string(),
        }
    }
}

/// `text`, borrowed from the list of known words where it is one of them.
fn word(text: String, known: &[&'static str]) -> Word {
    match known.iter().find(|&&word| word == text) {
        Some(&word) => Cow::Borrowed(word),
        None => Cow::Owned(text),
    }
}

fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::Unit, |text| Value::Text(text.to_owned()))
}
