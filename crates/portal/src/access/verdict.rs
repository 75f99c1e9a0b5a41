//! What to think of how a device is treated: effect, cause, who changes it, what to do.

use bigdecimal::ToPrimitive;
use bigdecimal::num_bigint::BigInt;

use super::advice::Advice;
use super::cause::{Cause, CauseKind};
use super::coming::{ChangedBy, Coming};
use super::effect::Effect;
use super::payment::{Payment, PaymentState};
use super::report::{DeviceAccess, Verdict};
use super::sync_health::SyncHealth;
use super::treatment::{Decisive, Login, Passage, Treatment, kind_of};
use super::wanted::{Refusal, Right, Wanted};
use super::whereabouts::Whereabouts;
use crate::block::{BindingType, BlockReason};
use crate::comment::debt_block;
use crate::setting::Settings;
use crate::sync::policy::Policy;

/// The variable whose networks decide which addresses the portal looks after.
const CLIENT_NETWORKS: &str = "MIKROTIK_UNAUTHORIZED_CIDRS";

/// What is known of a user, for all the user's devices.
pub(super) struct Person<'user, 'site> {
    pub(super) wanted: Option<&'user Wanted>,
    /// The database blocks the user before the next usage sync.
    pub(super) is_blocked_now: bool,
    pub(super) debts: &'user Debts<'user>,
    pub(super) payment: Option<&'user Payment>,
    pub(super) coming: &'user [Coming],
    pub(super) login: Login<'site>,
}

/// What a user owes.
pub(super) struct Debts<'policy> {
    pub(super) automatic_mb: f64,
    pub(super) manual_mb: i64,
    pub(super) limit_mb: &'policy BigInt,
}

/// A device, how it is treated and how it should be.
pub(super) struct Case<'case, 'site> {
    pub(super) at: &'case Whereabouts,
    pub(super) found: Treatment<'site>,
    /// `None` where it cannot be told.
    pub(super) right: Option<Right>,
    /// The first task after which the device is treated otherwise.
    pub(super) changed_by: Option<ChangedBy>,
    /// A binding in force is one that a block for debts wrote.
    pub(super) is_left_from_debt: bool,
    pub(super) sync: SyncHealth,
    pub(super) policy: &'case Policy,
    pub(super) settings: &'case Settings,
}

impl Person<'static, '_> {
    /// Nobody, to whom strange devices belong.
    pub(super) fn nobody() -> Self {
        static NOTHING: std::sync::LazyLock<BigInt> = std::sync::LazyLock::new(BigInt::default);
        static NO_DEBTS: std::sync::LazyLock<Debts<'static>> = std::sync::LazyLock::new(|| Debts {
            automatic_mb: 0.0,
            manual_mb: 0,
            limit_mb: &NOTHING,
        });
        Person {
            wanted: None,
            is_blocked_now: false,
            debts: &NO_DEBTS,
            payment: None,
            coming: &[],
            login: Login::Works,
        }
    }
}

/// Which device of a user needs eyes first: an authorised one, one that is on the network, one that is
/// treated as it should not be, and the worst effect.
pub(super) fn rank(device: &DeviceAccess) -> (bool, bool, bool, u8) {
    let verdict = &device.verdict;
    let weight = match verdict.effect {
        Effect::None => 0,
        Effect::Slowed => 1,
        Effect::LetThrough => 2,
        Effect::LoginFails => 3,
        Effect::CutOff => 4,
    };
    (
        device.is_authorized,
        device.is_online,
        !verdict.is_right,
        weight,
    )
}

pub(super) fn verdict(case: &Case<'_, '_>, person: &Person<'_, '_>) -> Verdict {
    let Some(right) = case.right else {
        return unknown();
    };
    let (effect, is_right) = compared(case, right);
    let cause = cause(case, person, right, effect, is_right);
    let (changed_by, when) = changed_by(case, person, right, is_right);
    let advice = if is_right {
        of_right(case, person, right)
    } else {
        of_wrong(case, &cause, changed_by)
    };
    Verdict {
        effect,
        is_right,
        cause,
        changed_by,
        when,
        advice,
    }
}

