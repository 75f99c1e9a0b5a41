//! Functions of one name in several files of a run: refused before anything runs.

use crate::support::tikbook::{Output, Tikbook};

const LIBRARY: &str = "fn title(x) { `lib ${x}` }\n\
    fn twice(x) { title(x) + title(x) }\n\
    fn sizes(x) { [x.len(), len(x)] }\n";
/// Has a `title` too, and does not call it.
const OTHER: &str = "fn title(x) { `other ${x}` }\n\
    fn each(list, change) { let out = []; for x in list { out.push(change.call(x)); } out }\n\
    fn hook(x) { supplied(x) }\n";

fn tikbook() -> Tikbook {
    Tikbook::new()
        .file("scripts/lib/lib.rhai", LIBRARY)
        .file("scripts/lib/other.rhai", OTHER)
        .file(
            "scripts/lib/through.rhai",
            "import \"lib/lib\" as lib;\nfn titles(x) { lib::twice(x) }\n",
        )
        .args(["--site", "demo"])
}

/// A text whose first line imports one of the libraries as `it`.
fn text(library: &str, rest: &str) -> String {
    format!("import \"lib/{library}\" as it;\n{rest}\n")
}

fn evaluate(library: &str, rest: &str) -> Output {
    tikbook().args(["run", "-e", &text(library, rest)]).run()
}

/// A runbook that warns when it begins, imports `lib` and has these other lines.
fn runbook(rest: &str) -> String {
    format!(
        "//! A try.\n{}\nconst RUNBOOK = #{{}};\n\
         fn run(args) {{ log::warn(\"begun\"); #{{ got: got() }} }}\n",
        text("lib", rest)
    )
}

const TITLES: &str = "fn title(x) { `main ${x}` }\nfn got() { [title(1), it::twice(1)] }";

#[test]
fn a_function_that_two_files_have_is_refused_wherever_it_is_called() {
    let own = "fn title(x) { `main ${x}` }\n";
    for (library, rest) in [
        ("lib", "title(1)"),
        ("lib", "for n in 0..9 { title(n); } it::twice(1)"),
        ("through", "it::titles(title(1))"),
        ("other", "it::each([1], |x| title(x))"),
        (
            "other",
            "fn heading(x) { title(x) }\nit::each([1], heading)",
        ),
        ("other", "it::each([1], title)"),
        ("other", "it::each([1], Fn(\"title\"))"),
        (
            "other",
            "it::each([1], #{ change: [Fn(\"title\")] }.change[0])",
        ),
        ("other", "let name = \"title\"; it::each([1], Fn(name))"),
        ("other", "1.title(1)"),
    ] {
        let output = evaluate(library, &format!("{own}{rest}")).code(1);
        let found = output.stderr.contains("`title` is called at");
        assert!(found, "{library}: {rest}\n{output}");
    }
}

#[test]
fn the_refusal_names_both_files_and_lines_the_reason_and_the_cure() {
    let output = evaluate("other", "fn title(x) { x }\n\n[1].map(|x| title(x))").code(1);
    let shown = output
        .stderr
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for expected in [
        "`title` is called at expression:4, and ./scripts/lib/other.rhai:1",
        "has a function `title` with 1 parameter",
        "the engine would take one function of this name for the other",
        "rename `title` in one of the two files",
    ] {
        assert!(
            shown.replace("│ ", "").contains(expected),
            "{expected}\n{output}"
        );
    }
}

#[test]
fn a_function_that_another_file_calls_and_means_the_engines_is_refused() {
    for (function, cured) in [("len(x)", "len(x, y)"), ("len()", "length()")] {
        let run = |function: &str| {
            evaluate(
                "lib",
                &format!("fn {function} {{ 99 }}\nit::sizes(\"abc\")"),
            )
        };
        let output = run(function).code(1);
        assert!(
            output.stderr.contains("rename `len` in expression"),
            "{output}"
        );
        assert_eq!(run(cured).code(0).stdout, "[3, 3]\n");
    }
}

