use crate::support::{run, session, transcript};

#[tokio::test]
async fn functions_of_the_session_are_rows() {
    let context = session();
    insta::assert_snapshot!(
        transcript(
            &context,
            &[
                "SELECT name, kind, tier, pack, volatility, fallible, aliases, parameters, returns, lanes \
                 FROM functions() WHERE name IN ('stable_id', 'abs', 'arg_max', 'functions', 'random') \
                 ORDER BY name",
                "SELECT kind, tier, count(*) FROM functions() WHERE pack <> 'engine' \
                 GROUP BY kind, tier ORDER BY kind",
                "SELECT argument_names, argument_descriptions FROM function_docs() \
                 WHERE name = 'stable_id'",
                "SELECT * FROM functions(1)",
            ],
        )
        .await
    );
}

/// What is made later is there later: the rows are read when a query is planned.
#[tokio::test]
async fn a_function_that_is_made_later_is_a_row_then() {
    let context = session();
    let count = "SELECT count(*) AS n FROM functions() WHERE name = 'later' AND tier = 'sql_macro'";
    assert!(run(&context, count).await.contains("| 0 |"));
    run(&context, "CREATE FUNCTION later(x BIGINT) RETURNS BIGINT RETURN $x").await;
    assert!(run(&context, count).await.contains("| 1 |"));
    run(&context, "DROP FUNCTION later").await;
    assert!(run(&context, count).await.contains("| 0 |"));
}

#[tokio::test]
async fn caches_show_what_a_scan_left_in_them() {
    let folder = std::env::temp_dir().join(format!("viewlane-caches-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("rows.parquet").display().to_string();
    let context = session();
    run(&context, &format!("COPY (VALUES (1), (2)) TO '{file}' STORED AS PARQUET")).await;
    let location = folder.display();
    run(&context, &format!("CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '{location}/'"))
        .await;
    let entries = |table: &'static str| {
        let context = &context;
        async move { run(context, &format!("SELECT count(*) > 0 AS some FROM {table}()")).await }
    };
    assert!(run(&context, "SELECT sum(column1) AS n FROM t").await.contains("| 3 |"));
    for table in ["list_files_cache", "metadata_cache", "statistics_cache"] {
        assert!(entries(table).await.contains("true"), "{table}");
    }
    let rows = run(&context, "SELECT rows, rows_exact, columns FROM statistics_cache()").await;
    assert!(rows.contains("| 2    | true       | 1       |"), "{rows}");
    let hits = "SELECT sum(hits) AS n FROM metadata_cache()";
    let before = run(&context, hits).await;
    run(&context, "SELECT sum(column1) FROM t").await;
    assert_ne!(run(&context, hits).await, before);
    std::fs::remove_dir_all(&folder).unwrap();
}
