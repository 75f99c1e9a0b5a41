use super::*;

const ALL: [Dialect; 3] = [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite];

fn passes(sql: &str, dialects: &[Dialect]) {
    for dialect in dialects {
        assert!(
            read(sql, *dialect).is_ok(),
            "{dialect:?}: {sql}: {:?}",
            read(sql, *dialect)
        );
    }
}

fn is_refused(sql: &str, dialects: &[Dialect]) {
    for dialect in dialects {
        assert!(read(sql, *dialect).is_err(), "{dialect:?}: {sql}");
    }
}

#[test]
fn statements_that_read_pass_everywhere() {
    for sql in [
        "SELECT 1",
        "  select 1 ; ; ",
        "(SELECT 1) UNION (SELECT 2)",
        "WITH t AS (SELECT 1) SELECT * FROM t",
        "VALUES (1), (2)",
        "EXPLAIN SELECT 1",
        "-- DROP TABLE x\n/* INSERT */ SELECT 'DELETE FROM x; --' AS \"into\"",
        "SELECT replace(a, 'x', 'y') FROM t WHERE b = 'it''s; SET x'",
        "SELECT t.update, t.delete FROM t",
        "SELECT 1.5e-3, .5, 1.",
        "SELECT a -- trailing",
    ] {
        passes(sql, &ALL);
    }
}

#[test]
fn statements_that_write_or_change_the_session_are_refused_everywhere() {
    for sql in [
        "",
        ";",
        "-- only a comment",
        "INSERT INTO t VALUES (1)",
        "UPDATE t SET a = 1",
        "DELETE FROM t",
        "MERGE INTO t USING u ON a = b WHEN MATCHED THEN DELETE",
        "DROP TABLE t",
        "CREATE TEMP TABLE t (a int)",
        "TRUNCATE t",
        "SET TRANSACTION READ WRITE",
        "SET default_transaction_read_only = off",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "CALL p()",
        "DO $$ BEGIN END $$",
        "COPY (SELECT 1) TO '/tmp/x'",
        "LISTEN x",
        "NOTIFY x",
        "LOCK TABLE t",
        "VACUUM INTO '/tmp/x'",
        "ATTACH 'x.db' AS x",
        "PRAGMA query_only = off",
        "EXPLAIN PRAGMA query_only = off",
        "EXPLAIN ANALYZE DELETE FROM t",
        "EXPLAIN (ANALYZE) UPDATE t SET a = 1",
        "EXPLAIN ANALYZE WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
        "WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM x",
        "WITH x AS (SELECT 1) DELETE FROM t",
        "SELECT 1; DROP TABLE t",
        "SELECT * INTO u FROM t",
        "SELECT 1INTO u",
        "SELECT * FROM t FOR UPDATE",
        "SELECT * FROM t FOR NO KEY UPDATE",
        "SELECT * FROM t FOR SHARE",
        "SELECT * FROM t LOCK IN SHARE MODE",
        "SELECT 'never closed",
        "SELECT 1 /* never closed",
        "SELECT 1\0",
    ] {
        is_refused(sql, &ALL);
    }
}

