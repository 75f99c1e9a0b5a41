//! What was entered and what came out: as a runbook, and as a page of Markdown.

use std::collections::BTreeSet;

use site::config::Service;

use super::syntax::{self, Class};

/// The lines of a session.
#[derive(Default)]
pub struct Transcript {
    inputs: Vec<Input>,
    /// What was written, or was to be.
    writes: BTreeSet<String>,
    page: String,
    /// Is the last thing on the page an output?
    answering: bool,
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

    /// A target that an input writes.
    pub fn wrote(&mut self, target: String) {
        self.writes.insert(target);
    }

    /// The session as a page of Markdown.
    pub fn markdown(&self, site: &str) -> String {
        let end = if self.answering { "```\n" } else { "" };
        let page = format!("# A session on the site {site}\n\n{}{end}", self.page);
        page.replace("```text\n```\n\n", "")
    }

    /// The session as a runbook that does the same and returns the last value.
    pub fn runbook(&self) -> String {
        let is_outside = |input: &&Input| is_definition(&input.text);
        let (outside, inside): (Vec<&Input>, Vec<&Input>) =
            self.inputs.iter().partition(is_outside);
        let reads: Vec<String> = Service::ALL
            .into_iter()
            .map(Service::as_str)
            .filter(|service| self.uses(service))
            .map(quoted)
            .collect();
        let writes: Vec<String> = self.writes.iter().map(|target| quoted(target)).collect();
        let mut text = format!(
            "//! A saved session: say here what it is for.\n\nconst RUNBOOK = #{{\n    reads: [{}],\n    writes: [{}],\n    params: #{{}},\n}};\n",
            reads.join(", "),
            writes.join(", ")
        );
        for input in outside {
            text.push_str(&format!("\n{}\n", statement(&input.text)));
        }
        text.push_str("\nfn run(args) {\n");
        for input in &inside {
            let line = match &input.value {
                Some(name) => format!("let {name} = {}", statement(&input.text)),
                None => statement(&input.text),
            };
            text.push_str(&format!("    {line}\n"));
        }
        if let Some(name) = inside.iter().rev().find_map(|input| input.value.as_ref()) {
            text.push_str(&format!("    {name}\n"));
        }
        text.push_str("}\n");
        text
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
            transcript.runbook(),
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
