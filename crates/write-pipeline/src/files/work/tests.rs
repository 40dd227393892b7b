use super::*;

/// A destination with one file that says what it is, and the work folder of a write to it.
fn begun(mode: FileMode) -> (tempfile::TempDir, PathBuf, Work) {
    let root = tempfile::tempdir().unwrap();
    let to = root.path().join("t");
    fs::create_dir(&to).unwrap();
    fs::write(to.join("old.csv"), "old").unwrap();
    let policy = WritePolicy { mode, format: crate::FileFormat::Csv, ..WritePolicy::default() };
    let (work, before) = Work::begin(&to, &policy).unwrap().unwrap();
    assert_eq!((before.files, before.bytes), (1, 3));
    fs::create_dir_all(work.new_folder().join("sub")).unwrap();
    fs::write(work.new_folder().join("sub/new.csv"), "new").unwrap();
    (root, to, work)
}

/// As a kill does it: the lock goes, and nothing else.
fn kill(work: Work) {
    let lock = work._lock.try_clone().unwrap();
    lock.unlock().unwrap();
    std::mem::forget(work);
}

fn names(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            found.extend(names(&entry.path()).into_iter().map(|below| format!("{name}/{below}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

#[test]
fn two_folders_change_names_where_the_system_can_do_it() {
    let (root, to, work) = begun(FileMode::Overwrite);
    assert_eq!(work.publish(FileMode::Overwrite, false).unwrap(), None);
    assert_eq!(names(root.path()), ["t/sub/new.csv"]);
    assert_eq!(names(&to), ["sub/new.csv"]);
}

#[test]
fn where_the_system_cannot_the_old_folder_goes_away_first() {
    let (root, _, work) = begun(FileMode::Overwrite);
    work.replace_in_two_steps(&work.new_folder()).unwrap();
    assert_eq!(names(root.path()), [".t.viewlane/old/old.csv", "t/sub/new.csv"]);
    drop(work);
    assert_eq!(names(root.path()), ["t/sub/new.csv"]);
}

#[test]
fn a_kill_between_the_two_steps_is_put_right() {
    for by_write in [false, true] {
        let (root, to, work) = begun(FileMode::Overwrite);
        fs::rename(&to, work.old_folder()).unwrap();
        kill(work);
        assert_eq!(names(root.path()), [".t.viewlane/new/sub/new.csv", ".t.viewlane/old/old.csv"]);
        if by_write {
            let policy = WritePolicy { mode: FileMode::Ignore, ..WritePolicy::default() };
            assert!(Work::begin(&to, &policy).unwrap().is_none(), "the old folder is there again");
        } else {
            assert!(Work::recover(&to).unwrap());
        }
        assert_eq!(names(root.path()), ["t/old.csv"]);
    }
}

#[test]
fn a_kill_after_the_two_steps_keeps_the_new_folder() {
    let (root, to, work) = begun(FileMode::Overwrite);
    work.replace_in_two_steps(&work.new_folder()).unwrap();
    kill(work);
    assert!(Work::recover(&to).unwrap());
    assert_eq!(names(root.path()), ["t/sub/new.csv"]);
    assert!(!Work::recover(&to).unwrap());
}

#[test]
fn a_second_step_that_fails_takes_the_first_one_back() {
    let (root, to, work) = begun(FileMode::Overwrite);
    let error = work.replace_in_two_steps(&root.path().join("nowhere")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(names(&to), ["old.csv"]);
}

#[test]
fn an_append_links_the_old_files_and_replaces_none() {
    let (root, to, work) = begun(FileMode::Append);
    fs::create_dir(to.join("sub")).unwrap();
    fs::write(to.join("sub/older.csv"), "older").unwrap();
    work.publish(FileMode::Append, false).unwrap();
    assert_eq!(names(root.path()), ["t/old.csv", "t/sub/new.csv", "t/sub/older.csv"]);

    let (root, to, work) = begun(FileMode::Append);
    fs::create_dir(to.join("sub")).unwrap();
    fs::write(to.join("sub/new.csv"), "mine").unwrap();
    let error = work.publish(FileMode::Append, false).unwrap_err();
    assert!(matches!(error, Error::Publish { .. }), "{error}");
    assert_eq!(names(root.path()), ["t/old.csv", "t/sub/new.csv"]);
    assert_eq!(fs::read_to_string(to.join("sub/new.csv")).unwrap(), "mine");
}

#[cfg(unix)]
#[test]
fn the_new_folder_has_the_permissions_of_the_old_one() {
    use std::os::unix::fs::PermissionsExt;
    let (_root, to, work) = begun(FileMode::Overwrite);
    fs::set_permissions(&to, fs::Permissions::from_mode(0o750)).unwrap();
    work.publish(FileMode::Overwrite, false).unwrap();
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o750);
}

#[cfg(target_os = "linux")]
#[test]
fn whoever_looks_while_a_folder_is_replaced_always_finds_one() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let (_root, to, work) = begun(FileMode::Overwrite);
    drop(work);
    let policy = WritePolicy { mode: FileMode::Overwrite, ..WritePolicy::default() };
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looks = scope.spawn(|| {
            let mut looks = 0u64;
            while !done.load(Ordering::Relaxed) {
                assert!(to.exists(), "gone at look {looks}");
                looks += 1;
            }
            looks
        });
        for _ in 0..200 {
            let (work, _) = Work::begin(&to, &policy).unwrap().unwrap();
            work.publish(FileMode::Overwrite, false).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        assert!(looks.join().unwrap() > 200);
    });
}
