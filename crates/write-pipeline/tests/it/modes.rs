use std::{
    fs,
    sync::{Arc, Mutex},
};

use viewlane_write_pipeline::{
    FileMode, FileOutcome, Progress, RowLimits, WriteEvent, WritePolicy, write_files,
};

use crate::helpers::{
    assert_no_litter, bag, files, people, read, request, session, settings, target, told, write,
};

fn mode(mode: FileMode) -> WritePolicy {
    WritePolicy { mode, ..WritePolicy::default() }
}

#[tokio::test]
async fn each_mode_does_what_it_says_to_a_folder() {
    let root = tempfile::tempdir().unwrap();
    let to = root.path().join("parent/people");
    let (one, two) = (people(0, 100), people(100, 50));
    let policy = mode(FileMode::Error);
    let created = write(&to, std::slice::from_ref(&one), &policy).await.unwrap();
    assert_eq!(created.outcome, FileOutcome::Created);
    assert_eq!((created.rows, created.files.len()), (100, 1));
    let on_disk = fs::metadata(to.join(&created.files[0].path)).unwrap().len();
    assert_eq!((created.bytes, created.files[0].bytes), (on_disk, on_disk));
    assert_eq!(created.bag, bag(std::slice::from_ref(&one)));

    insta::assert_snapshot!(
        told(write(&to, std::slice::from_ref(&two), &policy).await, root.path()),
        @"VL-W0209: there is something at `/parent/people` already"
    );
    let ignored = write(&to, std::slice::from_ref(&two), &mode(FileMode::Ignore)).await.unwrap();
    assert_eq!((ignored.outcome, ignored.rows), (FileOutcome::Ignored, 0));
    assert_eq!(bag(&read(&to, &policy, &one.schema()).await), created.bag);

    let appended = write(&to, std::slice::from_ref(&two), &mode(FileMode::Append)).await.unwrap();
    assert_eq!((appended.outcome, appended.rows), (FileOutcome::Appended, 50));
    assert_eq!(appended.bag, bag(std::slice::from_ref(&two)), "the receipt is of this write");
    let both = read(&to, &policy, &one.schema()).await;
    assert_eq!(bag(&both), bag(&[one.clone(), two.clone()]));

    let replaced =
        write(&to, std::slice::from_ref(&two), &mode(FileMode::Overwrite)).await.unwrap();
    let bytes = created.bytes + appended.bytes;
    assert_eq!(replaced.outcome, FileOutcome::Replaced { files: 2, bytes });
    assert_eq!(bag(&read(&to, &policy, &one.schema()).await), bag(&[two]));
    assert_no_litter(root.path());
}

#[tokio::test]
async fn each_mode_does_what_it_says_to_a_single_file() {
    let root = tempfile::tempdir().unwrap();
    let to = root.path().join("people.parquet");
    let single = |mode| WritePolicy { mode, single_file: true, ..WritePolicy::default() };
    let created = write(&to, &[people(0, 10)], &single(FileMode::Error)).await.unwrap();
    assert_eq!(created.files[0].path, "people.parquet");
    insta::assert_snapshot!(
        told(write(&to, &[people(5, 5)], &single(FileMode::Error)).await, root.path()),
        @"VL-W0209: there is something at `/people.parquet` already"
    );
    insta::assert_snapshot!(
        told(write(&to, &[people(5, 5)], &single(FileMode::Append)).await, root.path()),
        @"VL-W0207: rows cannot be appended to a single file; write to a folder"
    );
    let ignored = write(&to, &[people(5, 5)], &single(FileMode::Ignore)).await.unwrap();
    assert_eq!(ignored.outcome, FileOutcome::Ignored);
    let replaced = write(&to, &[people(5, 5)], &single(FileMode::Overwrite)).await.unwrap();
    assert_eq!(replaced.outcome, FileOutcome::Replaced { files: 1, bytes: created.bytes });
    let read = read(&to, &single(FileMode::Error), &people(0, 0).schema()).await;
    assert_eq!(bag(&read), bag(&[people(5, 5)]));
    assert_eq!(files(root.path()), [to]);
    assert_no_litter(root.path());
}

