//! Bad input: what the user sees, and that nothing is written.

use std::fs;

use viewlane_tests::{TestProject, create};

use crate::PROGRAM;

/// Runs a project that must be refused: exit code and message, and no table made or changed.
#[track_caller]
fn refused(project: &TestProject) -> String {
    let before = project.files("lake");
    let done = project.run(PROGRAM, &["run"]);
    assert_eq!(project.files("lake"), before, "a refused run must not write");
    assert_eq!(done.stdout, "", "a refused run has nothing to report");
    format!("exit {}\n{}", done.code, done.stderr)
}

/// A project with one seed and one view.
fn with_view(sql: &str) -> TestProject {
    let project = TestProject::new("shop");
    project.file("seeds/orders.csv", "id,customer,amount\n1,ann,10\n2,bob,20\n");
    project.view("total", sql);
    project
}

#[test]
fn a_folder_without_a_project() {
    let project = TestProject::new("shop");
    fs::remove_file(project.root().join("viewlane.toml")).unwrap();
    let done = project.run(PROGRAM, &["run"]);
    insta::assert_snapshot!(format!("exit {}\n{}", done.code, done.stderr), @"
    exit 2
    error[VL-C0401]: there is no `viewlane.toml` here or above
      = help: go to a project folder, or name one with `--project-dir`

    1 error; nothing was written
    ");
    let done = project.run(PROGRAM, &["run", "nowhere"]);
    insta::assert_snapshot!(format!("exit {}\n{}", done.code, done.stderr), @"
    exit 2
    error[VL-C0101]: there is no `viewlane.toml` in `nowhere`
      = help: go to a project folder, or name one

    1 error; nothing was written
    ");
}

#[test]
fn a_malformed_project_file() {
    let project = with_view("select 1 as n");
    project.file("viewlane.toml", "[project]\nname = shop\n");
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-C0102]: string values must be quoted, expected literal string
      --> viewlane.toml:2:8
       |
     2 | name = shop
       |        ^^^^
      = help: see https://toml.io for the format

    1 error; nothing was written
    ");
}

#[test]
fn unknown_keys_and_bad_values_all_at_once() {
    let project = with_view(
        "create materialized view with (refesh = 'full', refresh = 'sometimes') as select 1 as n",
    );
    project.file(
        "viewlane.toml",
        "[project]\nname = \"shop\"\nlakes = \"x\"\n\n[profile]\nbatch_sise = 1\n\n[policy]\ndialect = \"genric\"\n\n[seeds.t]\ngenerator = \"tpcds\"\nscale_factor = 0\n\n[sources.s]\npath = \"x\"\n",
    );
    insta::assert_snapshot!(refused(&project), @r#"
    exit 2
    error[VL-C0103]: [project] has no key `lakes`
      --> viewlane.toml:3:1
       |
     3 | lakes = "x"
       | ^^^^^
      = help: did you mean `lake`?

    error[VL-R0102]: there is no knob `batch_sise`
      --> viewlane.toml:6:1
       |
     6 | batch_sise = 1
       | ^^^^^^^^^^
      = help: did you mean `batch_size`?

    error[VL-P0601]: there is no dialect `genric`
      --> viewlane.toml:8:1
       |
     8 | [policy]
       | ^^^^^^^^
      = help: did you mean `generic`?

    error[VL-C0104]: there is no generator `tpcds`
      --> viewlane.toml:12:13
        |
     12 | generator = "tpcds"
        |             ^^^^^^^
      = help: the only generator is `tpch`

    error[VL-C0104]: `scale_factor` must be a number above zero, not `0`
      --> viewlane.toml:13:16
        |
     13 | scale_factor = 0
        |                ^

    error[VL-C0105]: [sources.s] needs `location`
      --> viewlane.toml:15:1
        |
     15 | [sources.s]
        | ^^^^^^^^^^^
      = help: add a line `location = "…"`

    error[VL-C0103]: [sources.s] has no key `path`
      --> viewlane.toml:16:1
        |
     16 | path = "x"
        | ^^^^
      = help: use one of: location

    7 errors; nothing was written
    "#);
    project.file("viewlane.toml", "[project]\nname = \"shop\"\n");
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-C0204]: a view has no option `refesh`
      --> views/total.sql:1:32
       |
     1 | create materialized view with (refesh = 'full', refresh = 'sometimes') as select 1 as n
       |                                ^^^^^^
      = help: did you mean `refresh`?

    error[VL-C0205]: `refresh` cannot be `sometimes`
      --> views/total.sql:1:59
       |
     1 | create materialized view with (refesh = 'full', refresh = 'sometimes') as select 1 as n
       |                                                           ^^^^^^^^^^^
      = help: use one of: auto, incremental, incremental_strict, full

    2 errors; nothing was written
    ");
}

#[test]
fn two_statements_none_and_statements_that_write() {
    insta::assert_snapshot!(refused(&with_view("select 1 as n;\nselect 2 as n")), @"
    exit 2
    error[VL-P0203]: a second statement begins here
      --> views/total.sql:2:1
       |
     2 | select 2 as n
       | ^^^^^^
      = help: put each statement into a file of its own

    1 error; nothing was written
    ");
    insta::assert_snapshot!(refused(&with_view("-- nothing yet\n")), @"
    exit 2
    error[VL-P0202]: the text holds no statement
      --> views/total.sql:2:1
      = help: write a query, or remove the file

    1 error; nothing was written
    ");
    insta::assert_snapshot!(refused(&with_view("drop table orders")), @"
    exit 2
    error[VL-P0204]: `DROP` is not a query
      --> views/total.sql:1:1
       |
     1 | drop table orders
       | ^^^^
      = help: write a SELECT; data is written by refreshing a view, never by a statement

    1 error; nothing was written
    ");
    insta::assert_snapshot!(refused(&with_view("insert into orders select * from orders")), @"
    exit 2
    error[VL-P0204]: `INSERT` is not a query
      --> views/total.sql:1:1
       |
     1 | insert into orders select * from orders
       | ^^^^^^
      = help: write a SELECT; data is written by refreshing a view, never by a statement

    1 error; nothing was written
    ");
    insta::assert_snapshot!(refused(&with_view("select * from orders where id in (delete from orders)")), @"
    exit 2
    error[VL-P0303]: a query must not write, but here is `DELETE`
      --> views/total.sql:1:35
       |
     1 | select * from orders where id in (delete from orders)
       |                                   ^^^^^^
      = help: write a SELECT; data is written by refreshing a view

    1 error; nothing was written
    ");
}

#[test]
fn a_template_marker() {
    insta::assert_snapshot!(
        refused(&with_view("select id from {{ ref('orders') }}\nwhere amount > 5")),
        @"
    exit 2
    error[VL-P0101]: `{{` begins a template, not SQL
      --> views/total.sql:1:16
       |
     1 | select id from {{ ref('orders') }}
       |                ^^
      = help: render the template first: a view is plain SQL

    1 error; nothing was written
    "
    );
}

#[test]
fn unknown_tables_unknown_and_ambiguous_columns_in_one_go() {
    let project = with_view("select sum(amout) as total\nfrom orders");
    project.view("lost", "create materialized view as\nselect * from ordes");
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-G0102]: `lost` reads `ordes`, which does not exist
      --> views/lost.sql:2:15
       |
     2 | select * from ordes
       |               ^^^^^
      = help: did you mean `orders`?

    1 error; nothing was written
    ");
    fs::remove_file(project.root().join("views/lost.sql")).unwrap();
    project.view(
        "twice",
        "create materialized view as\nselect customer\nfrom orders a join orders b on a.id = b.id",
    );
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-P0702]: there is no column `amout`
      --> views/total.sql:1:12
       |
     1 | select sum(amout) as total
       |            ^^^^^
      = help: did you mean `amount`?

    error[VL-P0703]: column `customer` exists in more than one relation
      --> views/twice.sql:2:8
       |
     2 | select customer
       |        ^^^^^^^^
      = help: write the relation in front of it, as in `a.customer` or `b.customer`

    2 errors; nothing was written
    ");
}

#[test]
fn a_cycle() {
    let project = with_view("select * from marts.b");
    project.view("marts.b", "select * from marts.c");
    project.view("marts.c", "select * from total");
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-G0103]: views read one another in a circle: `marts.b` → `marts.c` → `total` → `marts.b`
      --> views/marts/b.sql:1:15
       |
     1 | select * from marts.c
       |               ^^^^^^^
      = help: take one of these reads out

    1 error; nothing was written
    ");
}

#[test]
fn two_files_that_give_one_name() {
    let project = with_view("select 1 as n");
    project.view("Total", "select 2 as n");
    project.view("orders", "select 3 as n");
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-G0101]: `orders` is defined 2 times
      --> seeds/orders.csv:1:1
      = because: it is given by `views/orders.sql` and `seeds/orders.csv`
      = help: rename all but one of them

    error[VL-G0101]: `total` is defined 2 times
      --> views/total.sql:1:1
       |
     1 | select 1 as n
       | ^
      = because: it is given by `views/Total.sql` and `views/total.sql`
      = help: rename all but one of them

    2 errors; nothing was written
    ");
}

#[test]
fn a_folder_that_cannot_be_read() {
    let project = with_view("select 1 as n");
    std::os::unix::fs::symlink("loop", project.root().join("views/loop")).unwrap();
    fs::write(project.root().join("views/latin.sql"), b"select '\xe9' as n").unwrap();
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-C0201]: cannot read `views/latin.sql`
      = because: stream did not contain valid UTF-8
      = help: make it a readable UTF-8 text, or move it away

    error[VL-C0201]: cannot read `views/loop`
      = because: Too many levels of symbolic links (os error 40)
      = help: make it a readable UTF-8 text, or move it away

    2 errors; nothing was written
    ");
    fs::remove_dir_all(project.root().join("views")).unwrap();
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-C0201]: there is no folder `views`
      = help: make it, and put one SQL file for each view into it

    1 error; nothing was written
    ");
}