#[test]
fn functions_that_act_are_refused_however_they_are_written() {
    for sql in [
        "SELECT set_config('statement_timeout', '0', false)",
        "SELECT SET_CONFIG ('a', 'b', true)",
        "SELECT pg_catalog.set_config/* */('a', 'b', true)",
        "SELECT \"set_config\"('a', 'b', true)",
        "SELECT U&\"set\\005fconfig\"('a', 'b', true)",
        "SELECT lo_create(0)",
        "SELECT pg_terminate_backend(1)",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock(1)",
        "SELECT pg_notify('a', 'b')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('/')",
        "SELECT * FROM dblink('x', 'y') AS t(a int)",
        "SELECT query_to_xml('select set_config(1)', true, true, '')",
        "SELECT * FROM ts_stat('select set_config(1)')",
        "SELECT nextval('s')",
    ] {
        is_refused(sql, &[Dialect::Postgres]);
    }
    for sql in [
        "SELECT get_lock('a', 1)",
        "SELECT `load_file`('/etc/passwd')",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "SELECT 1 INTO @a",
        "SELECT NEXT VALUE FOR s",
        "SELECT gét_lock('a', 1)",
    ] {
        is_refused(sql, &[Dialect::Mysql]);
    }
    for sql in [
        "SELECT load_extension('x')",
        "SELECT [load_extension]('x')",
        "SELECT writefile('x', 'y')",
        "SELECT * FROM pragma_journal_mode",
        "SELECT load_extension\u{feff}('x')",
        "WITH x AS (SELECT 1)\u{feff}DELETE FROM t",
    ] {
        is_refused(sql, &[Dialect::Sqlite]);
    }
    passes(
        "SELECT pg_get_viewdef('v'), pg_typeof(1), pg_size_pretty(1)",
        &[Dialect::Postgres],
    );
    passes(
        "SELECT name FROM pragma_table_info('t')",
        &[Dialect::Sqlite],
    );
    passes("SELECT sleep(0), benchmark(1, 1)", &[Dialect::Mysql]);
}

#[test]
fn comments_and_quotes_cannot_hide_a_statement() {
    // Each server cuts these in its own way; what one of them would run is refused for it.
    is_refused("SELECT 1 /*! INTO OUTFILE '/tmp/x' */", &[Dialect::Mysql]);
    is_refused(
        "SELECT 1 /*M!100100 INTO OUTFILE '/tmp/x' */",
        &[Dialect::Mysql],
    );
    is_refused(
        "SELECT /*+ SET_VAR(max_execution_time=0) */ 1",
        &[Dialect::Mysql],
    );
    is_refused("SELECT 1 --1\n; DROP TABLE t", &[Dialect::Mysql]);
    is_refused(
        "SELECT '\\'; DROP TABLE t; --'",
        &[Dialect::Postgres, Dialect::Sqlite],
    );
    is_refused("SELECT E'\\'', 1; DROP TABLE t --'", &[Dialect::Postgres]);
    is_refused("SELECT '\\'', 1; DROP TABLE t -- '", &[Dialect::Mysql]);
    is_refused("SELECT \"\\\"\", 1; DROP TABLE t -- \"", &[Dialect::Mysql]);
    is_refused("SELECT 1 -- x\r; DROP TABLE t", &[Dialect::Postgres]);
    is_refused(
        "SELECT 1 /* /* */ ; DROP TABLE t -- */",
        &[Dialect::Mysql, Dialect::Sqlite],
    );
    passes(
        "SELECT 1 /* /* */ ; DROP TABLE t -- */ */",
        &[Dialect::Postgres],
    );
    passes(
        "SELECT $a$ ; DROP TABLE t $b$ $a$, $$;$$",
        &[Dialect::Postgres],
    );
    is_refused("SELECT $a$ x $a$; DROP TABLE t", &[Dialect::Postgres]);
    is_refused(
        "SELECT a$b$; DROP TABLE t; SELECT c$b$",
        &[Dialect::Postgres],
    );
    is_refused(
        "SELECT 1 /* /*/ ' */ */; DROP TABLE t -- '",
        &[Dialect::Postgres],
    );
    is_refused(
        "SELECT E'a'\n'\\', ' || set_config('a', 'b', true) || '",
        &[Dialect::Postgres],
    );
    is_refused("SELECT [x]; DROP TABLE t; --]", &[Dialect::Sqlite]);
}

