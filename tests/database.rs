//! The session's database on real servers: what is read, what is refused, what happens when a
//! server does not play along.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use tikbook::config::{DatabaseTarget, Limits, Secrets};
use tikbook::kind::Kind;
use tikbook::session::ServiceError;
use tikbook::session::database::{Database, DatabaseError, SqlRows, SqlValue, Unit};

use crate::support::tikbook::Tikbook;
use crate::support::{closed_port, mariadb, peer, postgres, sqlite};

fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(20),
        statement: Duration::from_secs(20),
        ..Limits::default()
    }
}

async fn open(url: &str) -> Database {
    open_within(url, limits()).await
}

async fn open_within(url: &str, limits: Limits) -> Database {
    let target = DatabaseTarget::parse(url, &Secrets::default()).unwrap();
    Database::connect(&target, &limits).await.unwrap()
}

async fn connect_error(url: &str, limits: Limits) -> DatabaseError {
    let target = DatabaseTarget::parse(url, &Secrets::default()).unwrap();
    match Database::connect(&target, &limits).await {
        Ok(_) => panic!("{url} was connected to"),
        Err(error) => error,
    }
}

async fn one(database: &Database, sql: &str) -> SqlValue {
    with(database, sql, vec![]).await
}

async fn with(database: &Database, sql: &str, parameters: Vec<SqlValue>) -> SqlValue {
    let rows = database.rows(sql, parameters).await;
    let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.value(0, 0).unwrap()
}

async fn error(database: &Database, sql: &str) -> DatabaseError {
    match database.rows(sql, vec![]).await {
        Ok(rows) => panic!("{sql} was answered with {} rows", rows.len()),
        Err(error) => error,
    }
}

fn first_row(rows: &SqlRows) -> Vec<SqlValue> {
    (0..rows.columns().len())
        .map(|column| rows.value(0, column).unwrap())
        .collect()
}

fn text(text: &str) -> SqlValue {
    SqlValue::Text(text.to_owned())
}

fn decimal(text: &str) -> SqlValue {
    SqlValue::Decimal(text.to_owned())
}