#[test]
fn a_place_that_holds_something_else() {
    let project = with_view("create materialized view as select sum(amount) as total from orders");
    project.file("lake/total/notes.txt", "mine");
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-D0102]: `[root]/lake/total` holds no Delta table: it holds `notes.txt`
      --> views/total.sql:1:29
       |
     1 | create materialized view as select sum(amount) as total from orders
       |                             ^^^^^^
      = help: move it away, or store `total` elsewhere

    1 error; nothing was written
    ");
}

#[tokio::test]
async fn a_place_that_holds_a_table_of_another_tool() {
    let project = with_view("create materialized view as select sum(amount) as total from orders");
    create(&project.table("total"), "select 1 as total").await;
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-E0201]: the table at `lake/total` belongs to another tool
      --> views/total.sql:1:29
       |
     1 | create materialized view as select sum(amount) as total from orders
       |                             ^^^^^^
      = help: move it away, or store `total` elsewhere

    1 error; nothing was written
    ");
}

#[test]
fn a_place_that_holds_another_projects_table() {
    let project = with_view("create materialized view as select sum(amount) as total from orders");
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    project.file("viewlane.toml", "[project]\nname = \"other\"\n");
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-E0201]: the table at `lake/orders` belongs to `orders` of project `shop`
      --> seeds/orders.csv:1:1
      = help: move it away, or store `orders` elsewhere

    error[VL-E0201]: the table at `lake/total` belongs to `total` of project `shop`
      --> views/total.sql:1:29
       |
     1 | create materialized view as select sum(amount) as total from orders
       |                             ^^^^^^
      = help: move it away, or store `total` elsewhere

    2 errors; nothing was written
    ");
}

