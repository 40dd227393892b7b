use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

/// A project in a folder of its own that is gone with it.
#[derive(Debug)]
pub struct TestProject {
    folder: TempDir,
    settings: String,
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Finished {
    /// Exit code; -1 for a signal.
    pub code: i32,
    /// Standard output, with the project's folder shown as `[root]`.
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
}

impl TestProject {
    /// A project with nothing but a name.
    pub fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("views")).unwrap();
        let project = Self { folder, settings: format!("[project]\nname = \"{name}\"\n") };
        project.file("viewlane.toml", &project.settings);
        project
    }

    /// A copy of an example of the documents, without what a run left there.
    pub fn example(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples");
        copy(&examples.join(name), folder.path());
        let settings = fs::read_to_string(folder.path().join("viewlane.toml")).unwrap();
        Self { folder, settings }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Where a view or seed is stored.
    pub fn table(&self, name: &str) -> PathBuf {
        name.split('.').fold(self.root().join("lake"), |path, part| path.join(part))
    }

    /// Writes a file below the folder.
    pub fn file(&self, path: &str, text: &str) -> &Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Writes a view.
    pub fn view(&self, name: &str, sql: &str) -> &Self {
        self.file(&format!("views/{}.sql", name.replace('.', "/")), sql)
    }

    /// Adds lines to the project file.
    pub fn settings(&mut self, lines: &str) -> &Self {
        self.settings.push_str(lines);
        self.settings.push('\n');
        self.file("viewlane.toml", &self.settings)
    }

    /// Starts a program on the project.
    pub fn start(&self, program: &str, arguments: &[&str]) -> Child {
        Command::new(program)
            .args(arguments)
            .current_dir(self.root())
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Waits for a program and takes what it said.
    pub fn finish(&self, child: Child) -> Finished {
        let output = child.wait_with_output().unwrap();
        let root = self.root().canonicalize().unwrap();
        let show = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes)
                .replace(&*root.to_string_lossy(), "[root]")
                .replace(&*self.root().to_string_lossy(), "[root]")
        };
        Finished {
            code: output.status.code().unwrap_or(-1),
            stdout: show(&output.stdout),
            stderr: show(&output.stderr),
        }
    }

    /// Runs a program on the project to its end.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Finished {
        self.finish(self.start(program, arguments))
    }

    /// Everything below a folder with its content, to show that nothing was written.
    pub fn files(&self, below: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut open = vec![self.root().join(below)];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else if path.is_file() {
                files.push((path.clone(), fs::read(&path).unwrap()));
            }
        }
        files.sort();
        files
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        match entry.file_type().unwrap().is_dir() {
            true if name == "lake" || name == "target" => {}
            true => copy(&entry.path(), &to.join(name)),
            false => {
                fs::copy(entry.path(), to.join(name)).unwrap();
            }
        }
    }
}
