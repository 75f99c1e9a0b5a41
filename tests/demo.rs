//! The built-in site through the same session as any other.

use tikbook::config::{self, Sources};
use tikbook::session::Session;
use tikbook::session::redis::{RedisError, RedisValue};

fn session() -> Session {
    let sources = Sources {
        site: Some("demo".to_owned()),
        ..Sources::default()
    };
    Session::new(config::load(sources).unwrap())
}

#[tokio::test]
async fn the_demo_database_is_read_and_not_written() {
    let session = session();
    let database = session.database().await.unwrap();
    let rows = database
        .rows("SELECT full_name FROM users WHERE is_blocked", vec![])
        .await
        .unwrap();
    assert_eq!(rows.len(), 6);
    assert!(database.rows("DELETE FROM users", vec![]).await.is_err());
}

#[tokio::test]
async fn the_demo_redis_answers_the_commands_that_runbooks_read_with() {
    let session = session();
    let redis = session.redis().await.unwrap();
    let call = async |line: &str| {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let arguments: Vec<Vec<u8>> = words.map(|word| word.as_bytes().to_vec()).collect();
        redis.call(name, &arguments).await
    };
    assert_eq!(call("LLEN celery:dlq").await.unwrap(), RedisValue::Int(2));
    assert_eq!(call("TTL celery:dlq").await.unwrap(), RedisValue::Int(-1));
    assert_eq!(
        call("TYPE celery:dlq").await.unwrap(),
        RedisValue::Status("list".into())
    );
    assert_eq!(call("EXISTS absent").await.unwrap(), RedisValue::Int(0));
    assert_eq!(call("GET absent").await.unwrap(), RedisValue::Nil);
    assert_eq!(redis.hash(b"absent").await.unwrap(), []);
    assert_eq!(redis.scan(b"cb:*", 100).await.unwrap().len(), 2);
    let refused = call("SET a b").await.unwrap_err();
    assert!(matches!(refused, RedisError::Denied { .. }), "{refused}");
}
