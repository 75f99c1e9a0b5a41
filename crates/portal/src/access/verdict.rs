//! What to think of how a device is treated: effect, cause, who changes it, what to do.

use bigdecimal::ToPrimitive;
use bigdecimal::num_bigint::BigInt;

use super::advice::Advice;
use super::cause::{Cause, CauseKind, OtherCause};
use super::coming::{ChangedBy, Coming};
use super::effect::Effect;
use super::payment::{Payment, PaymentState};
use super::report::{DeviceAccess, Verdict};
use super::sync_health::SyncHealth;
use super::treatment::{Decisive, Login, Passage, kind_of};
use super::wanted::{Refusal, Right, Wanted};
use super::whereabouts::Whereabouts;
use crate::address_range::AddressRange;
use crate::block::{BindingType, BlockReason};
use crate::comment::debt_block;
use crate::list_name::ListKind;
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

/// A thing that makes a device be treated as it is.
pub(super) struct Maker<'site> {
    pub(super) what: Decisive<'site>,
    /// The task that takes it away, or `Nobody`.
    pub(super) ended_by: ChangedBy,
    /// It is a binding that names a user of the database.
    pub(super) names_user: bool,
}

/// A device, how it is treated and how it should be.
pub(super) struct Case<'case, 'site> {
    pub(super) at: &'case Whereabouts,
    pub(super) passage: Passage,
    /// All that makes it so, each without the others; what is told as the cause comes first.
    pub(super) makers: Vec<Maker<'site>>,
    /// `None` where it cannot be told.
    pub(super) right: Option<Right>,
    /// The first task after which the device is treated otherwise.
    pub(super) changed_by: Option<ChangedBy>,
    /// The lists that cannot be looked at.
    pub(super) doubted: &'case [ListKind],
    pub(super) sync: SyncHealth,
    pub(super) policy: &'case Policy,
    pub(super) settings: &'case Settings,
}

impl Person<'_, '_> {
    /// The user paid, and was not given what the payment was for.
    fn has_paid(&self) -> bool {
        let state = self.payment.map(|payment| payment.state);
        state == Some(PaymentState::NotCredited)
    }
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

pub(super) fn verdict(mut case: Case<'_, '_>, person: &Person<'_, '_>) -> Verdict {
    let Some(right) = case.right else {
        return unknown();
    };
    if !case.is_certain() {
        return in_doubt(&case);
    }
    let (effect, is_right) = compared(&case, right);
    if !is_right {
        case.put_first_what_stays(right);
    }
    let cause = cause(&case, person, right, effect, is_right);
    let (changed_by, when) = changed_by(&case, person, right, is_right);
    let advice = if is_right {
        of_right(&case, person, right)
    } else {
        of_wrong(&case, person, right, (&cause, changed_by))
    };
    Verdict {
        effect,
        is_right,
        other_causes: other_causes(&case, person, (&cause, is_right)),
        cause,
        changed_by,
        when,
        advice,
    }
}

impl<'site> Case<'_, 'site> {
    /// What is told as the cause.
    fn decisive(&self) -> Decisive<'site> {
        let first = self.makers.first();
        first.map_or(Decisive::Nothing, |maker| maker.what)
    }

    /// What is on a list whose name is in doubt is not known; beside it something else may decide.
    fn is_certain(&self) -> bool {
        let speaks = |kind: &ListKind| *kind != ListKind::Active;
        let known = |what: Decisive<'_>| match what {
            Decisive::Row(row) => !self.doubted.contains(&row.kind),
            Decisive::Binding(_) => true,
            _ => false,
        };
        !self.doubted.iter().any(speaks)
            || self.passage == Passage::Cut && self.makers.iter().any(|maker| known(maker.what))
    }

    /// Of several things the one that stays longest decides who changes it: what nobody takes away, then
    /// what another task than the usage sync does. Where a task changes the device's way all the same, as it
    /// shuts it out, what says most goes on saying it.
    fn put_first_what_stays(&mut self, right: Right) {
        if right == Right::Nothing(Refusal::DeviceNotAllowed) && self.passage == Passage::Cut {
            self.makers.sort_by_key(|maker| !is_of_debt(maker.what));
        } else if self.passage != Passage::Open || self.changed_by.is_none() {
            self.makers.sort_by_key(|maker| match maker.what {
                Decisive::HotspotUser(_) | Decisive::NoHotspotUser => 3,
                _ if maker.ended_by == ChangedBy::Nobody => 0,
                _ if maker.ended_by == ChangedBy::UsageSync => 2,
                _ => 1,
            });
        }
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
            other_causes: Vec::new(),
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
        other_causes: Vec::new(),
        changed_by: ended_by(refusal, person),
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
        other_causes: Vec::new(),
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
        other_causes: Vec::new(),
        changed_by: ChangedBy::Unknown,
        when: None,
        advice: Vec::new(),
    }
}