/// The verdict on a user without any device.
pub(super) fn of_nobody_there(person: &Person<'_, '_>) -> Verdict {
    let Some(right) = person.wanted.map(Wanted::right) else {
        return unknown();
    };
    let Right::Nothing(refusal) = right else {
        return Verdict {
            effect: Effect::None,
            is_right: true,
            cause: Cause::of(CauseKind::None),
            changed_by: person
                .coming
                .first()
                .map_or(ChangedBy::Nobody, |coming| coming.by),
            when: person.coming.first().and_then(|coming| coming.at),
            advice: vec![Advice::LogIn],
        };
    };
    Verdict {
        effect: Effect::CutOff,
        is_right: true,
        cause: Cause::of(kind_of_refusal(refusal)),
        changed_by: ended_by(refusal),
        when: None,
        advice: ways_out(refusal, person),
    }
}

/// The verdict on a device that the user has not allowed, and another user has.
pub(super) fn of_another() -> Verdict {
    Verdict {
        effect: Effect::None,
        is_right: true,
        cause: Cause::of(CauseKind::None),
        changed_by: ChangedBy::Nobody,
        when: None,
        advice: Vec::new(),
    }
}

/// The verdict on a user whom the portal itself fails at.
fn unknown() -> Verdict {
    Verdict {
        effect: Effect::None,
        is_right: false,
        cause: Cause::of(CauseKind::None),
        changed_by: ChangedBy::Unknown,
        when: None,
        advice: Vec::new(),
    }
}

/// What the treatment comes to, and whether it is what the portal wants.
fn compared(case: &Case<'_, '_>, right: Right) -> (Effect, bool) {
    let passage = case.found.passage;
    match right {
        Right::Open { with_login } | Right::Slowed { with_login } => match passage {
            Passage::Cut => (Effect::CutOff, false),
            Passage::LoginFails => (Effect::LoginFails, false),
            Passage::Login if with_login => (Effect::None, true),
            Passage::Login => (Effect::CutOff, false),
            Passage::Slowed => (Effect::Slowed, matches!(right, Right::Slowed { .. })),
            Passage::Open => (Effect::None, matches!(right, Right::Open { .. })),
        },
        Right::Nothing(refusal) => match passage {
            Passage::Open | Passage::Slowed => of_passing(case, refusal),
            Passage::Login => of_login(case, refusal),
            Passage::LoginFails => (Effect::CutOff, true),
            Passage::Cut => (Effect::CutOff, !is_left_over(case, refusal)),
        },
    }
}

/// Somebody without a right gets through. A bypass that names nobody is the operator's own.
fn of_passing(case: &Case<'_, '_>, refusal: Refusal) -> (Effect, bool) {
    let is_own = refusal == Refusal::Nobody && matches!(case.found.decisive, Decisive::Binding(_));
    if is_own {
        (Effect::None, true)
    } else {
        (Effect::LetThrough, false)
    }
}

/// Somebody without a right is asked to log in. With quota used up or a block, the login would give
/// access, as no row shuts the address out; a device that is away has no row, and needs none.
fn of_login(case: &Case<'_, '_>, refusal: Refusal) -> (Effect, bool) {
    match refusal {
        Refusal::DeviceNotAllowed => (Effect::None, true),
        Refusal::Nobody | Refusal::UserGone => (Effect::CutOff, true),
        Refusal::Blocked(_) | Refusal::NotAdmitted | Refusal::NoQuota if case.at.is_online => {
            (Effect::LetThrough, false)
        }
        Refusal::Blocked(_) | Refusal::NotAdmitted | Refusal::NoQuota => (Effect::CutOff, true),
    }
}

/// A block for debts shut the device out as well, and is over for its user: no task looks at devices
/// that are not allowed.
fn is_left_over(case: &Case<'_, '_>, refusal: Refusal) -> bool {
    if refusal != Refusal::DeviceNotAllowed {
        return false;
    }
    match case.found.decisive {
        Decisive::Row(row) => {
            let comment = row.entry.comment.as_deref().unwrap_or_default();
            debt_block(comment).is_some()
        }
        _ => case.is_left_from_debt,
    }
}

fn cause(
    case: &Case<'_, '_>,
    person: &Person<'_, '_>,
    right: Right,
    effect: Effect,
    is_right: bool,
) -> Cause {
    let found = missing_row(case, person, right, effect).unwrap_or_else(|| decisive(case));
    let kind = match (is_right, right) {
        (true, Right::Nothing(_)) if effect == Effect::None => CauseKind::None,
        (true, Right::Nothing(refusal)) => kind_of_refusal(refusal),
        (true, Right::Slowed { .. }) if effect == Effect::Slowed => CauseKind::NoPayment,
        (true, _) => return Cause::of(CauseKind::None),
        // The block ends with the next usage sync: until then it is the database's.
        (false, _) if person.is_blocked_now && effect == Effect::CutOff => CauseKind::DatabaseBlock,
        (false, _) => of_wrong_kind(case, found.kind),
    };
    let setting = (kind == CauseKind::SettingMissing).then_some(CLIENT_NETWORKS);
    Cause {
        kind,
        setting,
        ..found
    }
}