#[tokio::test]
async fn postgresql_values_of_every_kind_are_read() {
    let server = postgres::database();
    server.execute("CREATE TYPE mood AS ENUM ('sad', 'very happy'); CREATE DOMAIN quota AS int");
    let database = open(&server.url()).await;
    for (sql, expected) in [
        ("NULL", SqlValue::Null),
        ("NULL::int", SqlValue::Null),
        ("true", SqlValue::Bool(true)),
        ("(-7)::int2", SqlValue::Int(-7)),
        ("9223372036854775807::int8", SqlValue::Int(i64::MAX)),
        ("4294967295::oid", SqlValue::Int(4_294_967_295)),
        ("7::quota", SqlValue::Int(7)),
        ("0.1::float4", SqlValue::Float(0.1)),
        ("-1.5e300::float8", SqlValue::Float(-1.5e300)),
        ("'-0.00012300'::numeric", decimal("-0.00012300")),
        ("1e30::numeric", decimal("1000000000000000000000000000000")),
        ("10000::numeric(15,2)", decimal("10000.00")),
        ("0::numeric", decimal("0")),
        ("'NaN'::numeric", decimal("NaN")),
        ("'very happy'::mood", text("very happy")),
        ("'ch'::char(4)", text("ch  ")),
        ("'x'::\"char\"", text("x")),
        ("'t'::name", text("t")),
        ("'\\x00ff'::bytea", SqlValue::Bytes(vec![0, 255])),
        (
            "'{\"a\": 1}'::json",
            SqlValue::Json("{\"a\": 1}".to_owned()),
        ),
        (
            "'{\"a\":1}'::jsonb",
            SqlValue::Json("{\"a\": 1}".to_owned()),
        ),
        ("'10.0.0.1'::inet", text("10.0.0.1")),
        ("'10.0.0.1/24'::inet", text("10.0.0.1/24")),
        ("'10.0.0.0/8'::cidr", text("10.0.0.0/8")),
        ("'fe80::1'::inet", text("fe80::1")),
        ("'08:00:2b:01:02:03'::macaddr", text("08:00:2b:01:02:03")),
        (
            "'1 year -2 mons 3 days 04:05:06.5'::interval",
            text("P10M3DT4H5M6.5S"),
        ),
        ("'-00:00:01.5'::interval", text("PT-1.5S")),
        (
            "'2026-01-31'::date",
            SqlValue::Date("2026-01-31".to_owned()),
        ),
        ("'infinity'::date", SqlValue::Date("infinity".to_owned())),
        (
            "'0044-03-15 BC'::date",
            SqlValue::Date("0044-03-15 BC".to_owned()),
        ),
        ("'24:00'::time", SqlValue::TimeOfDay("24:00:00".to_owned())),
        (
            "'12:30:00.25-07'::timetz",
            SqlValue::TimeOfDay("12:30:00.25-07:00".to_owned()),
        ),
        (
            "'infinity'::timestamptz",
            SqlValue::DateTime("infinity".to_owned()),
        ),
        (
            "'-infinity'::timestamp",
            SqlValue::DateTime("-infinity".to_owned()),
        ),
        (
            "'2026-01-31 23:59:59.5'::timestamp",
            SqlValue::DateTime("2026-01-31T23:59:59.5".to_owned()),
        ),
        (
            "'2026-01-31 08:00:00+08'::timestamptz",
            SqlValue::Time("2026-01-31T00:00:00Z".parse().unwrap()),
        ),
        (
            "'80466460-5A17-4e0d-9c3a-000000000001'::uuid",
            SqlValue::Uuid("80466460-5a17-4e0d-9c3a-000000000001".to_owned()),
        ),
        (
            "ARRAY['a', NULL, 'b']",
            SqlValue::Array(vec![text("a"), SqlValue::Null, text("b")]),
        ),
        ("ARRAY['sad']::mood[]", SqlValue::Array(vec![text("sad")])),
        (
            "'{{1,2},{3,4}}'::int[]",
            SqlValue::Array(vec![
                SqlValue::Array(vec![SqlValue::Int(1), SqlValue::Int(2)]),
                SqlValue::Array(vec![SqlValue::Int(3), SqlValue::Int(4)]),
            ]),
        ),
        ("'{}'::int[]", SqlValue::Array(vec![])),
        (
            "'(1,2)'::point",
            SqlValue::Unknown {
                type_name: "point".to_owned(),
            },
        ),
    ] {
        assert_eq!(
            one(&database, &format!("SELECT {sql}")).await,
            expected,
            "{sql}"
        );
    }
}

#[tokio::test]
async fn postgresql_parameters_take_the_type_that_the_query_needs() {
    let server = postgres::database();
    server.execute("CREATE TYPE mood AS ENUM ('sad', 'happy')");
    let database = open(&server.url()).await;
    let id = "80466460-5a17-4e0d-9c3a-000000000001";
    for (sql, parameter) in [
        (
            "$1 = '80466460-5a17-4e0d-9c3a-000000000001'::uuid",
            text(id),
        ),
        ("$1 = 'happy'::mood", text("happy")),
        ("$1 = 5::int2", SqlValue::Int(5)),
        ("$1 = 5::int8", text("5")),
        ("$1 = 5.25::numeric", SqlValue::Float(5.25)),
        ("$1 = -1234567.089::numeric", decimal("-1234567.089")),
        ("$1 = 0.00001::numeric", decimal("1e-5")),
        ("$1 = 100000::numeric", decimal("1e5")),
        (
            "$1 = '2026-01-31 00:00+00'::timestamptz",
            text("2026-01-31T08:00:00+08:00"),
        ),
        ("$1 = '2026-01-31'::date", text("2026-01-31")),
        ("$1 = '10.0.0.1'::inet", text("10.0.0.1")),
        (
            "$1 = '08:00:2b:01:02:03'::macaddr",
            text("08-00-2B-01-02-03"),
        ),
        ("$1 = '{\"a\":1}'::jsonb", text("{\"a\": 1}")),
        ("$1 = '\\x00ff'::bytea", SqlValue::Bytes(vec![0, 255])),
        ("'b' = ANY($1)", SqlValue::Array(vec![text("a"), text("b")])),
        ("NOT 1 = ANY($1::int[])", SqlValue::Array(vec![])),
        ("$1::int IS NULL", SqlValue::Null),
        ("$1::text::interval = '1 day'", text("P1D")),
    ] {
        let answer = with(&database, &format!("SELECT {sql}"), vec![parameter]).await;
        assert_eq!(answer, SqlValue::Bool(true), "{sql}");
    }
    for (sql, parameter) in [
        ("$1 = 5::int2", SqlValue::Int(70_000)),
        ("$1 = 5::int4", text("five")),
        ("$1 = 5::int4", SqlValue::Float(5.5)),
        ("$1 = '{1}'::int[]", SqlValue::Int(1)),
        ("$1 = 'a'", text("a\0b")),
        ("$1 = 1::numeric", decimal("1e1000000000")),
        ("$1 = '1 day'::interval", text("P1D")),
    ] {
        let sql = format!("SELECT {sql}");
        let error = database.rows(&sql, vec![parameter]).await.err().unwrap();
        assert!(
            matches!(error, DatabaseError::Parameter { .. }),
            "{sql}: {error}"
        );
    }
    assert_eq!(one(&database, "SELECT 1").await, SqlValue::Int(1));
}