#[tokio::test]
async fn a_source_that_disappeared() {
    let mut project =
        with_view("create materialized view as select sum(n) as total from ext.events");
    let place = project.root().join("elsewhere");
    create(&place, "select 1 as n").await;
    project.settings("[sources.\"ext.events\"]\nlocation = \"elsewhere\"");
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    fs::remove_dir_all(&place).unwrap();
    insta::assert_snapshot!(refused(&project), @r#"
    exit 2
    error[VL-D0103]: there is no Delta table at `[root]/elsewhere`
      --> viewlane.toml:4:12
       |
     4 | location = "elsewhere"
       |            ^^^^^^^^^^^
      = help: check the location of source `ext.events`

    1 error; nothing was written
    "#);
}

#[test]
fn a_variable_that_is_not_set() {
    let mut project = with_view("select 1 as n");
    project.settings("[sources.s]\nlocation = \"${VIEWLANE_TEST_UNSET}/x\"");
    insta::assert_snapshot!(refused(&project), @r#"
    exit 2
    error[VL-C0106]: the environment variable `VIEWLANE_TEST_UNSET` is not set
      --> viewlane.toml:4:12
       |
     4 | location = "${VIEWLANE_TEST_UNSET}/x"
       |            ^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: set `VIEWLANE_TEST_UNSET`, or write the value itself

    1 error; nothing was written
    "#);
}

#[test]
fn a_broken_contract_and_columns_that_do_not_exist() {
    let project = with_view(
        "create materialized view (customer int not null, totl bigint, primary key (customer))\nwith (partition_by = 'custmer') as\nselect customer, sum(amount) as total from orders group by customer",
    );
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-S0201]: column `customer` is declared as Int32, the query gives Utf8
      --> views/total.sql:1:27
       |
     1 | create materialized view (customer int not null, totl bigint, primary key (customer))
       |                           ^^^^^^^^
      = help: cast it to Int32, or change the column list

    error[VL-S0201]: column `totl` is declared, but the query does not give it
      --> views/total.sql:1:50
       |
     1 | create materialized view (customer int not null, totl bigint, primary key (customer))
       |                                                  ^^^^
      = help: the query gives `total`: rename one of the two

    error[VL-C0205]: `partition_by` names `custmer`, which the query does not give
      --> views/total.sql:2:22
       |
     2 | with (partition_by = 'custmer') as
       |                      ^^^^^^^^^
      = help: did you mean `customer`?

    error[VL-S0201]: the query gives column `total`, which is not declared
      --> views/total.sql:3:1
       |
     3 | select customer, sum(amount) as total from orders group by customer
       | ^^^^^^
      = help: declare it, or set `contract = 'additive'` to allow further columns

    4 errors; nothing was written
    ");
}

#[test]
fn types_that_delta_cannot_hold() {
    let project = with_view(
        "create materialized view as\nselect row_number() over (order by id) as place from orders",
    );
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-D0201]: column `place` has type UInt64, which Delta cannot hold: cast it to BIGINT or DECIMAL(20, 0)
      --> views/total.sql:2:1
       |
     2 | select row_number() over (order by id) as place from orders
       | ^^^^^^

    1 error; nothing was written
    ");
}

