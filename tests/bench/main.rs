//! `cargo bench --bench speed`: what tikbook costs, as ratios measured side by side in one run.
//!
//! `start` compares starting it with starting a program that prints a line; `audit` compares an
//! audit with what the portal's own script at least needs. `-- audit --rows 1000000 --rounds 3`
//! chooses; without words all are measured. `writes` compares changing many rows at a time with
//! changing one after another, `single` many calls of a writer with one, and `tired` what others wait
//! for at a router that tires while it is written to. `tests` runs a hundred tests of scripts. How fast rows are read is measured by
//! `cargo bench -p routeros-api`, what telling everybody's access costs by `cargo bench -p portal`.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on panics")]
#![allow(
    clippy::disallowed_methods,
    reason = "benches are told where things are"
)]

mod audit;
mod measure;
mod single;
mod start;
#[allow(dead_code, reason = "a bench needs a part of what the tests stand on")]
#[path = "../support/mod.rs"]
mod support;
#[allow(dead_code, reason = "what the tests stand on asks for a part of it")]
#[path = "../sync-oracle/cases.rs"]
mod sync_oracle;
mod tests;
mod tired;
mod writes;

const ROUNDS: usize = 5;
const ROWS: usize = 100_000;

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let number = |name: &str, default| {
        let place = words.iter().position(|word| word == name);
        place.map_or(default, |place| {
            words[place + 1].parse().expect("a number follows")
        })
    };
    let chosen = |name: &str| words.iter().any(|word| word == name);
    let all = !["start", "audit", "writes", "single", "tired", "tests"]
        .into_iter()
        .any(chosen);
    if all || chosen("start") {
        start::measure();
    }
    if all || chosen("tests") {
        tests::measure();
    }
    if all || chosen("writes") {
        writes::measure();
    }
    if all || chosen("single") {
        single::measure();
    }
    if all || chosen("tired") {
        tired::measure();
    }
    if all || chosen("audit") {
        audit::measure(number("--rows", ROWS), number("--rounds", ROUNDS));
    }
}