#[tokio::test]
async fn mariadb_values_of_every_kind_are_read() {
    let server = mariadb::database();
    server.execute(
        "CREATE TABLE t (
           a tinyint(1), b tinyint, c smallint unsigned, d bigint unsigned, e decimal(30,10),
           f float, g double, h bit(10), i year, j date, k time(2), l datetime(6), m timestamp,
           n char(4), o varchar(10) COLLATE utf8mb4_bin, p text, q blob, r json, s enum('x','y'),
           u set('p','q'), v binary(2), w datetime, x uuid, y inet6, z boolean)",
    );
    server.execute(
        "SET sql_mode=''; SET time_zone='+00:00';
         INSERT INTO t VALUES (1, -7, 65535, 18446744073709551615, -0.0001230000, 0.1, -1.5e300,
           b'1000000001', 2026, '2026-01-31', '-838:59:58.25', '2026-01-31 23:59:59.5',
           '2026-01-31 00:00:00', 'ab', 'é', 'text', x'00ff', '{\"a\": 1}', 'y', 'p,q', x'0102',
           '0000-00-00 00:00:00', '80466460-5a17-4e0d-9c3a-000000000001', 'fe80::1', 5)",
    );
    let database = open(&server.url()).await;
    let rows = database.rows("SELECT * FROM t", vec![]).await.unwrap();
    let expected = vec![
        SqlValue::Bool(true),
        SqlValue::Int(-7),
        SqlValue::Int(65535),
        decimal("18446744073709551615"),
        decimal("-0.0001230000"),
        SqlValue::Float(0.1),
        SqlValue::Float(-1.5e300),
        SqlValue::Int(0b10_0000_0001),
        SqlValue::Int(2026),
        SqlValue::Date("2026-01-31".to_owned()),
        SqlValue::TimeOfDay("-838:59:58.25".to_owned()),
        SqlValue::DateTime("2026-01-31T23:59:59.5".to_owned()),
        SqlValue::Time("2026-01-31T00:00:00Z".parse().unwrap()),
        text("ab"),
        text("é"),
        text("text"),
        SqlValue::Bytes(vec![0, 255]),
        text("{\"a\": 1}"),
        text("y"),
        text("p,q"),
        SqlValue::Bytes(vec![1, 2]),
        SqlValue::DateTime("0000-00-00T00:00:00".to_owned()),
        text("80466460-5a17-4e0d-9c3a-000000000001"),
        text("fe80::1"),
        SqlValue::Int(5),
    ];
    for (column, (found, expected)) in first_row(&rows).into_iter().zip(expected).enumerate() {
        assert_eq!(found, expected, "{}", rows.columns()[column]);
    }
    assert_eq!(one(&database, "SELECT NULL").await, SqlValue::Null);
    assert_eq!(one(&database, "SELECT 'a' || 'b'").await, text("ab"));
}

