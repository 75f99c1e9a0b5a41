//! Why a command of Redis is not sent.

use catalogue::Said;
use sentences::{
    RedisConnection, RedisDangerous, RedisEndless, RedisFunctionHoldsUp, RedisFunctionWrites,
    RedisHoldsUp, RedisHoldsUpKeys, RedisNoKeys, RedisNotReading, RedisNotWriting, RedisOneServer,
    RedisReachesBeyond, RedisScriptHoldsUp, RedisScriptWrites, RedisTellsPasswords, RedisUnknown,
    RedisUnknownSubcommand, RedisWaits, RedisWaitsBlock, RedisWritesCount, RedisWritesDatabase,
    RedisWritesDatabases, RedisWritesDb, RedisWritesKeys, RedisWritesServer, RedisWritesUse,
};

/// Why a command is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It looks through every key meanwhile.
    HoldsUpKeys,
    /// What follows would go over another connection than before.
    ChangesConnection,
    /// Its answers never end.
    Endless,
    /// A script may write.
    ScriptWrites,
    /// A function may write.
    FunctionWrites,
    /// A script may hold up the server.
    ScriptHoldsUp,
    /// A function may hold up the server.
    FunctionHoldsUp,
    /// It keeps what it counted.
    WritesCount,
    /// It writes when keys were used.
    WritesUse,
    /// It holds up the server.
    HoldsUp,
    /// It writes into another database.
    WritesDatabase,
    /// It writes into other databases.
    WritesDatabases,
    /// It writes to another server.
    WritesServer,
    /// Its answers hold passwords.
    TellsPasswords,
    /// With `DB` it writes into another database.
    WritesWithDb,
    /// With `BLOCK` it waits.
    WaitsWithBlock,
    /// The server does not know it.
    Unknown,
    /// The server does not know its subcommand.
    UnknownSubcommand,
    /// The server does not mark it as reading.
    NotReading,
    /// The server says that it writes keys.
    WritesKeys,
    /// It waits.
    Waits,
    /// The server does not mark it as writing.
    NotWriting,
    /// It does more than to write keys.
    ReachesBeyond,
    /// The server calls it dangerous.
    Dangerous,
    /// The server names no keys of it.
    NoKeys,
    /// Of a cluster it asks one server.
    OneServer,
}

impl From<Refusal> for Said {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::HoldsUpKeys => RedisHoldsUpKeys.into(),
            Refusal::ChangesConnection => RedisConnection.into(),
            Refusal::Endless => RedisEndless.into(),
            Refusal::ScriptWrites => RedisScriptWrites.into(),
            Refusal::FunctionWrites => RedisFunctionWrites.into(),
            Refusal::ScriptHoldsUp => RedisScriptHoldsUp.into(),
            Refusal::FunctionHoldsUp => RedisFunctionHoldsUp.into(),
            Refusal::WritesCount => RedisWritesCount.into(),
            Refusal::WritesUse => RedisWritesUse.into(),
            Refusal::HoldsUp => RedisHoldsUp.into(),
            Refusal::WritesDatabase => RedisWritesDatabase.into(),
            Refusal::WritesDatabases => RedisWritesDatabases.into(),
            Refusal::WritesServer => RedisWritesServer.into(),
            Refusal::TellsPasswords => RedisTellsPasswords.into(),
            Refusal::WritesWithDb => RedisWritesDb.into(),
            Refusal::WaitsWithBlock => RedisWaitsBlock.into(),
            Refusal::Unknown => RedisUnknown.into(),
            Refusal::UnknownSubcommand => RedisUnknownSubcommand.into(),
            Refusal::NotReading => RedisNotReading.into(),
            Refusal::WritesKeys => RedisWritesKeys.into(),
            Refusal::Waits => RedisWaits.into(),
            Refusal::NotWriting => RedisNotWriting.into(),
            Refusal::ReachesBeyond => RedisReachesBeyond.into(),
            Refusal::Dangerous => RedisDangerous.into(),
            Refusal::NoKeys => RedisNoKeys.into(),
            Refusal::OneServer => RedisOneServer.into(),
        }
    }
}