#[tokio::test]
async fn a_link_to_a_folder_is_followed() {
    let root = tempfile::tempdir().unwrap();
    let (real, link) = (root.path().join("real"), root.path().join("link"));
    write(&real, &[people(0, 10)], &mode(FileMode::Error)).await.unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    write(&link, &[people(0, 7)], &mode(FileMode::Overwrite)).await.unwrap();
    assert!(link.is_symlink());
    let read = read(&real, &mode(FileMode::Error), &people(0, 0).schema()).await;
    assert_eq!(bag(&read), bag(&[people(0, 7)]));
    assert_no_litter(root.path());
}

#[tokio::test]
async fn an_empty_folder_counts_as_nothing_and_no_rows_are_readable() {
    let root = tempfile::tempdir().unwrap();
    for format in ["parquet", "csv", "json", "arrow"] {
        let to = root.path().join(format);
        fs::create_dir(&to).unwrap();
        let policy = settings(&format!("format = '{format}'"));
        let receipt = write(&to, &[people(0, 0)], &policy).await.unwrap();
        assert_eq!((receipt.outcome, receipt.files.len()), (FileOutcome::Created, 1), "{format}");
        let rows: usize =
            read(&to, &policy, &people(0, 0).schema()).await.iter().map(|b| b.num_rows()).sum();
        assert_eq!(rows, 0, "{format}");
        let more = settings(&format!("format = '{format}'\nmode = 'append'"));
        let receipt = write(&to, &[people(0, 0)], &more).await.unwrap();
        assert_eq!((receipt.outcome, receipt.files.len()), (FileOutcome::Appended, 0), "{format}");
    }
    assert_no_litter(root.path());
}

#[tokio::test]
async fn what_is_of_another_kind_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let (file, table) = (root.path().join("file"), root.path().join("table"));
    fs::write(&file, "mine").unwrap();
    fs::create_dir_all(table.join("_delta_log")).unwrap();
    let overwrite = |single_file| WritePolicy { single_file, ..mode(FileMode::Overwrite) };
    insta::assert_snapshot!(
        told(write(&file, &[people(0, 1)], &overwrite(false)).await, root.path()),
        @"VL-W0210: `/file` is a file, and a folder is to be written"
    );
    insta::assert_snapshot!(
        told(write(&table, &[people(0, 1)], &overwrite(true)).await, root.path()),
        @"VL-W0210: `/table` is a folder, and a single file is to be written"
    );
    for policy in [overwrite(false), mode(FileMode::Append)] {
        let refused = told(write(&table, &[people(0, 1)], &policy).await, root.path());
        insta::allow_duplicates! {
            insta::assert_snapshot!(
                refused,
                @"VL-W0210: `/table` is a Delta table, which has ways of its own to be written"
            );
        }
    }
    let to = root.path().join("people");
    write(&to, &[people(0, 1)], &mode(FileMode::Error)).await.unwrap();
    let csv = settings("format = 'csv'\nmode = 'append'");
    let told_of_csv = told(write(&to, &[people(0, 1)], &csv).await, root.path());
    assert!(
        told_of_csv.ends_with("is not one of the `.csv` files to be appended"),
        "{told_of_csv}"
    );
    let split = settings("partition_by = ['name']\nmode = 'append'");
    let told_of_split = told(write(&to, &[people(0, 1)], &split).await, root.path());
    assert!(told_of_split.starts_with("VL-W0210: `/people/part-"), "{told_of_split}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    assert_no_litter(&to);
}

