use super::*;

fn check(text: &str) -> Vec<String> {
    let exists = |path: &str| path == "docs/examples/quickstart";
    judge("README.md", text, &["refresh".to_owned()], &exists)
        .iter()
        .map(|failure| failure.to_string().lines().next().unwrap().to_owned())
        .collect()
}

#[test]
fn commands_that_exist_pass() {
    let text = "\
```sh
cargo xtask check --only layering --skip tests   # two gates
cargo xtask bench refresh --output json > report.json
cargo xtask --help
cargo run -p viewlane -- run docs/examples/quickstart
cargo run --release -- plan --project-dir=./docs/examples/quickstart
INSTA_UPDATE=always cargo test -p viewlane-core
```
";
    assert_eq!(check(text), Vec::<String>::new());
}

#[test]
fn a_subcommand_a_gate_or_a_bench_that_does_not_exist_is_named() {
    let text = "\
```sh
cargo xtask chekc
CI=true cargo xtask check --only layerin
cd docs && cargo xtask bench refesh
```
";
    let failures = check(text);

    assert_eq!(failures.len(), 3, "{failures:?}");
    assert!(failures[0].starts_with("`cargo xtask chekc` is not understood"));
    assert!(failures[1].contains("layerin"));
    assert!(failures[2].contains("the nearest is `refresh`"));
}

#[test]
fn a_path_that_leads_nowhere_is_named() {
    let text = "\
```console
$ cargo run --release -p viewlane -- run \\
    docs/examples/gone
cargo run -p viewlane -- run docs/examples/printed-by-something
```
";
    assert_eq!(check(text), ["there is no `docs/examples/gone`"]);
}

#[test]
fn other_blocks_and_other_programs_are_left_alone() {
    let text = "\
```toml
cargo xtask chekc
```
```sh
cargo run -p other -- docs/examples/gone
echo 'cargo xtask chekc'
```
";
    assert_eq!(check(text), Vec::<String>::new());
}

#[test]
fn a_failure_points_at_the_line() {
    let failures = judge("README.md", "# A\n\n```sh\ncargo xtask x\n```\n", &[], &|_| true);

    assert!(failures[0].to_string().contains("at: README.md:4"));
}

#[test]
fn only_the_readme_of_an_example_is_read() {
    assert!(is_readme_of_an_example("docs/examples/quickstart/README.md"));
    assert!(!is_readme_of_an_example("docs/examples/README.md"));
    assert!(!is_readme_of_an_example("docs/examples/a/views/README.md"));
}
