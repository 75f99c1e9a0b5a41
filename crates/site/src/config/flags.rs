//! The flags by which another command finds the same site.

use std::path::Path;

use super::Sources;

/// Flags of a command line that a person is to paste.
#[derive(Clone, Debug, Default)]
pub struct SiteFlags {
    words: Vec<String>,
}

impl SiteFlags {
    /// Those that were given, or stand in the environment.
    pub fn of(sources: &Sources) -> Self {
        let path = |path: &Path| path.display().to_string();
        let site = sources.site.iter().map(|name| ("--site", name.clone()));
        let config = sources.config_file.iter();
        let config = config.map(|file| ("--config", path(file)));
        let env_files = sources.env_files.iter();
        let env_files = env_files.map(|file| ("--env-file", path(file)));
        let flags = site.chain(config).chain(env_files);
        Self {
            words: flags
                .flat_map(|(flag, value)| [flag.to_owned(), value])
                .collect(),
        }
    }

    /// `tikbook undo RUN --site NAME`, as a shell understands it.
    pub fn command<'a>(&'a self, words: impl IntoIterator<Item = &'a str>) -> String {
        let words = words
            .into_iter()
            .chain(self.words.iter().map(String::as_str));
        let words: Vec<String> = ["tikbook"].into_iter().chain(words).map(quoted).collect();
        words.join(" ")
    }
}

/// A word that holds what no command line can is shown as it is.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), |word| word.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_the_site_as_it_was_named() {
        let command = |sources: &Sources| SiteFlags::of(sources).command(["undo", "last"]);
        assert_eq!(command(&Sources::default()), "tikbook undo last");
        let sources = Sources {
            site: Some("north".to_owned()),
            config_file: Some("my sites.toml".into()),
            env_files: vec!["a".into(), "b".into()],
            ..Sources::default()
        };
        assert_eq!(
            command(&sources),
            "tikbook undo last --site north --config 'my sites.toml' --env-file a --env-file b"
        );
    }
}
