//! Commands of a router that change something. They are journalled and not undone.

use routeros_api::Class;

use plan::command::RouterCommand;
use plan::outcome::{Outcome, Status};
use plan::row::RowWrite;
use sending::Writer;
use sentences::{
    OutcomeConnectionEnded, OutcomeNotPermitted, OutcomeNotSent, OutcomeNothingCanTell,
};
use site::grant::Permit;

/// Sends one command.
pub async fn send(writer: &Writer, command: &RouterCommand, permit: Option<Permit>) -> Outcome {
    let failed = |why: String| Outcome::because(Status::Failed, why);
    let Some(permit) = permit else {
        return Outcome::not_sent(OutcomeNotPermitted);
    };
    let writer = match writer.router(command.router.as_deref(), permit).await {
        Ok(Some(writer)) => writer,
        Ok(None) => return Outcome::not_sent(OutcomeNotPermitted),
        Err(error) => return failed(error.to_string()),
    };
    let ends_connection = command.command.ends_connection();
    // Later the end of the connection says nothing: it may have been over before.
    if ends_connection && let Err(error) = writer.answers().await {
        let why = OutcomeNotSent {
            why: error.to_string(),
        };
        return Outcome::because(Status::Failed, why);
    }
    let row = command.row.as_deref().and_then(RowWrite::id);
    let row = row.iter().map(|id| (".id", id.as_bytes()));
    let Some(sent) = writer
        .run(&command.command, row.chain(command.arguments.iter()))
        .await
    else {
        return Outcome::not_sent(OutcomeNotPermitted);
    };
    match sent {
        Ok(()) => Outcome::of(Status::Applied),
        Err(error) => match error.class() {
            Class::Refused | Class::Caller => failed(error.to_string()),
            Class::Connection | Class::Protocol if ends_connection => {
                Outcome::because(Status::Applied, OutcomeConnectionEnded)
            }
            Class::Connection | Class::Protocol => {
                let why = OutcomeNothingCanTell {
                    why: error.to_string(),
                };
                Outcome::because(Status::Unknown, why)
            }
        },
    }
}