#[tokio::test]
async fn sqlite_values_are_read_by_their_own_type() {
    let file = sqlite::database();
    file.execute(
        "CREATE TABLE t (a INTEGER, b NUMERIC, c TEXT, d BLOB, e);
         INSERT INTO t VALUES ('text', 1.5, 7, x'00ff', NULL);
         INSERT INTO t VALUES (CAST(x'ff' AS TEXT), 9223372036854775807, '', x'', 1)",
    );
    let database = open(&file.url()).await;
    let rows = database.rows("SELECT * FROM t", vec![]).await.unwrap();
    let expected = [
        text("text"),
        SqlValue::Float(1.5),
        text("7"),
        SqlValue::Bytes(vec![0, 255]),
        SqlValue::Null,
    ];
    assert_eq!(first_row(&rows), expected);
    assert_eq!(rows.value(1, 0), Ok(SqlValue::Bytes(vec![255])));
    assert_eq!(rows.value(1, 1), Ok(SqlValue::Int(i64::MAX)));
    assert_eq!(rows.value(1, 2), Ok(text("")));
    assert_eq!(rows.value(2, 0), Ok(SqlValue::Null));
}

#[tokio::test]
async fn dollar_parameters_mean_the_same_on_every_database() {
    let (postgres, mariadb, sqlite) = (
        postgres::database(),
        mariadb::database(),
        sqlite::database(),
    );
    for url in [postgres.url(), mariadb.url(), sqlite.url()] {
        let database = open(&url).await;
        let sql = "SELECT CONCAT($2, '-', $1, '-', $2, '$1') AS x WHERE 'a' = $1 /* $9 */";
        let sql = if url.starts_with("postgresql") {
            sql.replace(
                "CONCAT($2, '-', $1, '-', $2,",
                "CONCAT($2::text, '-', $1::text, '-', $2::text,",
            )
        } else {
            sql.to_owned()
        };
        let parameters = vec![text("a"), text("b")];
        assert_eq!(
            with(&database, &sql, parameters).await,
            text("b-a-b$1"),
            "{url}"
        );
        let too_few = database.rows(&sql, vec![text("a")]).await.err();
        assert_eq!(
            too_few,
            Some(DatabaseError::ParameterCount {
                expected: 2,
                given: 1
            })
        );
        let unused = database.rows("SELECT 1", vec![text("a")]).await.err();
        assert_eq!(
            unused,
            Some(DatabaseError::ParameterCount {
                expected: 0,
                given: 1
            })
        );
        let hostile = text("'; DROP TABLE users; --");
        let sql = "SELECT 1 AS x WHERE 'a' = $1";
        let rows = database.rows(sql, vec![hostile]).await.unwrap();
        assert!(rows.is_empty());
        assert_eq!(&*rows.columns()[0], "x");
    }
}

/// Every way out of a read-only session that is known, each tried on the session itself.
const ESCAPES: &[&str] = &[
    "SET TRANSACTION READ WRITE",
    "SET default_transaction_read_only = off",
    "SET SESSION TRANSACTION READ WRITE",
    "COMMIT",
    "COMMIT; CREATE TABLE escaped (a int)",
    "ROLLBACK",
    "INSERT INTO t VALUES (2)",
    "WITH x AS (INSERT INTO t VALUES (2) RETURNING *) SELECT * FROM x",
    "EXPLAIN ANALYZE DELETE FROM t",
    "SELECT * INTO escaped FROM t",
    "SELECT * FROM t FOR UPDATE",
    "CREATE TEMPORARY TABLE escaped (a int)",
    "PRAGMA query_only = off",
    "EXPLAIN PRAGMA query_only = off",
    "VACUUM",
    "NOTIFY x",
    "DO 1",
    "CALL p()",
    "LOCK TABLES t WRITE",
];

