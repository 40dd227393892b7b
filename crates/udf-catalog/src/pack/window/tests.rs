use crate::support::{put_rows, session, transcript};

#[tokio::test]
async fn rows_are_numbered_and_ranked_within_their_partition() {
    let context = session();
    put_rows(
        &context,
        &[
            (1, Some(3), Some("a")),
            (1, Some(3), Some("b")),
            (1, None, Some("c")),
            (1, Some(7), Some("d")),
            (2, Some(1), Some("e")),
        ],
    );
    insta::assert_snapshot!(
        transcript(
            &context,
            &[
                "SELECT v, row_index() OVER (PARTITION BY g ORDER BY v) AS i, \
                 dedupe_best_by_score(k) OVER (PARTITION BY g ORDER BY v) AS up, \
                 dedupe_best_by_score(score => k) OVER (PARTITION BY g ORDER BY v DESC) AS down \
                 FROM rows ORDER BY v",
                "SELECT row_index(1) OVER () FROM rows",
                "SELECT dedupe_best_by_score() OVER () FROM rows",
            ],
        )
        .await
    );
}
