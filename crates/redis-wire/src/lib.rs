//! What goes over the wire to a Redis beyond its own commands, for those who send it and for what stands
//! in for the server.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod answer;
pub mod celery;

/// The one script that is sent: nobody can compare and delete in one step without it. Of one key and
/// one value.
pub const DELETE_IF_EQUALS: &str = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";