#[tokio::test]
async fn no_known_way_out_of_reading_is_open_on_postgresql() {
    let server = postgres::database();
    server.execute(
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE SEQUENCE s;
         CREATE FUNCTION writes() RETURNS void LANGUAGE sql AS 'INSERT INTO t VALUES (2)'",
    );
    let database = open(&server.url()).await;
    let functions = [
        "SELECT set_config('statement_timeout', '0', false)",
        "SELECT lo_create(0)",
        "SELECT pg_terminate_backend(0)",
        "SELECT pg_cancel_backend(0)",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_notify('a', 'b')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT query_to_xml('SELECT set_config(''a.b'', ''c'', false)', true, true, '')",
        "COPY (SELECT 1) TO '/tmp/escaped'",
        "COPY t TO STDOUT",
        "SELECT nextval('s')",
    ];
    for sql in ESCAPES.iter().chain(&functions) {
        assert_eq!(error(&database, sql).await.kind(), Kind::Denied, "{sql}");
    }
    // What no reading of the statement can see, the server refuses.
    let refused = error(&database, "SELECT writes()").await;
    assert_eq!(refused.kind(), Kind::Denied, "{refused}");
    assert!(
        refused.to_string().contains("read-only transaction"),
        "{refused}"
    );
    assert_eq!(
        one(&database, "SELECT count(*) FROM t").await,
        SqlValue::Int(1)
    );
    let settings = "SELECT current_setting('transaction_read_only') || current_setting('transaction_isolation') || current_setting('default_transaction_read_only')";
    assert_eq!(one(&database, settings).await, text("onrepeatable readon"));
}

#[tokio::test]
async fn no_known_way_out_of_reading_is_open_on_mariadb() {
    let server = mariadb::database();
    server.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE SEQUENCE s");
    server.execute("CREATE FUNCTION writes() RETURNS int MODIFIES SQL DATA BEGIN INSERT INTO t VALUES (2); RETURN 1; END");
    let database = open(&server.url()).await;
    let more = [
        "SELECT 1 INTO OUTFILE '/tmp/escaped'",
        "SELECT 1 INTO @a",
        "SELECT 1 /*! INTO OUTFILE '/tmp/escaped' */",
        "SELECT get_lock('a', 1)",
        "SELECT load_file('/etc/passwd')",
        "SELECT nextval(s)",
        "SELECT NEXT VALUE FOR s",
        "SET STATEMENT max_statement_time=0 FOR SELECT 1",
        "HANDLER t OPEN",
    ];
    for sql in ESCAPES.iter().chain(&more) {
        assert_eq!(error(&database, sql).await.kind(), Kind::Denied, "{sql}");
    }
    let refused = error(&database, "SELECT writes()").await;
    assert_eq!(refused.kind(), Kind::Denied, "{refused}");
    assert_eq!(
        one(&database, "SELECT count(*) FROM t").await,
        SqlValue::Int(1)
    );
}

#[tokio::test]
async fn no_known_way_out_of_reading_is_open_on_sqlite() {
    let file = sqlite::database();
    file.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
    let database = open(&file.url()).await;
    let copy = file.path().with_extension("copy");
    let vacuum = format!("VACUUM INTO '{}'", copy.display());
    let attach = format!("ATTACH '{}' AS other", file.path().display());
    let more = [
        vacuum.as_str(),
        &attach,
        "SELECT load_extension('x')",
        "SELECT * FROM pragma_query_only",
        "SELECT * FROM pragma_journal_mode",
    ];
    for sql in ESCAPES.iter().chain(&more) {
        assert_eq!(error(&database, sql).await.kind(), Kind::Denied, "{sql}");
    }
    assert!(!copy.exists());
    assert_eq!(
        one(&database, "SELECT count(*) FROM t").await,
        SqlValue::Int(1)
    );
}

#[tokio::test]
async fn a_run_sees_one_snapshot_even_after_an_error() {
    let (postgres, mariadb) = (postgres::database(), mariadb::database());
    postgres.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
    mariadb.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
    let on_postgres = open(&postgres.url()).await;
    let on_mariadb = open(&mariadb.url()).await;
    postgres.execute("INSERT INTO t VALUES (2)");
    mariadb.execute("INSERT INTO t VALUES (2)");
    for database in [on_postgres, on_mariadb] {
        let count = "SELECT count(*) FROM t";
        assert_eq!(one(&database, count).await, SqlValue::Int(1));
        let wrong = error(&database, "SELECT nothing FROM nowhere").await;
        assert_eq!(wrong.kind(), Kind::Refused, "{wrong}");
        assert_eq!(one(&database, count).await, SqlValue::Int(1));
    }
}

