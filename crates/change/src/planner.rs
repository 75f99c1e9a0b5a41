//! Plans the changes that scripts ask for: nothing here can send.

use std::sync::Arc;

use routeros_schema::Menu;
use tokio::sync::Mutex;

use super::error::ChangeError;
use super::fields::Fields;
use super::guard::{self, Radius};
use super::judge::{Earlier, Judged, is_row, judge};
use super::measure::measure;
use super::planned::{Action, Change, Done};
use super::{keys, tables};
use session::Session;
use site::grant::Grant;

/// Plans the changes of one run. Clones are the same planner.
#[derive(Clone)]
pub struct Planner {
    inner: Arc<Inner>,
}

struct Inner {
    session: Session,
    grant: Grant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    done: Vec<Done>,
    earlier: Earlier,
    radius: Radius,
}

impl Planner {
    /// A planner of changes that come after `planned`, which `grant` allows to plan.
    pub fn new(session: Session, grant: Grant, planned: &[Done]) -> Self {
        let mut state = State::default();
        let before = planned.iter().map(|done| &done.change);
        before.for_each(|change| state.earlier.plan(change));
        Self {
            inner: Arc::new(Inner {
                session,
                grant,
                state: Mutex::new(state),
            }),
        }
    }

    /// Plans `changes` in their order. Each has an outcome; one that cannot be made does not stop the
    /// others.
    ///
    /// # Errors
    /// [`ChangeError`]: then none of them is planned.
    pub async fn submit(&self, mut changes: Vec<Change>) -> Result<Vec<Done>, ChangeError> {
        let Inner {
            session,
            grant,
            state,
        } = &*self.inner;
        for change in &mut changes {
            change.router = session.other_router(change.router.take());
            change.router_text = session.site().router_text;
        }
        for change in changes.iter_mut().filter(|change| !is_row(change)) {
            match change.action {
                Action::Execute => tables::name(session, grant, change).await?,
                _ => keys::name(session, change).await?,
            }
        }
        for target in changes.iter().flat_map(Change::targets) {
            if !grant.may_plan(&target) {
                return Err(ChangeError::Undeclared { target });
            }
        }
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let mut state = state.lock().await;
        let judged = judge(session, changes, &state.earlier).await?;
        measure(session, &mut state.radius, &judged).await?;
        let going = judged.iter().filter(|judged| judged.goes_ahead());
        going.for_each(|judged| state.earlier.plan(&judged.change));
        let done: Vec<Done> = judged.into_iter().map(Judged::into_done).collect();
        done.iter().for_each(|done| state.earlier.hold_back(done));
        state.done.extend(done.iter().cloned());
        Ok(done)
    }

    /// Every change so far with what is to become of it.
    pub async fn done(&self) -> Vec<Done> {
        self.inner.state.lock().await.done.clone()
    }

    /// How much is planned.
    pub async fn radius(&self) -> Radius {
        self.inner.state.lock().await.radius.clone()
    }

    /// Why a row of `menu` would be refused, if it would be.
    pub fn protection(&self, menu: &Menu, row: &Fields) -> Option<String> {
        guard::row_protection(menu, row, self.inner.session.site())
    }
}