/// Why the device is treated wrongly, beyond the row that does it.
fn of_wrong_kind(case: &Case<'_, '_>, found: CauseKind) -> CauseKind {
    let is_dead = matches!(case.sync, SyncHealth::Dead { .. });
    match case.changed_by {
        Some(ChangedBy::UsageSync) if is_dead => CauseKind::SyncDead,
        None if is_passed_over(case) => CauseKind::SettingMissing,
        _ => found,
    }
}

/// The portal takes none of the device's addresses for a client's, and nobody has told it which are.
fn is_passed_over(case: &Case<'_, '_>) -> bool {
    let mut addresses = case.at.addresses.iter();
    !case.at.addresses.is_empty()
        && case.settings.environment(CLIENT_NETWORKS).is_none()
        && !addresses.any(|address| case.policy.is_client(&address.to_string()))
}

/// The row that decides, as a cause.
fn decisive(case: &Case<'_, '_>) -> Cause {
    let address = case.at.addresses.first().map(ToString::to_string);
    match case.found.decisive {
        Decisive::Row(row) => Cause {
            list: Some(row.entry.list.clone()),
            address: Some(row.entry.address.clone()),
            id: Some(row.id.to_owned()),
            ..Cause::of(CauseKind::RowOnList)
        },
        Decisive::Binding(row) => Cause {
            address,
            id: Some(row.id.clone()),
            ..Cause::of(CauseKind::BindingType)
        },
        Decisive::HotspotUser(row) => Cause {
            address,
            id: Some(row.id.clone()),
            ..Cause::of(CauseKind::HotspotUserLimits)
        },
        Decisive::NoHotspotUser => Cause {
            address,
            ..Cause::of(CauseKind::HotspotUserLimits)
        },
        Decisive::Nothing => Cause {
            address,
            ..Cause::of(CauseKind::BindingType)
        },
    }
}

/// The row that is missing where somebody comes further than is right, and no binding is to blame.
fn missing_row(
    case: &Case<'_, '_>,
    person: &Person<'_, '_>,
    right: Right,
    effect: Effect,
) -> Option<Cause> {
    let wanted = person.wanted?;
    let is_too_fast = matches!(right, Right::Slowed { .. }) && case.found.passage == Passage::Open;
    let is_wrong_bypass = is_bypass(case) && wanted.binding != BindingType::Bypassed;
    let is_let_through = effect == Effect::LetThrough && !is_wrong_bypass;
    (is_too_fast || is_let_through).then(|| Cause {
        list: Some(case.policy.lists.name_of(wanted.list).to_owned()),
        address: case.at.addresses.first().map(ToString::to_string),
        ..Cause::of(CauseKind::RowOnList)
    })
}

fn is_bypass(case: &Case<'_, '_>) -> bool {
    match case.found.decisive {
        Decisive::Binding(row) => kind_of(&row.fields) == BindingType::Bypassed,
        _ => false,
    }
}

fn kind_of_refusal(refusal: Refusal) -> CauseKind {
    match refusal {
        Refusal::Blocked(_) | Refusal::NotAdmitted => CauseKind::DatabaseBlock,
        Refusal::NoQuota => CauseKind::NoPayment,
        Refusal::DeviceNotAllowed | Refusal::Nobody | Refusal::UserGone => CauseKind::UnknownDevice,
    }
}

fn changed_by(
    case: &Case<'_, '_>,
    person: &Person<'_, '_>,
    right: Right,
    is_right: bool,
) -> (ChangedBy, Option<jiff::Timestamp>) {
    if let (false, task) = (is_right, case.changed_by) {
        return (task.unwrap_or(ChangedBy::Nobody), None);
    }
    match right {
        Right::Nothing(Refusal::Nobody | Refusal::UserGone) => {
            (case.changed_by.unwrap_or(ChangedBy::Nobody), None)
        }
        Right::Nothing(refusal) => (ended_by(refusal), None),
        _ => {
            let coming = person.coming.first();
            let next = coming.map(|coming| (coming.by, coming.at));
            let slow = matches!(right, Right::Slowed { .. }).then_some((ChangedBy::Payment, None));
            next.or(slow).unwrap_or((ChangedBy::Nobody, None))
        }
    }
}