/// The verdict on a device of which the lists do not tell how it is treated, as their names are missing.
fn in_doubt(case: &Case<'_, '_>) -> Verdict {
    let settings = case.doubted.iter().map(|list| list.setting());
    let cause = Cause {
        setting: settings.clone().next(),
        address: case.at.addresses.first().map(ToString::to_string),
        ..Cause::of(CauseKind::SettingMissing)
    };
    Verdict {
        cause,
        advice: settings.map(Advice::SetSetting).collect(),
        ..unknown()
    }
}

/// What gives somebody access who has no right to it, or full speed.
pub(super) fn ways(person: &Person<'_, '_>) -> Vec<Advice> {
    match person.wanted.map(Wanted::right) {
        Some(Right::Nothing(refusal)) => ways_out(refusal, person),
        Some(Right::Slowed { .. }) => ways_out(Refusal::NoQuota, person),
        Some(Right::Open { .. }) | None => Vec::new(),
    }
}

/// What the treatment comes to, and whether it is what the portal wants.
fn compared(case: &Case<'_, '_>, right: Right) -> (Effect, bool) {
    let passage = case.passage;
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
    let is_own = refusal == Refusal::Nobody && matches!(case.decisive(), Decisive::Binding(_));
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
    case.makers.iter().any(|maker| is_of_debt(maker.what))
}

/// A block for debts wrote it.
fn is_of_debt(what: Decisive<'_>) -> bool {
    let comment = match what {
        Decisive::Row(row) => row.entry.comment.as_deref(),
        Decisive::Binding(row) => row.fields.comment.as_deref(),
        _ => None,
    };
    comment.is_some_and(|comment| debt_block(comment).is_some())
}

