//! The variables that the portal defines: the only ones of an environment that are its settings.

/// Variables that anybody who runs a runbook may see.
const OPEN: &[&str] = &[
    "ADMIN_ACTION_LOG_RETENTION_DAYS",
    "AKSES_BANKING_ENABLED",
    "AKSES_BANKING_LIST_NAME",
    "APP_ENV",
    "APP_TIMEZONE",
    "AUTO_ENROLL_DEVICES_FROM_IP_BINDING",
    "CIRCUIT_BREAKER_ALERT_ENABLED",
    "CIRCUIT_BREAKER_ALERT_PHONE",
    "CIRCUIT_BREAKER_FAILURE_THRESHOLD",
    "CIRCUIT_BREAKER_HALF_OPEN_SUCCESS",
    "CIRCUIT_BREAKER_RESET_SECONDS",
    "DEBT_EOM_BLOCK_MIN_HOUR",
    "DEMO_ALLOWED_PHONES",
    "DEMO_MODE_ENABLED",
    "DEVICE_AUTO_REPLACE_ENABLED",
    "DEVICE_STALE_DAYS",
    "ENABLE_MIKROTIK_OPERATIONS",
    "ENABLE_OVERDUE_DEBT_BLOCK",
    "ENABLE_POLICY_BINDING_SELF_HEAL",
    "ENABLE_POLICY_PARITY_AUTO_REMEDIATION",
    "ENABLE_POLICY_PARITY_AUTO_REMEDIATION_MAX_USERS",
    "ENABLE_POLICY_PARITY_AUTO_REMEDIATION_RUN_UNAUTHORIZED_SYNC",
    "ENABLE_WHATSAPP_NOTIFICATIONS",
    "HOTSPOT_BYPASS_STATUSES",
    "HOTSPOT_CLIENT_IP_CIDRS",
    "INACTIVE_AUTO_DELETE_ENABLED",
    "INACTIVE_DEACTIVATE_DAYS",
    "INACTIVE_DEACTIVATE_ENABLED",
    "INACTIVE_DELETE_DAYS",
    "INACTIVE_DELETE_MAX_PER_RUN",
    "INACTIVE_PRE_DELETE_WARNING_DAYS",
    "IP_BINDING_ENABLED",
    "IP_BINDING_FAIL_OPEN",
    "IP_BINDING_TYPE_ALLOWED",
    "IP_BINDING_TYPE_BLOCKED",
    "LOG_FORMAT_JSON",
    "MAX_DEVICES_PER_USER",
    "METRICS_TTL_SECONDS",
    "MIKROTIK_ACTIVE_PROFILE",
    "MIKROTIK_ADDRESS_LIST_ACTIVE",
    "MIKROTIK_ADDRESS_LIST_BLOCKED",
    "MIKROTIK_ADDRESS_LIST_EXPIRED",
    "MIKROTIK_ADDRESS_LIST_FUP",
    "MIKROTIK_ADDRESS_LIST_HABIS",
    "MIKROTIK_ADDRESS_LIST_INACTIVE",
    "MIKROTIK_ADDRESS_LIST_UNAUTHORIZED",
    "MIKROTIK_ADDRESS_LIST_UNAUTHORIZED_TIMEOUT",
    "MIKROTIK_AUDIT_AUTO_CLEANUP_ORPHANED_LISTS",
    "MIKROTIK_AUDIT_AUTO_CLEANUP_STALE_BLOCKED",
    "MIKROTIK_BLOCKED_PROFILE",
    "MIKROTIK_CONNECT_TIMEOUT_SECONDS",
    "MIKROTIK_DEFAULT_PROFILE",
    "MIKROTIK_DEFAULT_SERVER_KOMANDAN",
    "MIKROTIK_DEFAULT_SERVER_USER",
    "MIKROTIK_DHCP_LEASE_SERVER_NAME",
    "MIKROTIK_DHCP_STATIC_LEASE_CIDRS",
    "MIKROTIK_DHCP_STATIC_LEASE_ENABLED",
    "MIKROTIK_EXPIRED_PROFILE",
    "MIKROTIK_FUP_PROFILE",
    "MIKROTIK_HABIS_PROFILE",
    "MIKROTIK_HOST",
    "MIKROTIK_KOMANDAN_PROFILE",
    "MIKROTIK_PLAIN_TEXT_LOGIN",
    "MIKROTIK_PORT",
    "MIKROTIK_SOCKET_TIMEOUT_SECONDS",
    "MIKROTIK_SSL_VERIFY",
    "MIKROTIK_UNAUTHORIZED_BYPASS_IPS",
    "MIKROTIK_UNAUTHORIZED_CIDRS",
    "MIKROTIK_UNAUTHORIZED_EXEMPT_IPS",
    "MIKROTIK_UNAUTHORIZED_MIN_UPTIME_MINUTES",
    "MIKROTIK_UNAUTHORIZED_TRUST_IP_BINDING_DHCP",
    "MIKROTIK_UNLIMITED_PROFILE",
    "MIKROTIK_USER",
    "MIKROTIK_USERNAME",
    "MIKROTIK_USE_SSL",
    "OTP_AUTO_AUTHORIZE_DEVICE",
    "OVERDUE_DEBT_BLOCK_CRON_HOUR",
    "OVERDUE_DEBT_BLOCK_CRON_MINUTE",
    "QUOTA_DEBT_LIMIT_MB",
    "QUOTA_DEBT_WARNING_MB",
    "QUOTA_FUP_THRESHOLD_MB",
    "QUOTA_MUTATION_LEDGER_RETENTION_DAYS",
    "QUOTA_STALE_KEY_STALE_DAYS",
    "QUOTA_SYNC_GLOBAL_LOCK_SECONDS",
    "QUOTA_SYNC_INTERVAL_SECONDS",
    "REDIS_DB_CELERY_BACKEND",
    "REDIS_DB_CELERY_BROKER",
    "REDIS_DB_OTP",
    "REDIS_DB_RATELIMIT",
    "REDIS_HOST_CELERY_BACKEND",
    "REDIS_HOST_CELERY_BROKER",
    "REDIS_HOST_OTP",
    "REDIS_HOST_RATELIMIT",
    "REDIS_PORT_CELERY_BACKEND",
    "REDIS_PORT_CELERY_BROKER",
    "REDIS_PORT_OTP",
    "REDIS_PORT_RATELIMIT",
    "REFRESH_TOKEN_CLEANUP_KEEP_DAYS",
    "REQUIRE_EXPLICIT_DEVICE_AUTH",
    "SKIP_DOTENV_AUTOLOAD",
    "SUPERADMIN_PHONE",
    "SYNC_ADDRESS_LIST_ON_LOGIN",
    "TASK_DLQ_ALERT_THROTTLE_MINUTES",
    "TASK_DLQ_REDIS_KEY",
    "TRANSACTION_EXPIRY_GRACE_MINUTES",
    "UNAPPROVED_AUTO_DELETE_DAYS",
    "UNAUTHORIZED_SYNC_LOCK_TTL_SECONDS",
    "UPDATE_ENABLE_SYNC",
    "WHATSAPP_ACCESS_STATUS_DEDUPE_SECONDS",
    "WHATSAPP_AUTO_DEBT_WARNING_DEDUPE_SECONDS",
];

