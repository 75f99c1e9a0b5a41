//! The keys that the portal leaves in its own database of Redis.

/// When the usage sync last ran, in seconds after 1970.
pub const LAST_RUN: &str = "quota_sync:last_run_ts";
/// The lock of the usage sync, which holds the id of the task that runs.
pub const RUN_LOCK: &str = "quota_sync:run_lock";
/// The lock of the usage sync across all workers.
pub const GLOBAL_LOCK: &str = "quota:sync_lock:global";
/// The circuit breaker of the router, in JSON.
pub const ROUTER_BREAKER: &str = "cb:mikrotik:state";
/// The circuit breaker of WhatsApp, in JSON.
pub const WHATSAPP_BREAKER: &str = "cb:whatsapp:state";
/// The last report of the guard of policy parity, in JSON.
pub const PARITY_REPORT: &str = "policy_parity:last_report";
/// The lock of the task for unauthorized hosts, which holds when it began, in seconds after 1970.
pub const UNAUTHORIZED_LOCK: &str = "sync_unauthorized_hosts:lock";
/// The settings that everybody may see, kept for a while.
pub const PUBLIC_SETTINGS: &str = "cache:public_settings";
/// The list of dead letters, where `TASK_DLQ_REDIS_KEY` names no other.
pub const DEAD_LETTERS: &str = "celery:dlq";