#[test]
fn options_that_have_no_effect_are_told() {
    let project = with_view("create view with (partition_by = 'n') as select 1 as n");
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-C0205]: `partition_by` has no effect on a view that is not stored
      --> views/total.sql:1:19
       |
     1 | create view with (partition_by = 'n') as select 1 as n
       |                   ^^^^^^^^^^^^
      = help: write `CREATE MATERIALIZED VIEW`, or remove the option

    1 error; nothing was written
    ");
    let project = with_view(
        "create materialized view with (refresh = 'incremental_strict') as select 1 as n",
    );
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-E0205]: this version refreshes in full; `incremental_strict` cannot be kept
      --> views/total.sql:1:42
       |
     1 | create materialized view with (refresh = 'incremental_strict') as select 1 as n
       |                                          ^^^^^^^^^^^^^^^^^^^^
      = help: use `auto`, which becomes incremental as soon as it can

    1 error; nothing was written
    ");
    let project = with_view("create materialized view with (unique_key = 'n') as select 1 as n");
    project.file("views/README.md", "notes");
    let done = project.run(PROGRAM, &["run"]);
    assert_eq!(done.code, 0);
    insta::assert_snapshot!(done.stderr, @"
    warning[VL-C0206]: `views/README.md` is not used: views are `.sql` files
      = help: move it out of `views`

    warning[VL-C0207]: `unique_key` has no effect: this version refreshes in full
      --> views/total.sql:1:32
       |
     1 | create materialized view with (unique_key = 'n') as select 1 as n
       |                                ^^^^^^^^^^
    ");
}

#[test]
fn wrong_usage() {
    let project = with_view("select 1 as n");
    for arguments in [&["rum"][..], &["run", "--selct", "x"], &["run", "--select", "totl"]] {
        let done = project.run(PROGRAM, arguments);
        assert_eq!(done.code, 2, "{}", done.stderr);
        assert!(project.files("lake").is_empty());
    }
    let done = project.run(PROGRAM, &["run", "--select", "totl"]);
    insta::assert_snapshot!(done.stderr, @"
    error[VL-G0201]: `totl` selects no view
      = help: did you mean `total`?

    1 error; nothing was written
    ");
}

#[test]
fn tables_that_would_lie_within_one_another() {
    let project = with_view("create materialized view as select 1 as n");
    project.view("total.part", "create materialized view as select 2 as n");
    insta::assert_snapshot!(refused(&project), @"
    exit 2
    error[VL-C0208]: view `total.part` would be stored within the folder of view `total`
      --> views/total/part.sql:1:1
       |
     1 | create materialized view as select 2 as n
       | ^
      = help: give each table a folder of its own, by another name or by `location`

    1 error; nothing was written
    ");
}

#[test]
fn links_that_lead_back() {
    let project = with_view("select 1 as n");
    std::os::unix::fs::symlink(".", project.root().join("views/one")).unwrap();
    std::os::unix::fs::symlink("..", project.root().join("views/two")).unwrap();
    std::os::unix::fs::symlink("nowhere", project.root().join("views/.#lock")).unwrap();
    let done = project.run(PROGRAM, &["check"]);
    assert_eq!(done.code, 2);
    insta::assert_snapshot!(done.stderr, @"
    error[VL-C0201]: `views/one` leads to a folder that is read already
      = help: take the link out

    error[VL-C0201]: `views/two/views` leads to a folder that is read already
      = help: take the link out

    warning[VL-C0206]: `views/two/seeds/orders.csv` is not used: views are `.sql` files
      = help: move it out of `views`

    warning[VL-C0206]: `views/two/viewlane.toml` is not used: views are `.sql` files
      = help: move it out of `views`

    2 errors; nothing was written
    ");
}