#[tokio::test]
async fn a_second_write_to_the_same_place_waits_for_nobody() {
    let root = tempfile::tempdir().unwrap();
    let to = root.path().join("people");
    let schema = people(0, 0).schema();
    let (open, gate) = tokio::sync::oneshot::channel::<()>();
    // Rows that do not come before the gate is opened.
    let mut slow = request(vec![], &schema);
    let rows = futures::stream::once(async move {
        gate.await.unwrap();
        Ok(people(0, 10))
    });
    slow.streams.push(Box::pin(datafusion::physical_plan::stream::RecordBatchStreamAdapter::new(
        Arc::clone(&schema),
        rows,
    )));
    let first = tokio::spawn({
        let to = target(&to);
        async move { write_files(&to, slow, &WritePolicy::default(), &session()).await }
    });
    while !root.path().join(".people.viewlane/new").exists() {
        tokio::task::yield_now().await;
    }
    insta::assert_snapshot!(
        told(write(&to, &[people(0, 1)], &mode(FileMode::Overwrite)).await, root.path()),
        @"VL-W0211: another write to `/people` is under way"
    );
    insta::assert_snapshot!(
        told(target(&to).recover().await, root.path()),
        @"VL-W0211: another write to `/people` is under way"
    );
    open.send(()).unwrap();
    assert_eq!(first.await.unwrap().unwrap().rows, 10);
    assert_no_litter(root.path());
}

#[tokio::test]
async fn rows_that_break_a_rule_leave_everything_as_it_was() {
    let root = tempfile::tempdir().unwrap();
    let to = root.path().join("people");
    let schema = people(0, 0).schema();
    write(&to, &[people(0, 10)], &mode(FileMode::Error)).await.unwrap();
    let before = files(root.path());
    for replace in [mode(FileMode::Overwrite), mode(FileMode::Append)] {
        let mut named = request(vec![vec![people(0, 10)], vec![people(10, 5)]], &schema);
        named.not_null.insert("name".to_owned());
        let result = write_files(&target(&to), named, &replace, &session()).await;
        assert!(told(result, root.path()).starts_with("VL-W0101: column `name`"));
        let mut few = request(vec![vec![people(0, 10)], vec![people(10, 5)]], &schema);
        few.rows = RowLimits { min: Some(16), max: None };
        let result = write_files(&target(&to), few, &replace, &session()).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(
                told(result, root.path()),
                @"VL-W0105: 15 rows came, but at least 16 are expected"
            );
        }
        assert_eq!(files(root.path()), before);
    }
    assert_no_litter(root.path());
}

#[derive(Debug, Default)]
struct Heard(Mutex<Vec<String>>);

impl Progress for Heard {
    fn record(&self, event: WriteEvent<'_>) {
        let text = match event {
            WriteEvent::File { path, rows, bytes } => {
                let ending = path.rsplit('.').next().unwrap();
                format!("{ending} file of {rows} rows, has bytes: {}", bytes > 0)
            }
            WriteEvent::Visible { files, rows, bytes } => {
                format!("{files} files of {rows} rows visible, have bytes: {}", bytes > 0)
            }
            other => format!("{other:?}"),
        };
        self.0.lock().unwrap().push(text);
    }
}

#[tokio::test]
async fn whoever_listens_hears_of_rows_files_and_the_end() {
    let root = tempfile::tempdir().unwrap();
    let heard = Arc::new(Heard::default());
    let mut session = session();
    session.progress = Arc::clone(&heard) as Arc<dyn Progress>;
    let policy = settings("max_file_rows = 15");
    let rows = request(vec![vec![people(0, 10), people(10, 10)]], &people(0, 0).schema());
    write_files(&target(&root.path().join("people")), rows, &policy, &session).await.unwrap();
    insta::assert_snapshot!(heard.0.lock().unwrap().join("\n"), @r"
    Rows { rows: 10 }
    Rows { rows: 5 }
    parquet file of 15 rows, has bytes: true
    Rows { rows: 5 }
    parquet file of 5 rows, has bytes: true
    2 files of 20 rows visible, have bytes: true
    ");
}
