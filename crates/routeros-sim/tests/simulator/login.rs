//! Logging in, in both generations.

use routeros_proto::challenge_response;
use routeros_sim::{Faults, LoginKind, Options, Policy, Simulator};

use crate::client::Client;

async fn router(login: LoginKind) -> Simulator {
    let options = Options {
        user: "api".into(),
        password: "s3cret".into(),
        login,
        ..Options::default()
    };
    Simulator::start(options).await.unwrap()
}

#[tokio::test]
async fn name_and_password_log_in() {
    let simulator = router(LoginKind::Plain).await;
    let mut client = Client::connect(&simulator).await;
    let answer = client
        .talk(&["/login", "=name=api", "=password=s3cret"])
        .await;
    assert_eq!(answer, [["!done"]]);
    assert_eq!(
        client.rows(&["/system/identity/print"]).await,
        [["=name=MikroTik"]]
    );
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_another_try_may_follow() {
    let simulator = router(LoginKind::Plain).await;
    let mut client = Client::connect(&simulator).await;
    let answer = client
        .talk(&["/login", "=name=api", "=password=wrong", ".tag=7"])
        .await;
    let refusal = "=message=invalid user name or password (6)";
    assert_eq!(answer[0], ["!trap", ".tag=7", refusal]);
    assert_eq!(answer[1], ["!done", ".tag=7"]);
    assert_eq!(
        client
            .talk(&["/login", "=name=api", "=password=s3cret"])
            .await,
        [["!done"]]
    );
    let log = client
        .rows(&["/log/print", "=.proplist=topics,message"])
        .await;
    let refused = [
        "=topics=system,error,critical",
        "=message=login failure for user api from 127.0.0.1 via api",
    ];
    assert_eq!(log[0], refused);
}

#[tokio::test]
async fn an_old_router_wants_its_challenge_answered() {
    let simulator = router(LoginKind::Challenge).await;
    let mut client = Client::connect(&simulator).await;
    let first = client
        .talk(&["/login", "=name=api", "=password=s3cret"])
        .await;
    let challenge = first[0][1].strip_prefix("=ret=").unwrap().to_owned();
    assert_eq!(challenge.len(), 32);
    let response = challenge_response(b"s3cret", challenge.as_bytes()).unwrap();
    let word = format!("=response={response}");
    assert_eq!(
        client.talk(&["/login", "=name=api", &word]).await,
        [["!done"]]
    );

    let mut other = Client::connect(&simulator).await;
    let replayed = other.talk(&["/login", "=name=api", &word]).await;
    assert_eq!(replayed[0], ["!trap", "=message=cannot log in"]);
}

#[tokio::test]
async fn commands_before_the_login_end_the_connection() {
    let simulator = router(LoginKind::Plain).await;
    let mut client = Client::connect(&simulator).await;
    let answer = client.talk(&["/ip/arp/print"]).await;
    assert_eq!(answer, [["!fatal", "not logged in"]]);
}

#[tokio::test]
async fn endless_tries_end_the_connection() {
    let simulator = router(LoginKind::Plain).await;
    let mut client = Client::connect(&simulator).await;
    for _ in 0..16 {
        assert_eq!(
            client
                .talk(&["/login", "=name=api", "=password=x"])
                .await
                .len(),
            2
        );
    }
    assert_eq!(
        client.next().await.unwrap(),
        ["!fatal", "too many commands before login"]
    );
    assert_eq!(client.next().await, None);
}

#[tokio::test]
async fn a_router_can_refuse_the_right_password() {
    let simulator = router(LoginKind::Plain).await;
    simulator.set_faults(Faults {
        refuse_login: true,
        ..Faults::default()
    });
    let mut client = Client::connect(&simulator).await;
    let traps = client
        .traps(&["/login", "=name=api", "=password=s3cret"])
        .await;
    assert_eq!(traps, ["invalid user name or password (6)"]);
}

#[tokio::test]
async fn a_user_may_do_what_the_policies_of_the_group_allow() {
    const DENIED: &str = "not enough permissions (9)";
    let simulator = router(LoginKind::Plain).await;
    let lacks = |lacks: &[Policy]| {
        simulator.set_faults(Faults {
            lacks: lacks.to_vec(),
            ..Faults::default()
        });
    };
    lacks(&[Policy::Api]);
    let login = ["/login", "=name=api", "=password=s3cret"];
    let mut client = Client::connect(&simulator).await;
    assert_eq!(
        client.traps(&login).await,
        ["invalid user name or password (6)"]
    );
    lacks(&[Policy::Read]);
    assert_eq!(client.talk(&login).await, [["!done"]]);
    let (read, write) = (["/ip/arp/print"], ["/ip/arp/remove", "=.id=*99"]);
    assert_eq!(client.traps(&read).await, [DENIED]);
    assert_eq!(client.traps(&write).await, ["no such item"]);
    lacks(&[Policy::Write]);
    assert_ne!(client.talk(&read).await[0][0], "!trap");
    assert_eq!(client.traps(&write).await, [DENIED]);
}

#[tokio::test]
async fn quit_ends_the_session_with_a_reason() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let mut client = Client::log_in(&simulator).await;
    assert_eq!(
        client.talk(&["/quit"]).await,
        [["!fatal", "session terminated on request"]]
    );
    assert_eq!(client.next().await, None);
}
