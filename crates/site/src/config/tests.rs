//! The strength of flags, environment and files, tried on real files.

use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;

/// A folder with a project file, a user file and whatever else a test writes.
struct Place {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        Self {
            variables: vec![(
                "XDG_CONFIG_HOME".to_owned(),
                home.to_str().unwrap().to_owned(),
            )],
            folder,
        }
    }

    fn file(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn project(self, text: &str) -> Self {
        self.file("tikbook.toml", text)
    }

    fn user(self, text: &str) -> Self {
        self.file("home/tikbook/config.toml", text)
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn sources(&self) -> Sources {
        Sources {
            environment: Variables::new(self.variables.iter().cloned().collect()),
            directory: self.folder.path().to_owned(),
            ..Sources::default()
        }
    }

    fn load(&self) -> Result<Site, ConfigError> {
        load(self.sources())
    }

    fn load_site(&self, name: &str) -> Result<Site, ConfigError> {
        load(Sources {
            site: Some(name.to_owned()),
            ..self.sources()
        })
    }
}

fn database(site: &Site) -> String {
    site.endpoints.database.as_ref().unwrap().to_string()
}

const TWO_SITES: &str = r#"
default_site = "north"
[sites.north]
time_zone = "Asia/Jakarta"
database.url = "postgresql://file@north/d"
[sites.north.routers.gw1]
host = "10.0.0.1"
user = "api"
[sites.north.routers.a2]
host = "10.0.0.2"
tls.pin_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
[sites.south]
database.url = "postgresql://file@south/d"
"#;

#[test]
fn without_a_file_the_environment_describes_the_site_default() {
    let site = Place::new()
        .env("DATABASE_URL", "postgresql+psycopg2://u:p@db/hotspot")
        .env("MIKROTIK_HOST", "10.0.0.1")
        .env("MIKROTIK_USERNAME", "api")
        .env("MIKROTIK_PASSWORD", "pw")
        .env("CELERY_BROKER_URL", "redis://redis:6379/1")
        .env("SECRET_KEY", "key")
        .load()
        .unwrap();
    assert_eq!(site.name, "default");
    assert_eq!(database(&site), "postgresql://u:***@db:5432/hotspot");
    assert_eq!(site.routers[0].to_string(), "default (10.0.0.1:8728)");
    assert_eq!(
        site.endpoints.broker.unwrap().to_string(),
        "redis://redis:6379/1"
    );
    assert_eq!(site.secret_key.unwrap().expose(), "key");
    assert_eq!(site.time_zone, "Asia/Makassar");
}

#[test]
fn the_environment_goes_before_the_project_and_that_before_the_user() {
    let place = Place::new()
        .user("[sites.north]\ntime_zone = \"UTC\"\ncompose_project = \"mine\"")
        .project("[sites.north]\ntime_zone = \"Asia/Jayapura\"\ndatabase.url = \"postgresql://project/d\"");
    let site = place.load().unwrap();
    assert_eq!(site.name, "north");
    assert_eq!(database(&site), "postgresql://project:5432/d");
    assert_eq!(site.time_zone, "Asia/Jayapura");
    assert_eq!(site.compose_project.as_deref(), Some("mine"));
    let place = place.env("DATABASE_URL", "postgresql://environment/d");
    assert_eq!(
        database(&place.load().unwrap()),
        "postgresql://environment:5432/d"
    );
    assert_eq!(
        database(&place.load_site("north").unwrap()),
        "postgresql://environment:5432/d"
    );
}

/// What of a site's services the user's file says, what the project's file says, and the key that is refused; nothing
/// where the two go together.
const REDIRECTIONS: [(&str, &str, Option<&str>); 22] = [
    (
        "database.url = 'sqlite:a'",
        "database.url = 'sqlite:b'",
        Some("database.url"),
    ),
    (
        "database.url = 'sqlite:a'",
        "database.url = 'sqlite:a'",
        None,
    ),
    (
        "database.url_env = 'A'",
        "database.url_env = 'B'",
        Some("database.url_env"),
    ),
    (
        "database.url_env = 'A'",
        "database.url = 'sqlite:b'",
        Some("database.url"),
    ),
    (
        "database.url = 'sqlite:a'",
        "database.url_file = 'b'",
        Some("database.url_file"),
    ),
    (
        "redis.url = 'redis://a'",
        "redis.url_credential = 'b'",
        Some("redis.url_credential"),
    ),
    (
        "broker.url = 'redis://a'",
        "broker.url = 'redis://b'",
        Some("broker.url"),
    ),
    (
        "results.url = 'redis://a'",
        "results.url = 'redis://b'",
        Some("results.url"),
    ),
    ("redis.url = 'redis://a'", "broker.url = 'redis://b'", None),
    (
        "routers.gw.host = 'a'",
        "routers.gw.host = 'b'",
        Some("routers.gw.host"),
    ),
    ("routers.gw.host = 'a'", "routers.gw.host = 'a'", None),
    (
        "routers.gw.host = 'a'",
        "routers.gw.port = 9",
        Some("routers.gw.port"),
    ),
    (
        "routers.gw = { host = 'a', port = 9 }",
        "routers.gw.port = 9",
        None,
    ),
    (
        "routers.gw = { host = 'a', tls = true }",
        "routers.gw.tls = false",
        Some("routers.gw.tls"),
    ),
    (
        "routers.gw = { host = 'a', tls.ca_file = '/c' }",
        "routers.gw.tls.server_name = 'b'",
        Some("routers.gw.tls"),
    ),
    (
        "routers.gw.host = 'a'",
        "routers.gw.tls = true",
        Some("routers.gw.tls"),
    ),
    ("routers.gw.host = 'a'", "routers.other.host = 'b'", None),
    ("routers.gw.host = 'a'", "routers.gw.user = 'b'", None),
    (
        "docker_host = 'tcp://a:1'",
        "docker_host = 'tcp://b:1'",
        Some("docker_host"),
    ),
    ("env_file = '/a'", "env_file = '/b'", Some("env_file")),
    ("env_file = '/a'", "env_file = '/a'", None),
    ("time_zone = 'UTC'", "env_file = 'there.env'", None),
];

#[test]
fn a_project_file_does_not_say_that_a_service_of_the_users_is_elsewhere() {
    for (user, project, refused) in REDIRECTIONS {
        let site = |keys: &str| format!("[sites.north]\n{keys}\n");
        let place = Place::new().user(&site(user)).project(&site(project));
        let redirected = match sites(&place.sources()) {
            Err(ConfigError::Redirected { key, .. }) => Some(key),
            Err(error) => panic!("{user}, {project}: {error}"),
            Ok(_) => None,
        };
        let expected = refused.map(|key| format!("sites.north.{key}"));
        assert_eq!(redirected, expected, "{user}, {project}");
        // Whoever names the file means it.
        let named = Sources {
            config_file: Some(place.folder.path().join("tikbook.toml")),
            ..place.sources()
        };
        assert!(sites(&named).is_ok(), "{user}, {project}");
    }
}

#[test]
fn a_project_file_of_others_is_as_if_it_were_not_there() {
    let text = "[sites.north]\ndatabase = { url = 'sqlite:a', password_env = 'HOME' }";
    let place = Place::new().project(text);
    let file = place.folder.path().join("tikbook.toml");
    assert_eq!(sites(&place.sources()).unwrap(), ["north", "demo"]);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(sites(&place.sources()).unwrap(), ["default", "demo"]);
    // Not even what is wrong with it is told.
    std::fs::write(&file, "root:x:0").unwrap();
    assert_eq!(sites(&place.sources()).unwrap(), ["default", "demo"]);
}

#[test]
fn a_password_that_everybody_may_read_is_remarked_on() {
    for (folder, mode, is_told) in [
        (0o755, 0o644, true),
        (0o755, 0o604, true),
        (0o755, 0o640, false),
        (0o755, 0o600, false),
        (0o700, 0o644, false),
    ] {
        let place = Place::new()
            .project("[sites.north.routers.gw]\nhost = 'a'\npassword_file = 'pw'")
            .file("pw", "s3cret-word");
        for (name, mode) in [("pw", mode), ("", folder)] {
            let path = place.folder.path().join(name);
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let warnings: Vec<_> = place.load().unwrap().warnings().collect();
        let told = warnings.iter().any(|warning| {
            warning.contains("pw`, which `sites.north.routers.gw.password_file` names")
                && !warning.contains("s3cret-word")
        });
        assert_eq!(told, is_told, "{folder:o} {mode:o}: {warnings:?}");
        assert_eq!(warnings.len(), usize::from(is_told));
    }
}

#[test]
fn a_site_chosen_among_several_is_not_bent_by_the_environment() {
    let place = Place::new()
        .project(TWO_SITES)
        .env("DATABASE_URL", "postgresql://env/d");
    assert_eq!(database(&place.load().unwrap()), "postgresql://env:5432/d");
    assert_eq!(
        database(&place.load_site("south").unwrap()),
        "postgresql://file@south:5432/d"
    );
}

#[test]
fn an_environment_file_given_by_flag_always_counts_and_the_process_goes_before_it() {
    let place = Place::new()
        .project(TWO_SITES)
        .file(
            "s.env",
            "DATABASE_URL=postgresql://flag/d\nA=file\nB=file\n",
        )
        .env("A", "process");
    let site = load(Sources {
        site: Some("south".to_owned()),
        env_files: vec![place.folder.path().join("s.env")],
        ..place.sources()
    })
    .unwrap();
    assert_eq!(database(&site), "postgresql://flag:5432/d");
    assert_eq!(site.environment.get("A"), Some("process"));
    assert_eq!(site.environment.get("B"), Some("file"));
}

#[test]
fn the_environment_file_of_a_site_stands_below_its_own_keys() {
    let site = Place::new()
        .file(
            "portal.env",
            "DATABASE_URL=postgresql://portal/d\nREDIS_HOST_OTP=r\n",
        )
        .project("[sites.north]\nenv_file = \"portal.env\"\ndatabase.url = \"postgresql://key/d\"")
        .load()
        .unwrap();
    assert_eq!(database(&site), "postgresql://key:5432/d");
    assert_eq!(
        site.endpoints.redis.unwrap().to_string(),
        "redis://r:6379/0"
    );
}

#[test]
fn routers_come_in_order_of_name_with_the_default_one_first() {
    let names =
        |site: &Site| -> Vec<String> { site.routers.iter().map(ToString::to_string).collect() };
    let place = Place::new().project(TWO_SITES);
    let site = place.load().unwrap();
    assert_eq!(names(&site), ["a2 (10.0.0.2:8729)", "gw1 (10.0.0.1:8728)"]);
    let text = TWO_SITES.replace("time_zone", "default_router = \"gw1\"\ntime_zone");
    let site = place.project(&text).load().unwrap();
    assert_eq!(names(&site), ["gw1 (10.0.0.1:8728)", "a2 (10.0.0.2:8729)"]);
}

/// The first router of a file that describes it by these lines.
fn router_of(lines: &str) -> Result<RouterTarget, ConfigError> {
    let text = format!("[sites.n.routers.gw]\n{lines}\n");
    let site = Place::new().project(&text).load()?;
    Ok(site.routers[0].clone())
}

#[test]
fn the_address_of_a_router_may_hold_its_port() {
    for (lines, address) in [
        ("host = \"10.0.0.1\"", "10.0.0.1:8728"),
        ("host = \"10.0.0.1\"\ntls = true", "10.0.0.1:8729"),
        ("host = \"10.0.0.1:8730\"\ntls = true", "10.0.0.1:8730"),
        ("host = \"gw.example:8730\"\nport = 8730", "gw.example:8730"),
        ("host = \"::1\"", "[::1]:8728"),
        ("host = \"[::1]\"\ntls = {}", "[::1]:8729"),
        ("host = \"[::1]:8730\"", "[::1]:8730"),
    ] {
        assert_eq!(router_of(lines).unwrap().address(), address, "{lines}");
    }
    for (lines, words) in [
        ("host = \"gw:8728\"\nport = 8729", "8729"),
        ("host = \"gw\"\nport = 0", "from 1 to 65535"),
        ("host = \"admin:pw0@gw\"", "[fd00::1]:8728"),
        ("host = \"\"", "[fd00::1]:8728"),
    ] {
        let said = router_of(lines).unwrap_err().to_string();
        assert!(
            said.contains("routers.gw.host") && said.contains(words),
            "{said}"
        );
        assert!(!said.contains("pw0"), "{said}");
    }
}

#[test]
fn tls_of_a_router_is_a_switch_or_what_its_certificate_has_to_be() {
    let digits = "ab".repeat(32);
    let pin = format!("tls = {{ pin_sha256 = \"{digits}\" }}");
    for (line, expected) in [
        ("tls = false", None),
        ("tls = true", Some(CertificateCheck::Authorities)),
        ("tls = {}", Some(CertificateCheck::Authorities)),
        (&pin, Some(CertificateCheck::PinSha256([0xab; 32]))),
    ] {
        let router = router_of(&format!("host = \"gw\"\n{line}")).unwrap();
        assert_eq!(router.tls.map(|tls| tls.check), expected, "{line}");
    }
    for (line, words) in [
        ("tls = \"yes\"", "true, false or a table"),
        ("tls = 1", "true, false or a table"),
        ("tls = { pin_sha256 = \"\" }", "it is empty"),
        ("tls = { ca_file = \"\" }", "it is empty"),
        ("tls = { server_name = \"\" }", "it is empty"),
        ("tls = { pin = \"\" }", "unknown key `pin`"),
    ] {
        let error = router_of(&format!("host = \"gw\"\n{line}")).unwrap_err();
        assert!(error.to_string().contains(words), "{line}: {error}");
    }
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest_one() {
    let place = Place::new().project("[sites.north]\n\n[sites.north.database]\nurll = \"x\"\n");
    let error = place.load().unwrap_err();
    assert!(error.to_string().contains("unknown key `urll`"), "{error}");
    assert!(error.to_string().contains("at line 4"), "{error}");
    assert_eq!(error.hint().unwrap().to_string(), "did you mean `url`?");
}

#[test]
fn a_literal_password_is_refused_with_the_ways_there_are() {
    for text in [
        "[sites.n.routers.gw]\nhost = \"h\"\npassword = \"s3cret\"",
        "[sites.n]\nsecret_key = \"s3cret\"",
        "[sites.n]\ndatabase.url = \"postgresql://u:s3cret@h/d\"",
        "[sites.n]\nredis.url = \"redis://:s3cret@h/0\"",
    ] {
        let error = Place::new().project(text).load().unwrap_err();
        assert!(
            matches!(error, ConfigError::LiteralSecret { .. }),
            "{error}"
        );
        let hint = error.hint().map(|hint| hint.to_string());
        let all = format!("{error} {error:?} {hint:?}");
        assert!(
            all.contains("_credential") && !all.contains("s3cret"),
            "{all}"
        );
    }
}

#[test]
fn a_password_is_fetched_from_where_the_file_says() {
    let site = Place::new()
        .env("GW_PASSWORD", "from env")
        .file("secrets/db", "from file\n")
        .project(
            "[sites.n]\ndatabase = { url = \"postgresql://u@h/d\", password_file = \"secrets/db\" }\n\
             [sites.n.routers.gw]\nhost = \"h\"\npassword_env = \"GW_PASSWORD\"",
        )
        .load()
        .unwrap();
    assert_eq!(site.routers[0].password.expose(), "from env");
    let Some(DatabaseTarget::Postgres(server)) = site.endpoints.database else {
        panic!("no database");
    };
    assert_eq!(server.password.unwrap().expose(), "from file");
}

#[test]
fn an_unknown_site_is_answered_with_the_known_ones() {
    let error = Place::new()
        .project(TWO_SITES)
        .load_site("norht")
        .unwrap_err();
    assert_eq!(
        error.hint().unwrap().to_string(),
        "did you mean `north`? known sites: north, south, demo"
    );
}

#[test]
fn several_sites_without_a_choice_are_an_error() {
    let text = TWO_SITES.replace("default_site = \"north\"", "");
    let error = Place::new().project(&text).load().unwrap_err();
    assert!(matches!(error, ConfigError::NoSiteChosen { .. }), "{error}");
}

#[test]
fn the_demo_needs_nothing_and_takes_nothing_from_the_environment() {
    let site = Place::new()
        .env("DATABASE_URL", "postgresql://real/d")
        .project("not toml")
        .load_site("demo")
        .unwrap();
    assert!(site.demo && site.endpoints.database.is_none());
}

#[test]
fn a_named_configuration_file_stands_alone_and_must_exist() {
    let place = Place::new()
        .project(TWO_SITES)
        .file("other.toml", "[sites.west]\n");
    let with = |file: &str| {
        load(Sources {
            config_file: Some(file.into()),
            ..place.sources()
        })
    };
    assert_eq!(with("other.toml").unwrap().name, "west");
    assert!(matches!(
        with("absent.toml"),
        Err(ConfigError::UnreadableFile { .. })
    ));
}

#[test]
fn limits_are_read_and_the_timeout_flag_goes_before_them() {
    let place = Place::new().project(
        "[sites.n.limits]\nstatement_timeout = \"90s\"\nrouter_silence = \"1m\"\nmax_memory = 7\nredis_timeout = \"3s\"\ncelery_timeout = \"4s\"\nmax_rows = 10",
    );
    let site = place.load().unwrap();
    assert_eq!(site.limits.statement, Duration::from_secs(90));
    assert_eq!(site.limits.redis, Duration::from_secs(3));
    assert_eq!(site.limits.celery, Duration::from_secs(4));
    assert_eq!(site.limits.rows, 10);
    assert_eq!(site.limits.router_silence, Duration::from_secs(60));
    assert_eq!(site.limits.memory, 7);
    let timeout = Some(Duration::from_secs(2));
    let site = load(Sources {
        timeout,
        ..place.sources()
    })
    .unwrap();
    assert_eq!(site.limits.statement, Duration::from_secs(2));
    assert_eq!(site.limits.lock, Duration::from_secs(2));
}

#[test]
fn a_wrong_value_is_reported_with_its_line() {
    for text in [
        "[sites.n.limits]\nmax_rows = \"many\"",
        "[sites.n.limits]\nconnect_timeout = \"soon\"",
        "[sites.n.limits]\nconnect_timeout = -1",
        "[sites.n]\n= 3",
    ] {
        let error = Place::new().project(text).load().unwrap_err();
        assert!(error.to_string().contains("at line 2"), "{error}");
    }
}

#[test]
fn no_secret_shows_in_the_debug_form_of_a_site() {
    let site = Place::new()
        .env("DATABASE_URL", "postgresql://u:s3cret@h/d")
        .env("MIKROTIK_HOST", "h")
        .env("MIKROTIK_PASSWORD", "s3cret")
        .env("REDIS_HOST_OTP", "r")
        .env("REDIS_PASSWORD_OTP", "s3cret")
        .env("SECRET_KEY", "s3cret")
        .load()
        .unwrap();
    assert!(!format!("{site:?}").contains("s3cret"));
}

#[test]
fn a_url_whose_at_sign_was_forgotten_does_not_show_its_password() {
    for (name, url) in [
        ("DATABASE_URL", "postgresql://u:s3cret/d"),
        ("REDIS_URL", "redis://:s3cret/0"),
        ("REDIS_URL", "redis://h/s3cret"),
    ] {
        let error = Place::new().env(name, url).load().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}

#[test]
fn no_file_may_describe_a_site_called_demo() {
    let error = Place::new().project("[sites.demo]\n").load().unwrap_err();
    assert!(error.to_string().contains("built-in"), "{error}");
}

#[test]
fn a_time_zone_that_does_not_exist_is_refused() {
    let error = Place::new()
        .env("DATABASE_URL", "postgresql://u:p@db/hotspot")
        .env("APP_TIMEZONE", "Asia/Makasar")
        .load()
        .unwrap_err();
    assert!(error.to_string().contains("`Asia/Makasar`"), "{error}");
}

#[test]
fn each_site_may_have_its_own_docker_engine() {
    let place = Place::new().project(
        "[sites.north]\ndocker_host = \"tcp://north:2375\"\n[sites.south]\n\
         [sites.south.limits]\ndocker_timeout = \"3s\"\n",
    );
    let place = place.env("DOCKER_HOST", "unix:///run/here.sock");
    let docker = |name: &str| place.load_site(name).unwrap().docker.to_string();
    assert_eq!(docker("north"), "tcp://north:2375");
    assert_eq!(docker("south"), "unix:///var/run/docker.sock");
    let limit = place.load_site("south").unwrap().limits.docker;
    assert_eq!(limit, Duration::from_secs(3));
    let only = Place::new()
        .project("[sites.north]\ndocker_host = \"tcp://north:2375\"\n")
        .env("DOCKER_HOST", "unix:///run/here.sock");
    assert_eq!(
        only.load().unwrap().docker.to_string(),
        "unix:///run/here.sock"
    );
}
