//! The one integration crate: `README.md` in this folder says which test goes where.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "tests are told where things are")]

mod applying;
mod approved_before;
mod audit;
mod celery;
mod change;
mod cleanup;
mod cli;
mod collision;
mod database;
mod database_tls;
mod demo;
mod diagnose_sync;
mod diagnosis;
mod docker;
mod docker_faults;
mod docker_tls;
mod docs;
mod doctor;
mod documents;
mod durations;
mod early_end;
mod embedding;
mod ensure;
mod faults;
mod history;
mod journal;
mod kinds;
mod logs;
mod menus;
mod moved_ids;
mod own_scripts;
mod parity;
mod plan_file;
mod primitives;
mod protected;
mod question;
mod readme;
mod redis;
mod redis_commands;
mod repl;
mod router_text;
mod rows_by_kind;
mod run;
mod run_lock;
mod same_row;
mod scripts;
mod secrets;
mod selection;
mod servers;
mod services;
mod side_by_side;
mod signals;
mod simulator;
mod site;
mod spelled_values;
mod statements;
mod support;
#[path = "sync-oracle/cases.rs"]
mod sync_oracle;
mod testing;
mod tls;
mod writers;
mod written;
