//! Logins to the portal's database, whichever server it is.

mod mysql;
mod postgres;
mod reaching;
mod sqlite;

use std::fs::File;
use std::io::Read;

pub use mysql::{Mysql, mysql};
pub use postgres::postgres;
pub use sqlite::sqlite;

use site::config::{DatabaseTls, ServerTarget};
use wording::system::without_number;

/// Looks whether the file can be read by which a server is to be checked: the driver would not name
/// it.
fn check_root_file(server: &ServerTarget) -> Result<(), sqlx::Error> {
    let checks = [DatabaseTls::VerifyCa, DatabaseTls::VerifyFull].contains(&server.tls_in_force());
    match &server.ca_file {
        Some(file) if checks => match File::open(file).and_then(|mut file| file.read(&mut [0])) {
            Ok(_) => Ok(()),
            Err(error) => {
                let reason = without_number(&error.to_string());
                let reason = format!(
                    "cannot read `{}`, the file of the certificates to trust: {reason}",
                    file.display()
                );
                Err(sqlx::Error::Configuration(reason.into()))
            }
        },
        _ => Ok(()),
    }
}
