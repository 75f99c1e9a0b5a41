//! What was entered and what came out: as a runbook, and as a page of Markdown.

use std::collections::BTreeSet;

use site::config::Service;

use super::syntax::{self, Class};

/// The lines of a session.
#[derive(Default)]
pub struct Transcript {
    inputs: Vec<Input>,
    /// What inputs write, or are to write, each by its number.
    writes: BTreeSet<(usize, String)>,
    /// The inputs of whose changes some were dropped.
    dropped: BTreeSet<usize>,
    page: String,
    /// Is the last thing on the page an output?
    answering: bool,
}

/// A session as a runbook.
pub struct Saved {
    /// Its text.
    pub text: String,
    /// How many inputs stand in it as comments, as they would plan again what was dropped.
    pub left_out: usize,
}

struct Input {
    text: String,
    /// What its value is called, if it has one.
    value: Option<String>,
}

impl Transcript {
    /// A line that was entered, whatever became of it.
    pub fn input(&mut self, line: &str) {
        if self.answering {
            self.page.push_str("```\n\n");
        }
        self.answering = true;
        self.page
            .push_str(&format!("```rhai\n{line}\n```\n\n```text\n"));
    }

    /// A line that came out.
    pub fn output(&mut self, line: &str) {
        if !self.answering {
            self.answering = true;
            self.page.push_str("```text\n");
        }
        self.page.push_str(&without_colors(line));
        self.page.push('\n');
    }

    /// An input that was evaluated, with the name of its value.
    pub fn entered(&mut self, text: &str, value: Option<&str>) {
        self.inputs.push(Input {
            text: text.trim().to_owned(),
            value: value.map(str::to_owned),
        });
    }

    /// The number of the input that is entered next.
    pub fn next_input(&self) -> usize {
        self.inputs.len()
    }

    /// The targets that an input writes.
    pub fn writes(&mut self, input: usize, targets: impl Iterator<Item = String>) {
        self.writes.extend(targets.map(|target| (input, target)));
    }

    /// A change that an input planned was dropped.
    pub fn drop_changes(&mut self, input: usize) {
        self.dropped.insert(input);
    }

    /// The session as a page of Markdown.
    pub fn markdown(&self, site: &str) -> String {
        let end = if self.answering { "```\n" } else { "" };
        let page = format!("# A session on the site {site}\n\n{}{end}", self.page);
        page.replace("```text\n```\n\n", "")
    }

    /// The session as a runbook that does the same and returns the last value. An input of whose changes
    /// some were dropped would bring them back: it stands there as a comment, and so does what needs a
    /// variable of it.
    pub fn runbook(&self) -> Saved {
        let left_out = self.left_out();
        let inputs = || (0..).zip(&self.inputs);
        let is_outside = |(_, input): &(usize, &Input)| is_definition(&input.text);
        let (outside, inside): (Vec<_>, Vec<_>) = inputs().partition(is_outside);
        let reads: Vec<String> = Service::ALL
            .into_iter()
            .map(Service::as_str)
            .filter(|service| self.uses(service))
            .map(quoted)
            .collect();
        let writes = self.writes.iter();
        let writes = writes.filter(|(input, _)| !left_out.contains(input));
        let writes: BTreeSet<String> = writes.map(|(_, target)| quoted(target)).collect();
        let writes: Vec<String> = writes.into_iter().collect();
        let mut text = format!(
            "//! A saved session: say here what it is for.\n\nconst RUNBOOK = #{{\n    reads: [{}],\n    writes: [{}],\n    params: #{{}},\n}};\n",
            reads.join(", "),
            writes.join(", ")
        );
        for (number, input) in outside {
            let line = match left_out.contains(&number) {
                true => commented("", &statement(&input.text)),
                false => statement(&input.text),
            };
            text.push_str(&format!("\n{line}\n"));
        }
        text.push_str("\nfn run(args) {\n");
        for (number, input) in &inside {
            let line = match &input.value {
                Some(name) => format!("let {name} = {}", statement(&input.text)),
                None => statement(&input.text),
            };
            let line = match left_out.contains(number) {
                true => commented("    ", &line),
                false => line,
            };
            text.push_str(&format!("    {line}\n"));
        }
        let kept = inside.iter().rev();
        let mut kept = kept.filter(|(number, _)| !left_out.contains(number));
        if let Some(name) = kept.find_map(|(_, input)| input.value.as_ref()) {
            text.push_str(&format!("    {name}\n"));
        }
        text.push_str("}\n");
        Saved {
            text,
            left_out: left_out.len(),
        }
    }