#[tokio::test]
async fn an_error_of_the_query_says_where_and_keeps_the_drivers_own_places_out() {
    let server = postgres::database();
    server.execute("CREATE TABLE users (phone_number text)");
    let database = open(&server.url()).await;
    let error = error(&database, "SELECT 1,\n  phone FROM users").await;
    let message = error.to_string();
    assert!(
        message.ends_with("`column \"phone\" does not exist` at line 2, column 3"),
        "{message}"
    );
}

#[tokio::test]
async fn a_query_that_takes_too_long_ends_and_leaves_the_connection_good() {
    let (postgres, mariadb, sqlite) = (
        postgres::database(),
        mariadb::database(),
        sqlite::database(),
    );
    let endless =
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
    for (url, slow) in [
        (postgres.url(), "SELECT pg_sleep(60)"),
        (mariadb.url(), "SELECT sleep(60)"),
        // MariaDB ends this one at its limit and calls it answered.
        (
            mariadb.url(),
            "SELECT benchmark(2000000000, sha2('a', 512))",
        ),
        (sqlite.url(), endless),
    ] {
        let limits = Limits {
            statement: Duration::from_millis(1_500),
            ..limits()
        };
        let database = open_within(&url, limits).await;
        let started = Instant::now();
        let error = error(&database, slow).await;
        assert_eq!(error.kind(), Kind::Timeout, "{slow}: {error}");
        assert!(started.elapsed() < Duration::from_secs(30), "{slow}");
        assert_eq!(one(&database, "SELECT 1").await, SqlValue::Int(1), "{slow}");
    }
}