fn cause(
    case: &Case<'_, '_>,
    person: &Person<'_, '_>,
    right: Right,
    effect: Effect,
    is_right: bool,
) -> Cause {
    let found = missing_row(case, person, right, effect);
    let found = found.unwrap_or_else(|| of_maker(case, case.decisive()));
    let kind = match (is_right, right) {
        (true, Right::Nothing(_)) if effect == Effect::None => CauseKind::None,
        (true, Right::Nothing(refusal)) => kind_of_refusal(refusal),
        (true, Right::Slowed { .. }) if effect == Effect::Slowed => CauseKind::NoPayment,
        (true, _) => return Cause::of(CauseKind::None),
        // The block ends with the next usage sync: until then it is the database's.
        (false, _) if person.is_blocked_now && effect == Effect::CutOff => CauseKind::DatabaseBlock,
        (false, _) => of_wrong_kind(case, found.kind),
    };
    let setting = (kind == CauseKind::SettingMissing).then(|| CLIENT_NETWORKS.to_owned());
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

/// What would do the same without the cause. A login that fails comes after the rest, where one is wanted.
/// Where the portal wants it so, what it writes for it itself is no other cause.
fn other_causes(
    case: &Case<'_, '_>,
    person: &Person<'_, '_>,
    (cause, is_right): (&Cause, bool),
) -> Vec<OtherCause> {
    if cause.kind == CauseKind::None {
        return Vec::new();
    }
    let wanted = person.wanted;
    let with_login = wanted.is_some_and(|wanted| wanted.binding == BindingType::Regular);
    let makers = case.makers.iter().filter(|maker| match maker.what {
        Decisive::Row(row) if is_right => {
            let range = AddressRange::of_row(&row.entry.address);
            let is_wide = range.is_some_and(|range| !range.is_single());
            is_wide || wanted.is_none_or(|wanted| wanted.list != row.kind)
        }
        Decisive::Row(_) => true,
        Decisive::HotspotUser(_) | Decisive::NoHotspotUser => with_login && !is_right,
        _ => !is_right,
    });
    let causes = makers.map(|maker| OtherCause {
        cause: of_maker(case, maker.what),
        changed_by: maker.ended_by,
    });
    let is_other = |other: &OtherCause| {
        let other = &other.cause;
        (&other.list, &other.id) != (&cause.list, &cause.id)
    };
    causes.filter(is_other).collect()
}

/// A thing on the router, as a cause.
fn of_maker(case: &Case<'_, '_>, what: Decisive<'_>) -> Cause {
    let address = case.at.addresses.first().map(ToString::to_string);
    match what {
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
    let is_too_fast = matches!(right, Right::Slowed { .. }) && case.passage == Passage::Open;
    let is_wrong_bypass = is_bypass(case) && wanted.binding != BindingType::Bypassed;
    let is_let_through = effect == Effect::LetThrough && !is_wrong_bypass;
    (is_too_fast || is_let_through).then(|| Cause {
        list: Some(case.policy.lists.name_of(wanted.list).to_owned()),
        address: case.at.addresses.first().map(ToString::to_string),
        ..Cause::of(CauseKind::RowOnList)
    })
}

fn is_bypass(case: &Case<'_, '_>) -> bool {
    match case.decisive() {
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
        Right::Nothing(refusal) => (ended_by(refusal, person), None),
        _ => {
            let coming = person.coming.first();
            let next = coming.map(|coming| (coming.by, coming.at));
            let is_slow = matches!(right, Right::Slowed { .. });
            let slow = is_slow.then(|| (ended_by(Refusal::NoQuota, person), None));
            next.or(slow).unwrap_or((ChangedBy::Nobody, None))
        }
    }
}

/// Who ends a refusal that is as the portal wants it. What was paid and not given an administrator gives.
fn ended_by(refusal: Refusal, person: &Person<'_, '_>) -> ChangedBy {
    match refusal {
        Refusal::Blocked(BlockReason::Manual)
        | Refusal::NotAdmitted
        | Refusal::DeviceNotAllowed => ChangedBy::Operator,
        Refusal::Blocked(_) | Refusal::NoQuota if person.has_paid() => ChangedBy::Operator,
        Refusal::Blocked(_) | Refusal::NoQuota => ChangedBy::Payment,
        Refusal::Nobody | Refusal::UserGone => ChangedBy::Nobody,
    }
}

/// What to do about somebody who is treated as the portal wants it.
fn of_right(case: &Case<'_, '_>, person: &Person<'_, '_>, right: Right) -> Vec<Advice> {
    match right {
        Right::Nothing(_) if case.passage == Passage::Open => Vec::new(),
        Right::Nothing(refusal) => ways_out(refusal, person),
        Right::Slowed { .. } if case.passage == Passage::Slowed => {
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
    let mut ways = Vec::new();
    if matches!(refusal, Refusal::Blocked(_)) && person.has_paid() {
        ways.push(Advice::CreditPayment);
    }
    match refusal {
        Refusal::Blocked(BlockReason::Manual) => vec![unblock],
        Refusal::Blocked(BlockReason::DebtLimit) => {
            ways.push(Advice::BuyQuota {
                least_mb: beyond_limit(debts),
            });
            ways.push(unblock);
            ways
        }
        Refusal::Blocked(BlockReason::EndOfMonth | BlockReason::Overdue) => {
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

/// What to do about somebody who is treated otherwise: what nobody does by himself, for each thing that
/// makes it so.
fn of_wrong(
    case: &Case<'_, '_>,
    person: &Person<'_, '_>,
    right: Right,
    (cause, changed_by): (&Cause, ChangedBy),
) -> Vec<Advice> {
    let mut advice = Vec::new();
    let is_dead = matches!(case.sync, SyncHealth::Dead { .. });
    match (changed_by, cause.kind) {
        (ChangedBy::UsageSync, CauseKind::SyncDead) => advice.push(Advice::StartSync),
        (ChangedBy::UsageSync, _) if is_dead => return vec![Advice::StartSync],
        (ChangedBy::Nobody, CauseKind::SettingMissing) => {
            advice.push(Advice::SetSetting(CLIENT_NETWORKS.to_owned()));
        }
        (ChangedBy::Nobody, _) => {}
        _ => return vec![Advice::Wait],
    }
    let makers = case
        .makers
        .iter()
        .filter(|maker| changed_by == ChangedBy::UsageSync || maker.ended_by == ChangedBy::Nobody);
    for maker in makers {
        advice.extend(remedies(case, person, right, maker));
    }
    if case.makers.is_empty() && (case.at.is_logged_in || case.at.is_bypassed) {
        advice.push(Advice::EndSession);
    }
    advice
}

/// What takes away one thing that makes a device be treated wrongly.
fn remedies(
    case: &Case<'_, '_>,
    person: &Person<'_, '_>,
    right: Right,
    maker: &Maker<'_>,
) -> Vec<Advice> {
    match maker.what {
        Decisive::Row(row) => vec![Advice::RemoveListRow(row.id.to_owned())],
        Decisive::Binding(row) => {
            let disconnects = case.at.is_online && case.passage != Passage::Cut;
            let to = binding_type(right, person);
            let id = row.id.clone();
            match to {
                Some(to) if to == kind_of(&row.fields) => Vec::new(),
                Some(to) if maker.names_user => vec![Advice::SetBindingType {
                    id,
                    to,
                    disconnects,
                }],
                _ => vec![Advice::RemoveBinding { id, disconnects }],
            }
        }
        Decisive::HotspotUser(row) => {
            let mut advice = vec![Advice::ResetHotspotUser(row.id.clone())];
            let comment = row.fields.comment.as_deref().unwrap_or_default();
            // The overdue block gave it a password that nobody was told.
            if debt_block(comment) == Some(BlockReason::Overdue) {
                advice.push(Advice::RewriteHotspotUser);
            }
            advice
        }
        Decisive::NoHotspotUser => vec![Advice::RewriteHotspotUser],
        Decisive::Nothing => Vec::new(),
    }
}

/// The type that the binding of a device should have; `None` for a device of nobody. Somebody who was
/// switched off is to come nowhere, not even to the login, which would let him in.
fn binding_type(right: Right, person: &Person<'_, '_>) -> Option<BindingType> {
    match right {
        Right::Nothing(Refusal::Nobody | Refusal::UserGone) => None,
        Right::Nothing(Refusal::NotAdmitted) => Some(BindingType::Blocked),
        Right::Nothing(Refusal::DeviceNotAllowed) => Some(BindingType::Regular),
        _ => person.wanted.map(|wanted| wanted.binding),
    }
}