    /// The inputs that a saved session leaves out.
    fn left_out(&self) -> BTreeSet<usize> {
        let mut left_out = BTreeSet::new();
        let mut lost: BTreeSet<&str> = BTreeSet::new();
        for (number, input) in (0..).zip(&self.inputs) {
            let (declared, value) = declaration(&input.text);
            let needs_lost = lost.iter().any(|name| has_variable(value, name));
            let names = input.value.as_deref().into_iter();
            let names: Vec<&str> = names.chain(declared).collect();
            if self.dropped.contains(&number) || needs_lost {
                left_out.insert(number);
                lost.extend(names);
            } else {
                lost.retain(|name| !names.contains(name));
            }
        }
        left_out
    }

    /// Do the inputs read from a service? The portal's settings stand in its database, too.
    fn uses(&self, service: &str) -> bool {
        self.inputs.iter().any(|input| {
            let names = [
                format!("{service}::"),
                "portal::setting".to_owned(),
                "import".to_owned(),
            ];
            let settings = service == "db";
            // What an imported library reads is not known here.
            in_code(&input.text, &names[0])
                || (settings && in_code(&input.text, &names[1]))
                || input.text.starts_with("import ")
        })
    }
}

/// A line without the codes that colour it.
fn without_colors(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, text)| text));
    }
    plain
}

/// A text as a literal of the language.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn in_code(text: &str, word: &str) -> bool {
    let reading = syntax::read(text);
    text.match_indices(word)
        .any(|(index, _)| reading.class_at(index).is_some_and(Class::is_code))
}

/// Is the variable `name` in the code of `text`? What has the name behind `::` or a dot is none.
fn has_variable(text: &str, name: &str) -> bool {
    let belongs = |c: char| c.is_alphanumeric() || c == '_';
    let reading = syntax::read(text);
    text.match_indices(name).any(|(index, _)| {
        let (before, after) = (&text[..index], &text[index + name.len()..]);
        let is_member = before.ends_with("::") || before.ends_with('.') && !before.ends_with("..");
        !is_member
            && !before.ends_with(belongs)
            && !after.starts_with(belongs)
            && reading.class_at(index).is_some_and(Class::is_code)
    })
}

/// The variable that an input declares at its beginning, if it does, and what follows it.
fn declaration(text: &str) -> (Option<&str>, &str) {
    let words = ["let ", "const "];
    let Some(rest) = words.iter().find_map(|word| text.strip_prefix(word)) else {
        return (None, text);
    };
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    let (name, value) = rest.split_at(end.unwrap_or(rest.len()));
    (Some(name).filter(|name| !name.is_empty()), value)
}

/// An input that is left out, as a comment whose lines but the first begin with `indent`.
fn commented(indent: &str, text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("// {line}")).collect();
    let lines = lines.join(&format!("\n{indent}"));
    format!("// Left out, as a change was dropped that it plans, or needs:\n{indent}{lines}")
}

fn is_definition(text: &str) -> bool {
    ["fn ", "private fn ", "import "]
        .iter()
        .any(|word| text.starts_with(word))
}

fn statement(text: &str) -> String {
    let text = text.trim_end();
    let ends = text.ends_with(';') || (text.ends_with('}') && is_definition(text));
    // A comment at the end would swallow what follows it.
    let commented = syntax::read(text).last() == Some(Class::Comment);
    match (ends, commented) {
        (true, _) => text.to_owned(),
        (false, true) => format!("{text}\n;"),
        (false, false) => format!("{text};"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_becomes_a_runbook() {
        let mut transcript = Transcript::default();
        transcript.entered("fn twice(x) { x * 2 }", None);
        transcript.entered("let rows = mikrotik::rows(\"/ip/arp\");", None);
        transcript.entered("rows.len()", Some("value_1"));
        transcript.entered("twice(value_1) // \"db::rows\"", Some("value_2"));
        assert_eq!(
            transcript.runbook().text,
            "//! A saved session: say here what it is for.\n\n\
             const RUNBOOK = #{\n    reads: [\"mikrotik\"],\n    writes: [],\n    params: #{},\n};\n\
             \nfn twice(x) { x * 2 }\n\
             \nfn run(args) {\n    let rows = mikrotik::rows(\"/ip/arp\");\n    let value_1 = rows.len();\n    \
             let value_2 = twice(value_1) // \"db::rows\"\n;\n    value_2\n}\n"
        );
    }

    #[test]
    fn a_page_shows_inputs_and_outputs() {
        let mut transcript = Transcript::default();
        transcript.input("let x = 1;");
        transcript.input("x");
        transcript.output("1");
        assert_eq!(
            transcript.markdown("demo"),
            "# A session on the site demo\n\n```rhai\nlet x = 1;\n```\n\n```rhai\nx\n```\n\n```text\n1\n```\n"
        );
    }
}
