//! How many commands may be under way at once: more while the router answers quickly, fewer as soon
//! as it slows down.

use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

const START: f64 = 8.0;
const MOST: f64 = 128.0;
/// Slower than this many times the quickest answer is slow.
const SLOW: u32 = 3;
/// No difference below this is worth a reaction.
const NOISE: Duration = Duration::from_millis(20);

/// A window that doubles with each round of answers until one comes late; then it is halved, and
/// from there on grows by one a round.
pub struct Window {
    size: f64,
    /// Has an answer ever come late?
    slowed: bool,
    quickest: Option<Duration>,
    /// No second halving before the answers that were under way at the first have come.
    rest: usize,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            size: START,
            slowed: false,
            quickest: None,
            rest: 0,
        }
    }
}

impl Window {
    fn has_room_beside(&self, running: usize) -> bool {
        running < self.size as usize
    }

    fn answered(&mut self, after: Duration) {
        let quickest = self.quickest.map_or(after, |known| known.min(after));
        self.quickest = Some(quickest);
        self.rest = self.rest.saturating_sub(1);
        if after <= quickest * SLOW + NOISE {
            let growth = if self.slowed { 1.0 / self.size } else { 1.0 };
            self.size = (self.size + growth).min(MOST);
        } else if self.rest == 0 {
            self.slowed = true;
            self.rest = self.size as usize;
            self.size = (self.size / 2.0).max(1.0);
        }
    }

    /// Starts `start` for each of `items` in their order, as many at once as the window allows,
    /// until `go_on` says no to an answer. What was started is waited for; `None` stands for what
    /// was not.
    pub async fn run<Item, Answer, Started: Future<Output = Answer>>(
        &mut self,
        items: Vec<Item>,
        start: impl Fn(Item) -> Started,
        mut go_on: impl FnMut(Option<&Answer>) -> bool,
    ) -> Vec<Option<Answer>> {
        let mut answers: Vec<Option<Answer>> = items.iter().map(|_| None).collect();
        let mut running = FuturesUnordered::new();
        let mut items = items.into_iter().enumerate().peekable();
        let mut stopped = false;
        loop {
            stopped = stopped || !go_on(None);
            while !stopped && self.has_room_beside(running.len()) {
                let Some((index, item)) = items.next() else {
                    break;
                };
                let sending = start(item);
                running.push(async move {
                    let began = Instant::now();
                    (index, sending.await, began.elapsed())
                });
            }
            let Some((index, answer, after)) = running.next().await else {
                return answers;
            };
            self.answered(after);
            stopped = stopped || !go_on(Some(&answer));
            answers[index] = Some(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_grows_with_quick_answers_and_is_halved_once_for_a_round_of_slow_ones() {
        let mut window = Window::default();
        for _ in 0..200 {
            window.answered(Duration::from_millis(5));
        }
        assert_eq!(window.size, MOST);
        for _ in 0..3 {
            window.answered(Duration::from_millis(500));
        }
        assert_eq!(window.size, MOST / 2.0);
        for _ in 0..1_000 {
            window.answered(Duration::from_secs(5));
        }
        assert_eq!(window.size, 1.0);
    }

    #[tokio::test]
    async fn nothing_is_started_after_an_answer_that_stops() {
        let mut window = Window::default();
        let answers = window
            .run(
                (0..100).collect(),
                |item| async move { item },
                |answer| answer.is_none_or(|&item| item < 3),
            )
            .await;
        assert_eq!(answers[3], Some(3));
        assert_eq!(answers[99], None);
        assert!(answers.iter().flatten().count() < 20);
    }
}