#[test]
fn parameters_are_found_outside_quotes_only() {
    let sql = "SELECT $2, '$3', \"$4\" /* $5 */ WHERE a = $1 AND b = $2";
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        let statement = read(sql, dialect).unwrap();
        assert_eq!((statement.parameters, statement.sql.as_str()), (2, sql));
    }
    let statement = read(sql, Dialect::Mysql).unwrap();
    assert_eq!(
        statement.sql,
        "SELECT ?, '$3', \"$4\" /* $5 */ WHERE a = ? AND b = ?"
    );
    assert_eq!(statement.order, [1, 0, 1]);
    is_refused("SELECT ?", &[Dialect::Mysql, Dialect::Sqlite]);
    is_refused("SELECT $0", &ALL);
    passes("SELECT '{}'::jsonb ? 'a'", &[Dialect::Postgres]);
}

#[test]
fn show_and_describe_belong_to_their_servers() {
    passes("SHOW TABLES", &[Dialect::Mysql]);
    passes("DESCRIBE t", &[Dialect::Mysql]);
    passes("SHOW server_version", &[Dialect::Postgres]);
    passes(
        "EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1",
        &[Dialect::Postgres],
    );
    passes("EXPLAIN FORMAT=JSON SELECT 1", &[Dialect::Mysql]);
    passes("EXPLAIN QUERY PLAN SELECT 1", &[Dialect::Sqlite]);
    is_refused("SHOW TABLES", &[Dialect::Sqlite]);
}

mod random {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(sql in "[ a-z0-9$'\"`\\[\\]/*#;().?\\\\éE\r\n-]{0,60}") {
            for dialect in ALL {
                let _ = read(&sql, dialect);
            }
        }
    }
}

#[test]
fn a_table_whose_name_a_server_may_take_for_another_is_refused() {
    let postgres = |table: &str| {
        let sql = format!("UPDATE {table} SET a = 1");
        read_write(&sql, Dialect::Postgres, Case::LowerUnlessQuoted)
    };
    // The server keeps 63 bytes of a name.
    let (kept, cut) = ("x".repeat(63), "x".repeat(64));
    assert!(postgres(&kept).is_ok());
    assert!(postgres(&cut).is_err());
    assert!(postgres(&format!("\"{cut}\"")).is_err());
    // Which letters are folded beyond ASCII depends on the encoding of the database.
    assert!(postgres("Über").is_err());
    assert!(postgres("\"Über\"").is_ok());
    let sqlite = read_write(
        "UPDATE Über SET a = 1",
        Dialect::Sqlite,
        Case::IgnoredInAscii,
    );
    assert!(sqlite.unwrap().table.is_named("ÜBER"));
}

#[test]
fn a_statement_that_writes_gives_no_rows_back() {
    for dialect in ALL {
        let written = |sql: &str| read_write(sql, dialect, Case::AsWritten);
        assert!(written("DELETE FROM t WHERE a = 1").is_ok());
        assert!(written("UPDATE t SET a = u.returning").is_ok());
        for sql in [
            "DELETE FROM t RETURNING a",
            "DELETE FROM t WHERE a = 1 returning a",
            "INSERT INTO t VALUES (1) RETURNING a",
            "UPDATE t SET a = 1 RETURNING *",
        ] {
            assert!(written(sql).is_err(), "{dialect:?}: {sql}");
        }
    }
}

#[test]
fn what_a_statement_calls_is_not_the_table_that_it_writes() {
    for (sql, calls, qualified) in [
        (
            "INSERT INTO x.log (id) VALUES (wipe(1))",
            "values wipe",
            None,
        ),
        (
            "INSERT INTO log (id) SELECT x.wipe (1)",
            "wipe",
            Some("wipe"),
        ),
        (
            "DELETE FROM a WHERE n = `pkg`.`wipe`()",
            "wipe",
            Some("wipe"),
        ),
        ("UPDATE x.a SET n = 1 WHERE x.a.n IN (1, 2)", "in", None),
    ] {
        let write = read_write(sql, Dialect::Mysql, Case::AsWritten).unwrap();
        let calls: Vec<&str> = calls.split(' ').collect();
        assert_eq!(write.calls.iter().collect::<Vec<_>>(), calls, "{sql}");
        assert_eq!(write.qualified_call.as_deref(), qualified, "{sql}");
    }
}
