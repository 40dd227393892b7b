//! Selecting part of a project.

use viewlane_tests::{TestProject, commits};

use crate::PROGRAM;

fn chain() -> TestProject {
    let project = TestProject::new("chain");
    project.view("a", "create materialized view as select 1 as n");
    project.view("b", "create materialized view as select n + 1 as n from a");
    project.view("c", "create materialized view as select n + 1 as n from b");
    project
}

#[test]
fn a_selected_view_needs_what_it_reads_to_be_there() {
    let project = chain();
    let done = project.run(PROGRAM, &["run", "--select", "b"]);
    assert_eq!(done.code, 2);
    insta::assert_snapshot!(done.stderr, @"
    error[VL-E0105]: `a` is read and was never built
      = help: select it too, for example with `+` or by the name `a`

    1 error; nothing was written
    ");
    assert!(project.files("lake").is_empty());
    assert_eq!(project.run(PROGRAM, &["run", "--select", "+b"]).code, 0);
    assert_eq!(commits(&project.table("b")).len(), 1);
    assert!(commits(&project.table("c")).is_empty());
}

#[test]
fn what_is_not_selected_is_read_as_it_is() {
    let project = chain();
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    project.view("a", "create materialized view as select 10 as n");
    project.view("b", "create materialized view as select n + 2 as n from a");
    assert_eq!(project.run(PROGRAM, &["run", "--select", "b"]).code, 0);
    assert_eq!([1, 2, 1], ["a", "b", "c"].map(|view| commits(&project.table(view)).len()));
    assert_eq!(project.run(PROGRAM, &["run", "--exclude", "c"]).code, 0);
    assert_eq!([2, 3, 1], ["a", "b", "c"].map(|view| commits(&project.table(view)).len()));
}
