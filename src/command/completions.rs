//! `tikbook completions`: a completion script for a shell.

use std::io::Write;

use clap_complete::Shell as Generated;

use crate::cli::{self, CompletionsArgs, Shell};
use crate::failure::{Code, Failure};

/// Prints the script.
///
/// # Errors
/// Stdout cannot be written to.
pub fn run(args: &CompletionsArgs) -> Result<Code, Failure> {
    let shell = match args.shell {
        Shell::Bash => Generated::Bash,
        Shell::Elvish => Generated::Elvish,
        Shell::Fish => Generated::Fish,
        Shell::Powershell => Generated::PowerShell,
        Shell::Zsh => Generated::Zsh,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "tikbook", &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if shell == Generated::Zsh
        && let Some(end) = script.rfind(ZSH_END)
    {
        script.truncate(end);
    }
    script.push_str(dynamic(args.shell));
    std::io::stdout().write_all(script.as_bytes())?;
    Ok(Code::Done)
}

/// What asks `tikbook complete` for the names of runbooks, their parameters and sites, which no
/// script can know beforehand.
fn dynamic(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => BASH,
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
        Shell::Elvish | Shell::Powershell => "",
    }
}

const BASH: &str = r#"
_tikbook_names() {
    local names
    names=$(tikbook complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    if [[ -n $names ]]; then
        mapfile -t COMPREPLY <<<"$names"
        return
    fi
    _tikbook "$@"
}
complete -F _tikbook_names -o bashdefault -o default tikbook
"#;

/// Where the generated script for zsh says what is to be called; ours says it in its place.
const ZSH_END: &str = "if [ \"$funcstack[1]\" = \"_tikbook\" ]; then";

/// As a file of `$fpath` the script is run by the first completion, which it has to answer then.
const ZSH: &str = r#"
_tikbook_names() {
    local -a names
    names=(${(f)"$(tikbook complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
    if (( $#names )); then
        compadd -a names
    else
        _tikbook "$@"
    fi
}
compdef _tikbook_names tikbook
if [ "$funcstack[1]" = "_tikbook" ]; then
    _tikbook_names "$@"
fi
"#;

/// Files are offered only where there are no names.
const FISH: &str = r#"
function __tikbook_names
    tikbook complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null
end
complete -c tikbook -f -n 'count (__tikbook_names) >/dev/null' -a '(__tikbook_names)'
"#;
