use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Component, Path, PathBuf},
};

use toml::de::DeTable;
use viewlane_core::{Diagnostic, Location, RelationName, SourceText, Span, TableLocation, nearest};
use viewlane_runtime_profile::Profile;
use viewlane_sql_policy::{Policy, PolicyBuilder};

use crate::{
    codes,
    engine::Overrides,
    failure::{Failure, Located},
    seed::{Generator, Seed, SeedFormat},
    settings::Reader,
};

/// Name of the project file.
pub const PROJECT_FILE: &str = "viewlane.toml";

/// A project as it is on disk: read, and checked as far as one file at a time can be.
#[derive(Debug)]
pub struct Project {
    pub(crate) root: PathBuf,
    pub(crate) name: String,
    pub(crate) lake: PathBuf,
    pub(crate) profile: Profile,
    pub(crate) policy: Policy,
    pub(crate) seeds: Vec<Seed>,
    pub(crate) sources: Vec<Source>,
    pub(crate) views: Vec<ViewFile>,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// A Delta table that others write.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) name: RelationName,
    pub(crate) location: TableLocation,
    pub(crate) place: Location,
}

/// One file under `views/`.
#[derive(Clone, Debug)]
pub(crate) struct ViewFile {
    pub(crate) name: RelationName,
    pub(crate) text: SourceText,
}

/// Looks up a variable that a value of the project file asks for by `${NAME}`.
pub(crate) type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Project {
    /// The nearest folder with a project file, from `start` upwards.
    pub fn find(start: &Path) -> Option<PathBuf> {
        start.ancestors().find(|folder| folder.join(PROJECT_FILE).is_file()).map(Path::to_owned)
    }

    /// Name of the project.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Folder of the project.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What was found that stops nothing.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Reads a project folder.
    pub(crate) fn load(
        root: &Path,
        variables: Variables<'_>,
        overrides: &Overrides,
    ) -> Result<Self, Failure> {
        // Absolute, because locations are identities; what is shown stays relative to the project.
        let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        let path = root.join(PROJECT_FILE);
        let text = fs::read_to_string(&path).map_err(|error| {
            let (code, message, help) = match error.kind() {
                io::ErrorKind::NotFound => (
                    codes::NO_PROJECT,
                    format!("there is no `{PROJECT_FILE}` in `{}`", show(&root)),
                    "go to a project folder, or name one",
                ),
                _ => (
                    codes::UNREADABLE,
                    format!("cannot read `{PROJECT_FILE}`"),
                    "make it a readable UTF-8 text",
                ),
            };
            let found = Diagnostic::error(code, message).help(help);
            if code == codes::UNREADABLE { found.because(error.to_string()) } else { found }
        })?;
        let source = SourceText::new(PROJECT_FILE, text);
        let mut found = Vec::new();
        let settings = Settings::read(&source, &root, (variables, overrides), &mut found);
        let views = read_views(&root, &mut found);
        let mut seeds = settings.as_ref().map(|s| s.seeds.clone()).unwrap_or_default();
        seeds.extend(read_seed_files(&root, &mut found));
        let warnings = Failure::unless_clean(found)?;
        let settings = settings.expect("settings are there when nothing is wrong");
        seeds.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self {
            root,
            name: settings.name,
            lake: settings.lake,
            profile: settings.profile,
            policy: settings.policy,
            seeds,
            sources: settings.sources,
            views,
            warnings,
        })
    }
}

/// What the project file says.
struct Settings {
    name: String,
    lake: PathBuf,
    profile: Profile,
    policy: Policy,
    seeds: Vec<Seed>,
    sources: Vec<Source>,
}