/// Variables that are secrets, or URLs that hold one.
const SECRET: &[&str] = &[
    "CELERY_BROKER_URL",
    "CELERY_RESULT_BACKEND",
    "DATABASE_URL",
    "MIDTRANS_CLIENT_KEY",
    "MIDTRANS_SERVER_KEY",
    "MIKROTIK_PASSWORD",
    "RATELIMIT_STORAGE_URI",
    "REDIS_PASSWORD_CELERY_BACKEND",
    "REDIS_PASSWORD_CELERY_BROKER",
    "REDIS_PASSWORD_OTP",
    "REDIS_PASSWORD_RATELIMIT",
    "REDIS_URL",
    "SECRET_KEY",
    "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_WEBHOOK_SECRET",
    "WHATSAPP_API_KEY",
];

/// Words that tell of a secret wherever they stand.
const TELLING: [&str; 7] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "CREDENTIAL",
    "PRIVATE_KEY",
    "API_KEY",
];

/// A word that tells of one in a name; elsewhere it may be the token of a comment.
const TELLING_IN_NAMES: &str = "TOKEN";

/// Ends of such names.
const ENDS: [&str; 4] = ["_KEY", "APIKEY", "_PASS", "_PWD"];

/// Such names in URLs.
const IN_URLS: [&str; 7] = ["key", "auth", "sig", "signature", "pass", "passcode", "pwd"];

/// Whether the portal defines the variable. What else stands in the environment of the process is
/// none of its business, nor of a script's.
#[must_use]
pub fn is_portals(name: &str) -> bool {
    is_open(name) || SECRET.contains(&name)
}

/// Whether the portal defines the variable and anybody may see it.
#[must_use]
pub fn is_open(name: &str) -> bool {
    OPEN.contains(&name)
}

/// Whether a variable, or a setting, of this name holds a secret: the portal's own by its list, any
/// other by its name, and rather once too often.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    if is_open(name) {
        return false;
    }
    let upper = name.to_ascii_uppercase();
    SECRET.contains(&name)
        || tells_of_secret(name)
        || upper.contains(TELLING_IN_NAMES)
        || ENDS.iter().any(|end| upper.ends_with(end))
}

/// Whether a text, such as a line that somebody types, has a word that stands beside secrets.
#[must_use]
pub fn tells_of_secret(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    TELLING.iter().any(|word| upper.contains(word))
}

/// The secrets in a text: what a URL or a data source says of a login (`redis://:hunter2@host/1`,
/// `u:hunter2@tcp(host)/portal`, `https://key@host/`), and what it says under a telling name
/// (`https://host/x?token=hunter2`, `host=db password=hunter2`). Rather one too many.
#[must_use]
pub fn secrets_in(text: &str) -> Vec<&str> {
    let words = text.split_whitespace();
    words
        .flat_map(|word| login_of(word).into_iter().chain(named_secrets(word)))
        .collect()
}

