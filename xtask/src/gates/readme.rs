//! Holds: the commands that the READMEs show name subcommands, benches and paths that exist.
//!
//! The commands are read and not run; that they do what the text says is for the tests.

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::bench;
use crate::cli::{Cli, Command};
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::markdown::{Fence, outline};

const MEND: &str = "correct the command, then cargo xtask check --only readme";

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    let benches = bench::known(context);
    let exists = |path: &str| context.root().join(path).exists();
    let mut documents = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    let examples = context.root().join("docs/examples");
    if examples.is_dir() {
        let files = files::below(&examples)?;
        let files = files.iter().map(|file| context.relative(file));
        documents.extend(files.filter(|file| is_readme_of_an_example(file)));
    }
    let mut failures = Vec::new();
    for document in documents {
        match context.text(&document)? {
            Some(text) => failures.extend(judge(&document, &text, &benches, &exists)),
            None => failures.push(Failure::new(format!("there is no {document}"), "write it")),
        }
    }
    Ok(failures)
}

/// `docs/examples/<name>/README.md`.
fn is_readme_of_an_example(path: &str) -> bool {
    path.ends_with("/README.md") && path.split('/').count() == 4
}

fn judge(
    document: &str,
    text: &str,
    benches: &[String],
    exists: &dyn Fn(&str) -> bool,
) -> Vec<Failure> {
    let outline = outline(text);
    let lines = outline.fences.iter().flat_map(command_lines);
    lines
        .flat_map(|(number, line)| {
            let found = commands(&line).into_iter().flat_map(|command| {
                let words: Vec<_> = command.iter().map(String::as_str).collect();
                objections(&words, benches, exists)
            });
            found
                .map(|what| Failure::new(what, MEND).at(format!("{document}:{number}")))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// What is wrong with one command, if it is one that can be checked.
fn objections(words: &[&str], benches: &[String], exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    match words {
        ["cargo", "xtask", arguments @ ..] => of_xtask(arguments, benches),
        ["cargo", "run", rest @ ..] => {
            let mut parts = rest.splitn(2, |word| *word == "--");
            let options = parts.next().unwrap_or_default();
            let arguments = parts.next().unwrap_or_default();
            if runs_viewlane(options) { missing_paths(arguments, exists) } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

fn of_xtask(arguments: &[&str], benches: &[String]) -> Vec<String> {
    let command = ["cargo xtask"].iter().chain(arguments);
    match Cli::try_parse_from(command) {
        Ok(cli) => match cli.command {
            Command::Check(_) | Command::Corpus(_) => Vec::new(),
            Command::Bench(args) => bench::unknown(benches, &args.names)
                .map(|name| bench::explain(benches, name))
                .collect(),
        },
        Err(error) if error.kind() == ErrorKind::DisplayHelp => Vec::new(),
        Err(error) => vec![format!(
            "`cargo xtask {}` is not understood: {}",
            arguments.join(" "),
            error.to_string().lines().next().unwrap_or_default()
        )],
    }
}

/// Whether `cargo run` with these options runs the command line: by name, or by default,
/// because it is the default member of the workspace.
fn runs_viewlane(options: &[&str]) -> bool {
    let mut package = "viewlane";
    for pair in options.windows(2) {
        if let ["-p" | "--package" | "--bin" | "--example", name] = pair {
            package = name;
        }
    }
    package == "viewlane"
}

/// Arguments that point into the documentation of this repository and lead nowhere.
fn missing_paths(arguments: &[&str], exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    arguments
        .iter()
        .map(|argument| argument.rsplit('=').next().unwrap_or(argument))
        .map(|argument| argument.trim_start_matches("./"))
        .filter(|path| path.starts_with("docs/") && !exists(path))
        .map(|path| format!("there is no `{path}`"))
        .collect()
}

/// The lines of a block that a reader would type; a line that ends with `\` goes on.
///
/// Where prompts are shown, what has none is output.
fn command_lines(fence: &Fence<'_>) -> Vec<(usize, String)> {
    if !["sh", "bash", "console", "shell"].contains(&fence.language) {
        return Vec::new();
    }
    let prompts = fence.lines.iter().any(|(_, line)| line.starts_with("$ "));
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for &(number, line) in &fence.lines {
        let typed = match line.strip_prefix("$ ") {
            Some(typed) => typed,
            None if prompts && !goes_on => continue,
            None => line,
        };
        let part = typed.trim_end_matches('\\');
        match found.last_mut() {
            Some((_, command)) if goes_on => command.push_str(part),
            _ => found.push((number, part.to_owned())),
        }
        goes_on = part.len() < typed.len();
    }
    found
}

/// The commands of a line, in words: quotes are taken off, comments, variables before a
/// command and what is between commands are left out.
fn commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut words = words(line).into_iter().peekable();
    while let Some(word) = words.next() {
        match word.as_str() {
            "&&" | "||" | "|" | ";" => commands.push(Vec::new()),
            ">" | ">>" | "2>" | "<" => {
                words.next();
            }
            _ => {
                let ends = word.ends_with(';');
                let word = word.trim_end_matches(';');
                if let Some(command) = commands.last_mut()
                    && !(command.is_empty() && is_assignment(word))
                {
                    command.push(word.to_owned());
                }
                if ends {
                    commands.push(Vec::new());
                }
            }
        }
    }
    commands.retain(|command| !command.is_empty());
    commands
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => word.push(c),
            (None, '\'' | '"') => quote = Some(c),
            (None, '#') if word.is_empty() => break,
            (None, _) if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (None, _) => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests;
