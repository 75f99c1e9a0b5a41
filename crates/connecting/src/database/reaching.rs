//! Where a server is and who logs in, for the options of either driver: they have the same words and no
//! trait in common.

/// `options` that reach `server` and log in to it, whichever driver's they are.
macro_rules! reaching {
    ($options:expr, $server:expr) => {{
        let (mut options, server) = ($options, $server);
        match &server.socket {
            Some(socket) => options = options.socket(socket),
            None if server.host.is_empty() => {}
            None => options = options.host(&server.host),
        }
        if let Some(user) = &server.user {
            options = options.username(user);
        }
        if let Some(password) = &server.password {
            options = options.password(password.expose());
        }
        if let Some(database) = &server.database {
            options = options.database(database);
        }
        options
    }};
}
pub(super) use reaching;