impl Settings {
    /// `None` only when something was found to be wrong.
    fn read(
        source: &SourceText,
        root: &Path,
        (variables, overrides): (Variables<'_>, &Overrides),
        found: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let document = match DeTable::parse(source.text()) {
            Ok(document) => document,
            Err(error) => {
                let place = crate::settings::span(error.span().unwrap_or(0..0));
                found.push(
                    source
                        .error(codes::MALFORMED, place, error.message().to_owned())
                        .help("see https://toml.io for the format"),
                );
                return None;
            }
        };
        let top_range = 0..source.text().find('\n').unwrap_or(source.text().len());
        let mut top = Reader::new(document.get_ref(), top_range.clone(), "the file", source);
        let mut name = None;
        let mut lake = root.join("lake");
        match top.table("project", found) {
            Some((table, range)) => {
                let mut project = Reader::new(table, range, "[project]", source);
                name = project.required("name", found).and_then(|(text, place)| {
                    let fits = !text.is_empty()
                        && text
                            .chars()
                            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
                    if !fits {
                        let message = format!("`{text}` is not a name of a project");
                        found.push(
                            source
                                .error(codes::BAD_VALUE, place, message)
                                .help("use letters, digits, `_`, `-` and `.`"),
                        );
                    }
                    fits.then_some(text)
                });
                if let Some((text, place)) = project.string("lake", found)
                    && let Some(text) = expand(&text, place, source, variables, found)
                {
                    lake = root.join(text);
                }
                project.finish(found);
            }
            None => found.push(
                source
                    .error(
                        codes::MISSING_KEY,
                        crate::settings::span(top_range),
                        "there is no table [project]",
                    )
                    .help("add `[project]` with a line `name = \"…\"`"),
            ),
        }

        let mut layers = Profile::layers();
        if let Some((table, _)) = top.table("profile", found) {
            layers = layers.file(table, source);
        }
        let environment = overrides.environment.iter().map(|(name, value)| (name, value));
        layers = layers.environment(environment);
        for (name, value) in &overrides.flags {
            layers = layers.flag(name, value);
        }
        let profile = match layers.load() {
            Ok(profile) => Some(profile),
            Err(wrong) => {
                found.extend(wrong);
                None
            }
        };

        let mut policy = Policy::builder();
        let mut policy_span = Span::new(0, 0);
        if let Some((table, range)) = top.table("policy", found) {
            policy_span = crate::settings::span(range.clone());
            policy = read_policy(Reader::new(table, range, "[policy]", source), policy, found);
        }
        if let Some(profile) = &profile {
            for (key, value) in profile.meaning_settings() {
                policy = policy.session_option(key, value);
            }
        }
        let policy = match policy.build() {
            Ok(policy) => Some(policy),
            Err(error) => {
                let place = source.locate(policy_span);
                found.extend(error.diagnostics().iter().map(|d| d.clone().at(place.clone())));
                None
            }
        };

        let mut sources = Vec::new();
        for (key, key_span, table, range) in top.tables("sources", found) {
            let mut reader = Reader::new(table, range, format!("[sources.{key}]"), source);
            let location = reader.required("location", found);
            reader.finish(found);
            let Some(name) = name_of(&key, key_span, source, found) else { continue };
            if let Some((text, place)) = location
                && let Some(text) = expand(&text, place, source, variables, found)
            {
                let location = table_location(root, &text);
                sources.push(Source { name, location, place: source.locate(place) });
            }
        }

        let mut seeds = Vec::new();
        for (key, key_span, table, range) in top.tables("seeds", found) {
            let mut reader = Reader::new(table, range, format!("[seeds.{key}]"), source);
            let generator = reader.required("generator", found);
            let scale = reader.positive("scale_factor", found);
            reader.finish(found);
            let Some(schema) = name_of(&key, key_span, source, found) else { continue };
            let Some((generator, place)) = generator else { continue };
            if generator != "tpch" {
                let help = match nearest(&generator, ["tpch"]) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "the only generator is `tpch`".to_owned(),
                };
                let message = format!("there is no generator `{generator}`");
                found.push(source.error(codes::BAD_VALUE, place, message).help(help));
                continue;
            }
            let scale = scale.map_or(0.1, |(scale, _)| scale);
            seeds.extend(Generator::tpch(scale).into_iter().filter_map(|(table, generator)| {
                let parts = schema.parts().iter().cloned().chain([table.to_owned()]);
                let name = RelationName::from_parts(parts).ok()?;
                Some(Seed::generated(name, generator, source.locate(key_span)))
            }));
        }
        top.finish(found);
        Some(Self { name: name?, lake, profile: profile?, policy: policy?, seeds, sources })
    }
}

fn read_policy(
    mut reader: Reader<'_>,
    mut policy: PolicyBuilder,
    found: &mut Vec<Diagnostic>,
) -> PolicyBuilder {
    if let Some((dialect, _)) = reader.string("dialect", found) {
        policy = policy.dialect(&dialect);
    }
    if let Some(allow) = reader.boolean("allow_volatile", found) {
        policy = policy.allow_volatile(allow);
    }
    for (function, _) in reader.strings("deny_functions", found) {
        policy = policy.deny_function(&function);
    }
    reader.finish(found);
    policy
}

fn name_of(
    key: &str,
    span: Span,
    source: &SourceText,
    found: &mut Vec<Diagnostic>,
) -> Option<RelationName> {
    match key.parse() {
        Ok(name) => Some(name),
        Err(error) => {
            let error: viewlane_core::NameError = error;
            found.push(source.error(codes::BAD_VALUE, span, error.to_string()));
            None
        }
    }
}

/// Replaces each `${NAME}` by the variable's value. The value itself is never shown.
fn expand(
    text: &str,
    span: Span,
    source: &SourceText,
    variables: Variables<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else {
            let message = format!("`{text}` opens `${{` and never closes it");
            found.push(source.error(codes::BAD_VALUE, span, message));
            return None;
        };
        let name = &rest[start + 2..start + length];
        let Some(value) = variables(name) else {
            let message = format!("the environment variable `{name}` is not set");
            found.push(
                source
                    .error(codes::NO_VARIABLE, span, message)
                    .help(format!("set `{name}`, or write the value itself")),
            );
            return None;
        };
        out.push_str(&rest[..start]);
        out.push_str(&value);
        rest = &rest[start + length + 1..];
    }
    out.push_str(rest);
    Some(out)
}

