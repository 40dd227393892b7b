//! DataFusion's own test files, TPC-H and TPC-DS through the lane: everything that
//! `cargo xtask corpus` runs, but for a few files that only make the engine spill.

use std::time::Duration;

use viewlane_tests::corpus::{Corpus, Report, Suite};

/// For one query. Long, because the machine may have much else to do.
const LIMIT: Duration = Duration::from_secs(600);

/// Tens of seconds each without optimisation, for a handful of queries.
const SLOW: [&str; 4] = [
    "aggregate_memory_spill.slt",
    "nested_loop_join_spill.slt",
    "ordered_aggregate_spill.slt",
    "push_down_filter_regression.slt",
];

fn assert_equal(report: &Report) {
    for kind in ["wrong", "names", "types", "lineage"] {
        let found: Vec<_> = report
            .listed(kind)
            .map(|case| format!("{}: {}\n{}", case.place, case.sql, case.reason()))
            .collect();
        assert!(found.is_empty(), "{kind}:\n{}", found.join("\n\n"));
    }
}

#[test]
fn the_lane_changes_nothing_about_the_queries_of_the_engines_own_tests() {
    let report = Corpus::new([Suite::Slt]).except(SLOW).limit(LIMIT).run();

    assert_equal(&report);
    let board = report.total();
    assert!(board.passes(), "{board}");
    assert!(board.candidates >= 12_000, "{board}");
    assert!(board.error_cases >= 1_000, "{board}");
    assert!(board.skipped <= 150, "{board}");
    assert!(board.traced >= 11_000, "{board}");
}

#[test]
fn the_lane_changes_nothing_about_tpch_and_tpcds() {
    let report = Corpus::new([Suite::Tpch, Suite::Tpcds]).limit(LIMIT).run();

    assert_equal(&report);
    let board = report.suite(Suite::Tpch);
    assert_eq!((board.equal, board.empty), (22, 0), "{board}");
    let board = report.suite(Suite::Tpcds);
    assert_eq!(board.equal, board.candidates, "{board}");
    assert_eq!(board.skipped, 0, "{board}");
    let board = report.total();
    assert!(board.traced >= 80, "{board}");
}
