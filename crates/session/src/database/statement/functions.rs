//! Functions that a read-only session does not stop, though they do more than read.

use super::Dialect;

/// PostgreSQL's `pg_…` functions that only tell. All others of that prefix are refused: among them
/// are ones that end sessions, take locks, read and write files.
const POSTGRES_TELLING: &[&str] = &[
    "pg_backend_pid",
    "pg_blocking_pids",
    "pg_char_to_encoding",
    "pg_collation_for",
    "pg_column_size",
    "pg_conf_load_time",
    "pg_current_wal_lsn",
    "pg_database_size",
    "pg_describe_object",
    "pg_encoding_to_char",
    "pg_has_role",
    "pg_indexes_size",
    "pg_input_is_valid",
    "pg_is_in_recovery",
    "pg_jit_available",
    "pg_last_wal_receive_lsn",
    "pg_last_wal_replay_lsn",
    "pg_last_xact_replay_timestamp",
    "pg_my_temp_schema",
    "pg_postmaster_start_time",
    "pg_relation_size",
    "pg_size_bytes",
    "pg_size_pretty",
    "pg_sleep",
    "pg_sleep_for",
    "pg_sleep_until",
    "pg_table_size",
    "pg_tablespace_size",
    "pg_total_relation_size",
    "pg_typeof",
    "pg_wal_lsn_diff",
];

/// Functions outside `pg_…` that change the session, a sequence or a large object, or that run SQL
/// given as text, which nobody would look through.
const POSTGRES_ACTING: &[&str] = &[
    "brin_desummarize_range",
    "brin_summarize_new_values",
    "brin_summarize_range",
    "connectby",
    "cursor_to_xml",
    "cursor_to_xmlschema",
    "gin_clean_pending_list",
    "lastval",
    "loread",
    "lowrite",
    "nextval",
    "query_to_xml",
    "query_to_xml_and_xmlschema",
    "query_to_xmlschema",
    "set_config",
    "setseed",
    "setval",
    "ts_rewrite",
    "ts_stat",
    "xpath_table",
];

const POSTGRES_ACTING_PREFIXES: &[&str] = &["lo_", "dblink", "crosstab", "binary_upgrade_"];

/// Functions of MySQL's own that only tell, for servers that do not list theirs.
pub const TELLING_OF_MYSQL: &[&str] = &[
    "abs",
    "adddate",
    "avg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "ceil",
    "ceiling",
    "char_length",
    "coalesce",
    "concat",
    "concat_ws",
    "count",
    "crc32",
    "curdate",
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "curtime",
    "date_add",
    "date_format",
    "date_sub",
    "datediff",
    "dayofmonth",
    "dayofweek",
    "extract",
    "find_in_set",
    "floor",
    "from_unixtime",
    "greatest",
    "group_concat",
    "hex",
    "ifnull",
    "instr",
    "isnull",
    "json_array",
    "json_contains",
    "json_extract",
    "json_object",
    "json_set",
    "json_unquote",
    "last_day",
    "last_insert_id",
    "lcase",
    "least",
    "length",
    "localtime",
    "localtimestamp",
    "locate",
    "lower",
    "lpad",
    "ltrim",
    "max",
    "md5",
    "min",
    "now",
    "nullif",
    "octet_length",
    "pow",
    "power",
    "rand",
    "regexp_like",
    "regexp_replace",
    "round",
    "row_count",
    "rpad",
    "rtrim",
    "sha1",
    "sha2",
    "str_to_date",
    "strcmp",
    "subdate",
    "substr",
    "substring",
    "substring_index",
    "sum",
    "sysdate",
    "timestampadd",
    "timestampdiff",
    "trim",
    "ucase",
    "unhex",
    "unix_timestamp",
    "upper",
    "utc_date",
    "utc_time",
    "utc_timestamp",
    "uuid",
    "weekday",
];

const MYSQL_ACTING: &[&str] = &[
    "get_lock",
    "lastval",
    "load_file",
    "master_gtid_wait",
    "master_pos_wait",
    "nextval",
    "release_all_locks",
    "release_lock",
    "service_get_read_locks",
    "service_get_write_locks",
    "service_release_locks",
    "setval",
    "source_pos_wait",
    "sys_eval",
    "sys_exec",
    "sys_set",
    "wait_for_executed_gtid_set",
];

const SQLITE_ACTING: &[&str] = &[
    "edit",
    "fts3_tokenizer",
    "load_extension",
    "readfile",
    "writefile",
];

/// The table-valued PRAGMAs that only describe the database.
const SQLITE_DESCRIBING: &[&str] = &[
    "pragma_collation_list",
    "pragma_compile_options",
    "pragma_database_list",
    "pragma_foreign_key_list",
    "pragma_function_list",
    "pragma_index_info",
    "pragma_index_list",
    "pragma_index_xinfo",
    "pragma_table_info",
    "pragma_table_list",
    "pragma_table_xinfo",
];

/// Whether `name` (in lower case) may not stand in a query; `called` if a `(` follows it.
pub(super) fn refused_function(name: &str, called: bool, dialect: Dialect) -> bool {
    match dialect {
        Dialect::Postgres => called && refused_by_postgres(name),
        Dialect::Mysql => called && MYSQL_ACTING.contains(&name),
        Dialect::Sqlite => {
            let pragma = name.starts_with("pragma_") && !SQLITE_DESCRIBING.contains(&name);
            pragma || (called && SQLITE_ACTING.contains(&name))
        }
    }
}

fn refused_by_postgres(name: &str) -> bool {
    let tells = POSTGRES_TELLING.contains(&name)
        || name.starts_with("pg_get_")
        || name.starts_with("pg_stat_get_")
        || (name.starts_with("pg_") && name.ends_with("_is_visible"));
    (name.starts_with("pg_") && !tells)
        || POSTGRES_ACTING.contains(&name)
        || POSTGRES_ACTING_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}