/// A location of the project file or of a view: a URL as it is, a path relative to the project.
pub(crate) fn table_location(root: &Path, text: &str) -> TableLocation {
    if text.contains("://") {
        TableLocation::new(text)
    } else {
        TableLocation::new(normal(&root.join(text)).to_string_lossy())
    }
}

/// A path without `.` and `..`, so that one place has one spelling. By its text alone: the store
/// does the same, and both must mean the same folder.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// A path as people write it, with `/`, relative to the working directory when it is below it.
fn show(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy())
        .into_owned()
}

fn read_views(root: &Path, found: &mut Vec<Diagnostic>) -> Vec<ViewFile> {
    let folder = root.join("views");
    if !folder.exists() {
        found.push(
            Diagnostic::error(codes::UNREADABLE, "there is no folder `views`")
                .help("make it, and put one SQL file for each view into it"),
        );
        return Vec::new();
    }
    let mut views = Vec::new();
    for (path, relative) in files_below(root, &folder, found) {
        if path.extension().is_none_or(|extension| extension != "sql") {
            let message = format!("`{relative}` is not used: views are `.sql` files");
            found.push(
                Diagnostic::warning(codes::UNUSED_FILE, message).help("move it out of `views`"),
            );
            continue;
        }
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                found.push(unreadable(&relative, &error));
                continue;
            }
        };
        let text = SourceText::new(relative.clone(), text);
        match file_name(&relative) {
            Ok(name) => views.push(ViewFile { name, text }),
            Err(why) => {
                let message = format!("the path gives no name of a view: {why}");
                found.push(
                    text.error(codes::BAD_PATH, Span::new(0, 0), message)
                        .help("use at most two folders below `views`"),
                );
            }
        }
    }
    views
}

fn read_seed_files(root: &Path, found: &mut Vec<Diagnostic>) -> Vec<Seed> {
    let folder = root.join("seeds");
    if !folder.exists() {
        return Vec::new();
    }
    let mut seeds = Vec::new();
    for (path, relative) in files_below(root, &folder, found) {
        let format = match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => SeedFormat::Csv,
            Some("parquet") => SeedFormat::Parquet,
            _ => {
                let message =
                    format!("`{relative}` is not used: seeds are `.csv` and `.parquet` files");
                found.push(
                    Diagnostic::warning(codes::UNUSED_FILE, message).help("move it out of `seeds`"),
                );
                continue;
            }
        };
        match (file_name(&relative), Seed::hash_file(&path)) {
            (Ok(name), Ok(hash)) => seeds.push(Seed::file(name, path, &relative, format, hash)),
            (Err(why), _) => found.push(Diagnostic::error(
                codes::BAD_PATH,
                format!("`{relative}` gives no name of a seed: {why}"),
            )),
            (_, Err(error)) => found.push(unreadable(&relative, &error)),
        }
    }
    seeds
}

/// `views/marts/revenue.sql` is `marts.revenue`.
fn file_name(relative: &str) -> Result<RelationName, viewlane_core::NameError> {
    let stem = relative.rsplit_once('.').map_or(relative, |(stem, _)| stem);
    RelationName::from_parts(stem.split('/').skip(1).map(str::to_ascii_lowercase))
}

/// Every file below a folder with its path relative to the project, sorted; what cannot be read is
/// an error, and what is hidden is left out.
fn files_below(
    root: &Path,
    folder: &Path,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    let mut seen: BTreeSet<PathBuf> = fs::canonicalize(folder).into_iter().collect();
    while let Some(folder) = folders.pop() {
        let relative = |path: &Path| {
            let below = path.strip_prefix(root).unwrap_or(path);
            let parts = below.components().map(|part| part.as_os_str().to_string_lossy());
            parts.collect::<Vec<_>>().join("/")
        };
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                found.push(unreadable(&relative(&folder), &error));
                continue;
            }
        };
        for entry in entries {
            let path = match entry {
                Ok(entry) => entry.path(),
                Err(error) => {
                    found.push(unreadable(&relative(&folder), &error));
                    continue;
                }
            };
            if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
                continue;
            }
            match fs::metadata(&path).map(|kind| (path.clone(), kind)) {
                Ok((path, kind)) if kind.is_dir() => {
                    // A link back to a folder above would never end.
                    let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
                    if seen.insert(real) {
                        folders.push(path);
                    } else {
                        let message =
                            format!("`{}` leads to a folder that is read already", relative(&path));
                        found.push(
                            Diagnostic::error(codes::UNREADABLE, message).help("take the link out"),
                        );
                    }
                }
                Ok((path, _)) => {
                    let relative = relative(&path);
                    files.insert(path, relative);
                }
                Err(error) => found.push(unreadable(&relative(&path), &error)),
            }
        }
    }
    files
}

fn unreadable(relative: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error(codes::UNREADABLE, format!("cannot read `{relative}`"))
        .because(error.to_string())
        .help("make it a readable UTF-8 text, or move it away")
}