#[tokio::test]
async fn an_answer_beyond_the_limits_is_an_error_and_leaves_the_connection_good() {
    let (postgres, mariadb, sqlite) = (
        postgres::database(),
        mariadb::database(),
        sqlite::database(),
    );
    let numbers = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 900) SELECT x FROM c";
    let long = "SELECT repeat('a', 100000)";
    for url in [postgres.url(), mariadb.url(), sqlite.url()] {
        let limits = Limits {
            rows: 100,
            bytes: 50_000,
            ..limits()
        };
        let database = open_within(&url, limits).await;
        let too_many = DatabaseError::TooMuch {
            limit: 100,
            unit: Unit::Rows,
        };
        assert_eq!(error(&database, numbers).await, too_many, "{url}");
        let long = if url.starts_with("sqlite") {
            "SELECT hex(zeroblob(50000))"
        } else {
            long
        };
        let too_long = DatabaseError::TooMuch {
            limit: 50_000,
            unit: Unit::Bytes,
        };
        assert_eq!(error(&database, long).await, too_long, "{url}");
        assert_eq!(one(&database, "SELECT 1").await, SqlValue::Int(1), "{url}");
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_used_says_why_without_the_password() {
    let (postgres, mariadb) = (postgres::database(), mariadb::database());
    let closed = closed_port();
    let unreachable = [
        format!("postgresql://u:s3cret@127.0.0.1:{closed}/d"),
        format!("mysql://u:s3cret@127.0.0.1:{closed}/d"),
        "sqlite:////nowhere/at/all.db".to_owned(),
    ];
    let refused = [
        postgres.url().replace(postgres::PASSWORD, "s3cret"),
        postgres.url().replace(postgres.name(), "absent"),
        mariadb.url().replace(mariadb::PASSWORD, "s3cret"),
    ];
    let cases = unreachable.iter().map(|url| (url, Kind::Unreachable));
    for (url, kind) in cases.chain(refused.iter().map(|url| (url, Kind::LoginRefused))) {
        let error = connect_error(url, limits()).await;
        assert_eq!(error.kind(), kind, "{url}: {error}");
        assert!(error.kind().is_unreachable() && error.hint().is_some());
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_is_given_up_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    for scheme in ["postgresql", "mysql"] {
        let url = format!("{scheme}://u:p@127.0.0.1:{port}/d");
        let limits = Limits {
            connect: Duration::from_millis(300),
            ..limits()
        };
        assert_eq!(
            connect_error(&url, limits).await.kind(),
            Kind::Timeout,
            "{scheme}"
        );
    }
}

#[tokio::test]
async fn a_peer_that_is_no_database_is_an_error_whatever_it_sends() {
    for bytes in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"",
        b"R\x00\x00\x00\x08\x00\x00\x00\x00",
        b"E\x00\x00\x00\x05\x00",
        b"R\x7f\xff\xff\xff\x00\x00\x00\x00",
        b"R\x00\x00\x00\x00",
        b"\x01\x00\x00\x00\x0a",
        b"\xff\xff\xff\x00\x0a8.0\x00",
        b"\x05\x00\x00\x00\x0a8.0\x00",
        b"\x00\x00\x00\x00",
        b"\x03\x00\x00\x00\xff\x15\x04",
    ] {
        for scheme in ["postgresql", "mysql"] {
            let port = peer(bytes);
            let url = format!("{scheme}://u:p@127.0.0.1:{port}/d?sslmode=disable");
            let error = connect_error(&url, limits()).await;
            assert!(error.kind().is_unreachable(), "{scheme} {bytes:?}: {error}");
        }
    }
}

#[tokio::test]
async fn a_server_that_goes_away_ends_the_run_and_not_the_program() {
    let mut postgres = postgres::Server::start();
    let mut mariadb = mariadb::Server::start();
    let on_postgres = open(&postgres.database().url()).await;
    let on_mariadb = open(&mariadb.database().url()).await;
    postgres.kill();
    mariadb.kill();
    for database in [on_postgres, on_mariadb] {
        assert_eq!(
            error(&database, "SELECT 1").await.kind(),
            Kind::Disconnected
        );
        assert_eq!(
            error(&database, "SELECT 1").await.kind(),
            Kind::Disconnected
        );
    }
}

#[tokio::test]
async fn a_query_that_is_dropped_takes_its_connection_along() {
    let (postgres, sqlite) = (postgres::database(), sqlite::database());
    let endless =
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
    for (url, slow) in [
        (postgres.url(), "SELECT pg_sleep(60)"),
        (sqlite.url(), endless),
    ] {
        let database = open(&url).await;
        let running = database.rows(slow, vec![]);
        assert!(
            tokio::time::timeout(Duration::from_secs(2), running)
                .await
                .is_err()
        );
        assert_eq!(
            error(&database, "SELECT 1").await.kind(),
            Kind::Disconnected
        );
    }
}

#[tokio::test]
async fn postgresql_is_reached_over_its_socket() {
    let server = postgres::Server::start();
    let database = server.database();
    let folder = server.socket_folder().display();
    let (user, name, port) = (postgres::USER, database.name(), database.port());
    let url = format!("postgresql+psycopg2://{user}@/{name}?host={folder}&port={port}");
    let opened = open(&url).await;
    assert_eq!(
        one(&opened, "SELECT current_database()::text").await,
        text(name)
    );
}

#[test]
fn a_run_that_is_stopped_leaves_no_statement_behind() {
    // Waits until the server runs the statement, or until it no longer does.
    let wait_until = |runs: bool| {
        format!(
            "DO $$ BEGIN FOR i IN 1..300 LOOP \
             IF EXISTS (SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(61)%' \
                        AND state = 'active' AND pid <> pg_backend_pid()) = {runs} THEN RETURN; END IF; \
             PERFORM pg_sleep(0.1); PERFORM pg_stat_clear_snapshot(); \
             END LOOP; RAISE 'it took too long'; END $$"
        )
    };
    let database = postgres::database();
    let script = "//! A try.\nconst RUNBOOK = #{ reads: [\"db\"] };\n\
                  fn run(args) { db::rows(\"SELECT pg_sleep(61)\").len() }\n";
    let running = Tikbook::new()
        .file("scripts/try.rhai", script)
        .env("DATABASE_URL", database.url())
        .args(["--timeout", "90s", "run", "try"])
        .start();
    database.execute(&wait_until(true));
    running.interrupt();
    running.finish().code(130);
    database.execute(&wait_until(false));
}