/// Who ends a refusal that is as the portal wants it.
fn ended_by(refusal: Refusal) -> ChangedBy {
    match refusal {
        Refusal::Blocked(BlockReason::Manual)
        | Refusal::NotAdmitted
        | Refusal::DeviceNotAllowed => ChangedBy::Operator,
        Refusal::Blocked(_) | Refusal::NoQuota => ChangedBy::Payment,
        Refusal::Nobody | Refusal::UserGone => ChangedBy::Nobody,
    }
}

/// What to do about somebody who is treated as the portal wants it.
fn of_right(case: &Case<'_, '_>, person: &Person<'_, '_>, right: Right) -> Vec<Advice> {
    match right {
        Right::Nothing(_) if case.found.passage == Passage::Open => Vec::new(),
        Right::Nothing(refusal) => ways_out(refusal, person),
        Right::Slowed { .. } if case.found.passage == Passage::Slowed => {
            ways_out(Refusal::NoQuota, person)
        }
        _ => Vec::new(),
    }
}

fn ways_out(refusal: Refusal, person: &Person<'_, '_>) -> Vec<Advice> {
    let debts = person.debts;
    let owes = debts.automatic_mb > 0.0 || debts.manual_mb > 0;
    let unblock = Advice::Unblock {
        settles_debts: owes,
    };
    match refusal {
        Refusal::Blocked(BlockReason::Manual) => vec![unblock],
        Refusal::Blocked(BlockReason::DebtLimit) => vec![
            Advice::BuyQuota {
                least_mb: beyond_limit(debts),
            },
            unblock,
        ],
        Refusal::Blocked(BlockReason::EndOfMonth | BlockReason::Overdue) => {
            let mut ways = Vec::new();
            if debts.manual_mb > 0 {
                ways.push(Advice::SettleDebts);
            }
            if debts.automatic_mb > 0.0 {
                ways.push(Advice::BuyQuota {
                    least_mb: debts.automatic_mb.ceil().to_i64(),
                });
            }
            ways.push(unblock);
            ways
        }
        Refusal::NotAdmitted => vec![Advice::Activate],
        Refusal::NoQuota => vec![match person.payment.map(|payment| payment.state) {
            Some(PaymentState::NotCredited) => Advice::CreditPayment,
            Some(PaymentState::Pending) => Advice::FinishPayment,
            _ => Advice::BuyQuota { least_mb: None },
        }],
        Refusal::DeviceNotAllowed => vec![Advice::AuthorizeDevice],
        Refusal::Nobody | Refusal::UserGone => vec![Advice::LogIn],
    }
}

/// The least whole megabytes that bring the automatic debt below the limit.
fn beyond_limit(debts: &Debts<'_>) -> Option<i64> {
    let over = debts.automatic_mb - debts.limit_mb.to_f64()?;
    (over.floor() + 1.0).to_i64()
}

/// What to do about somebody who is treated otherwise.
fn of_wrong(case: &Case<'_, '_>, cause: &Cause, changed_by: ChangedBy) -> Vec<Advice> {
    let mut advice = Vec::new();
    match (changed_by, cause.kind) {
        (ChangedBy::UsageSync, CauseKind::SyncDead) => advice.push(Advice::StartSync),
        (ChangedBy::Nobody, CauseKind::SettingMissing) => {
            advice.push(Advice::SetSetting(CLIENT_NETWORKS));
        }
        (ChangedBy::Nobody, _) => {}
        _ => return vec![Advice::Wait],
    }
    match case.found.decisive {
        Decisive::Row(row) => advice.push(Advice::RemoveListRow(row.id.to_owned())),
        Decisive::Binding(row) => advice.push(Advice::RemoveBinding {
            id: row.id.clone(),
            disconnects: case.at.is_online && case.found.passage != Passage::Cut,
        }),
        Decisive::HotspotUser(row) => {
            advice.push(Advice::ResetHotspotUser(row.id.clone()));
            let comment = row.fields.comment.as_deref().unwrap_or_default();
            // The overdue block gave it a password that nobody was told.
            if debt_block(comment) == Some(BlockReason::Overdue) {
                advice.push(Advice::RewriteHotspotUser);
            }
        }
        Decisive::NoHotspotUser => advice.push(Advice::RewriteHotspotUser),
        Decisive::Nothing if case.at.is_logged_in || case.at.is_bypassed => {
            advice.push(Advice::EndSession);
        }
        Decisive::Nothing => {}
    }
    advice
}