/// What lets in, of the login that a word says.
fn login_of(word: &str) -> Option<&str> {
    let (scheme, rest) = match word.split_once("://") {
        Some((scheme, rest)) => (scheme, rest),
        None => ("", word),
    };
    let host = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let login = match rest[..host].rsplit_once('@') {
        Some((login, _)) => login,
        // A password with a slash in it, and no port.
        None => {
            let (login, _) = rest.rsplit_once('@')?;
            let (_, password) = rest[..host].split_once(':')?;
            let is_port = password.bytes().all(|digit| digit.is_ascii_digit());
            (!is_port).then_some(login)?
        }
    };
    // Of the web a name alone is a key.
    let is_key = scheme.ends_with("http") || scheme.ends_with("https");
    let secret = match login.split_once(':') {
        Some((_, password)) if !password.is_empty() => password,
        Some((name, _)) if is_key => name,
        None if is_key => login,
        _ => "",
    };
    Some(secret).filter(|secret| !secret.is_empty())
}

/// The values of a word that stand behind telling names.
fn named_secrets(word: &str) -> impl Iterator<Item = &str> {
    word.split(['?', '&', ';', '#', ',']).filter_map(|part| {
        let (name, value) = part.split_once('=')?;
        let is_telling = || {
            let name = name.to_ascii_lowercase().replace('-', "_");
            is_secret(&name) || IN_URLS.contains(&name.as_str())
        };
        (!value.is_empty() && is_telling()).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_variable_stands_twice() {
        let mut names: Vec<&str> = OPEN.iter().chain(SECRET).copied().collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn the_portals_variables_are_known_and_no_others() {
        for name in ["MIKROTIK_HOST", "QUOTA_DEBT_LIMIT_MB", "SECRET_KEY"] {
            assert!(is_portals(name), "{name}");
        }
        for name in ["HOME", "PATH", "AWS_SECRET_ACCESS_KEY", "DOCKER_HOST", ""] {
            assert!(!is_portals(name), "{name}");
        }
    }

    #[test]
    fn secrets_are_known_by_the_list_and_others_by_their_names() {
        for name in [
            "SECRET_KEY",
            "DATABASE_URL",
            "REDIS_PASSWORD_CELERY_BROKER",
            "SMTP_PASSWORD",
            "smtp_password",
            "SOME_API_KEY",
            "FONNTE_APIKEY",
            "SMTP_PASS",
            "smtp_pwd",
            "AWS_SECRET_ACCESS_KEY",
            "WABLAS_TOKEN",
            "API_KEY_2",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "TASK_DLQ_REDIS_KEY",
            "REFRESH_TOKEN_CLEANUP_KEEP_DAYS",
            "MIKROTIK_USERNAME",
            "HOUSE_NAME",
            "MIKROTIK_UNAUTHORIZED_BYPASS_IPS",
            "SITE_BYPASS",
            "MONKEY",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_line_tells_of_a_secret_by_its_words_and_a_token_may_be_a_comments() {
        for line in ["let Password = 1", "x.api_key", "#{ private_key: k }"] {
            assert!(tells_of_secret(line), "{line}");
        }
        assert!(!tells_of_secret("let token = row.comment"));
    }

    #[test]
    fn the_secrets_of_urls_and_data_sources_are_known() {
        for (text, secret) in [
            ("redis://:hunter2@host:6379/1", "hunter2"),
            ("postgresql+psycopg2://u:p@ss@host/portal", "p@ss"),
            ("see amqp://u:p@host", "p"),
            ("redis://:pa/ss@host/1", "pa/ss"),
            ("https://host/x?token=hunter2", "hunter2"),
            ("https://host/x?a=1&api_key=hunter2&b=2", "hunter2"),
            ("https://host/x#access_token=hunter2", "hunter2"),
            ("/callback?X-Auth-Token=hunter2", "hunter2"),
            ("https://host/x?key=hunter2", "hunter2"),
            ("https://hunter2@host/", "hunter2"),
            ("https://hunter2:@host/", "hunter2"),
            ("u:hunter2@tcp(host:3306)/portal", "hunter2"),
            ("u:hunter2@host/portal", "hunter2"),
            ("host=db user=u password=hunter2", "hunter2"),
            ("Server=db;Pwd=hunter2;Database=x", "hunter2"),
        ] {
            assert_eq!(secrets_in(text), [secret], "{text}");
        }
        for text in [
            "redis://host:6379/1",
            "redis://u@host",
            "http://host/a:b@c",
            "http://host:8080/a@b",
            "redis://u:@host",
            "https://host/x?page=2&token=",
            "admin@example.org",
            "10.0.0.1",
            "AA:BB:CC:DD:EE:FF",
            "10.0.0.0/24,10.1.0.0/24",
        ] {
            assert!(secrets_in(text).is_empty(), "{text}");
        }
    }
}