#[test]
fn what_cannot_be_taken_for_another_is_not_refused() {
    for (library, rest) in [
        // Nobody calls the two without a namespace.
        ("other", "fn title(x) { x }\nit::each([3], |x| x)[0]"),
        ("lib", "fn title(x, y) { x + y }\ntitle(1, 2)"),
        ("lib", "let title = 3; title"),
        ("lib", "#{ title: 3 }.title"),
        ("lib", "fn supplied(x) { x }\nit::sizes(\"abc\")[0]"),
        // What a library leaves to the script that imports it.
        ("other", "fn supplied(x) { x + 2 }\nit::hook(1)"),
    ] {
        let output = evaluate(library, rest).code(0);
        assert_eq!(output.stdout, "3\n", "{library}: {rest}");
    }
}

#[test]
fn a_runbook_is_refused_before_it_begins() {
    let run = |args: &[&str]| {
        tikbook()
            .file("scripts/try.rhai", runbook(TITLES))
            .args(args)
            .run()
    };
    let output = run(&["run", "try"]).code(1);
    assert!(output.stderr.contains("`title` is called at"), "{output}");
    assert!(!output.stderr.contains("begun"), "{output}");
    let failure = run(&["run", "try", "--json"]).code(1).stdout_json()["error"].clone();
    assert_eq!(failure["place"]["line"], 4, "{failure}");
}

#[test]
fn check_finds_all_of_them_without_running_anything() {
    let check = |rest: &str| {
        tikbook()
            .file("scripts/try.rhai", runbook(rest))
            .args(["check", "scripts/try.rhai"])
            .run()
    };
    let output = check(&format!("{TITLES}\nfn len(x) {{ x }}")).code(1);
    for expected in ["`title` is called at", "`len` is called at", "2 problems"] {
        assert!(output.stdout.contains(expected), "{expected}\n{output}");
    }
    check("fn got() { it::twice(1) }").code(0);
}

#[test]
fn a_script_of_tests_is_one_failed_test() {
    let script = text("lib", "fn title(x) { x }\nfn test_it() { title(1); }");
    let output = tikbook()
        .file("scripts/try_test.rhai", script)
        .args(["test"])
        .run()
        .code(1);
    assert!(output.stdout.contains("`title` is called at"), "{output}");
    assert!(output.stdout.contains("1 test, 1 failed"), "{output}");
}

#[test]
fn the_lines_of_a_session_are_one_file() {
    let lines = "fn title(x) { `main ${x}` }\n\
        import \"lib/lib\" as lib;\n\
        title(1)\n\
        import \"lib/other\" as other;\n\
        fn sizes(x) { x }\n\
        other::each([1, 2], |x| sizes(x))\n\
        import \"lib/lib\" as lib;\n";
    let output = tikbook().args(["repl"]).stdin(lines).run().code(0);
    let refused = output.stdout.matches("is called at").count();
    assert_eq!(refused, 2, "{output}");
    for expected in [
        "`title` is called at ./scripts/lib/lib.rhai:2, and line 1:1 has",
        "main 1\n[1, 2]\n",
        "`sizes` is called at line 6:1, and ./scripts/lib/lib.rhai:3 has",
    ] {
        assert!(output.stdout.contains(expected), "{expected}\n{output}");
    }
}

#[test]
fn an_import_that_is_first_seen_when_it_is_reached_is_refused_there() {
    let run = |function: &str| {
        let script = format!(
            "fn {function}(x) {{ `main ${{x}}` }}\nlet names = [\"lib\", \"lib\"];\n\
             for name in names {{\n\
                 try {{ import `lib/${{name}}` as it; log::warn(it::twice(1)); }}\n\
                 catch (err) {{ log::warn(err.message); }}\n\
             }}\n\
             {function}(2)"
        );
        let output = tikbook().args(["run", "-e", &script]).run().code(0);
        assert_eq!(output.stdout, "main 2\n");
        output.stderr
    };
    assert_eq!(run("title").matches("`title` is called at").count(), 2);
    assert_eq!(run("heading").matches("lib 1lib 1").count(), 2);
}

#[test]
fn imports_that_are_first_seen_when_they_are_reached_are_compared_with_each_other() {
    let script = "let names = [\"lib\", \"other\"];\n\
        for name in names { import `lib/${name}` as it; }";
    let output = tikbook().args(["run", "-e", script]).run().code(1);
    assert!(output.stderr.contains("`title` is called at"), "{output}");
    assert!(output.stderr.contains("lib/other.rhai:1"), "{output}");
}
