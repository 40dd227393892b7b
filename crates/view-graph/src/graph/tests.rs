use proptest::prelude::*;

use super::*;

fn name(text: &str) -> RelationName {
    text.parse().unwrap()
}

fn build(views: &[(&str, &[&str])], datasets: &[&str]) -> Result<ViewGraph> {
    let builder = datasets.iter().fold(ViewGraph::builder(), |b, d| b.dataset(name(d)));
    views
        .iter()
        .fold(builder, |b, (v, reads)| b.view(name(v), reads.iter().map(|r| name(r))))
        .build()
}

fn problems(views: &[(&str, &[&str])], datasets: &[&str]) -> String {
    let error = build(views, datasets).unwrap_err();
    let lines = error.problems().iter().map(ToString::to_string);
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn all_problems_are_named_at_once() {
    insta::assert_snapshot!(
        problems(
            &[("a", &["b"]), ("b", &["c"]), ("c", &["a"]), ("d", &["ordrs"]), ("d", &["orders"]), ("e", &["e"])],
            &["orders"],
        ),
        @r"
    `d` is defined 2 times
    `d` reads `ordrs`, which does not exist
    views read one another in a circle: `a` → `b` → `c` → `a`
    views read one another in a circle: `e` → `e`
    "
    );
}

#[test]
fn a_forgotten_schema_is_suggested() {
    let error = build(&[("m.a", &["lineitem"])], &["tpch.lineitem"]).unwrap_err();
    let [Problem::Unknown { nearest, .. }] = error.problems() else { panic!("{error:?}") };
    assert_eq!(nearest.as_ref(), Some(&name("tpch.lineitem")));
}

#[test]
fn reach_is_bounded_by_depth() {
    let graph = build(&[("b", &["a"]), ("c", &["b"]), ("d", &["c"])], &["a"]).unwrap();
    let show = |set: BTreeSet<&RelationName>| {
        set.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(show(graph.descendants(&name("a"), None)), "b c d");
    assert_eq!(show(graph.descendants(&name("a"), Some(2))), "b c");
    assert_eq!(show(graph.ancestors(&name("d"), Some(1))), "c");
    assert_eq!(show(graph.descendants(&name("d"), None)), "");
}

proptest! {
    /// Whatever the order of adding, the order of running is the same, and each node comes after
    /// all it reads.
    #[test]
    fn order_depends_on_the_set_only(
        edges in prop::collection::vec((0usize..12, 0usize..12), 0..30),
        shuffle in any::<prop::sample::Index>(),
    ) {
        // Reading only smaller numbers makes the graph free of cycles by construction.
        let mut reads: BTreeMap<usize, BTreeSet<usize>> = (0..12).map(|n| (n, BTreeSet::new())).collect();
        for (a, b) in edges {
            if a != b {
                reads.get_mut(&a.max(b)).unwrap().insert(a.min(b));
            }
        }
        // Names run against the numbers, so that name order and dependency order disagree.
        let label = |n: usize| name(&format!("v{:02}", 11 - n));
        let mut views: Vec<_> = reads.iter().map(|(n, r)| (label(*n), r.iter().map(|p| label(*p)).collect::<Vec<_>>())).collect();
        let graph = |views: &[(RelationName, Vec<RelationName>)]| {
            views.iter().fold(ViewGraph::builder(), |b, (v, r)| b.view(v.clone(), r.clone())).build().unwrap()
        };
        let first: Vec<_> = graph(&views).order().cloned().collect();
        let by = shuffle.index(views.len());
        views.rotate_left(by);
        views.reverse();
        let second: Vec<_> = graph(&views).order().cloned().collect();
        prop_assert_eq!(&first, &second);
        for (view, reads) in &views {
            let place = |n: &RelationName| first.iter().position(|m| m == n).unwrap();
            for read in reads {
                prop_assert!(place(read) < place(view));
            }
        }
    }

    /// A graph is built exactly when a depth-first search written apart finds no circle.
    #[test]
    fn circles_are_always_found(edges in prop::collection::vec((0usize..6, 0usize..6), 0..12)) {
        let label = |n: usize| name(&format!("v{n}"));
        let builder = (0..6).fold(ViewGraph::builder(), |b, n| {
            b.view(label(n), edges.iter().filter(|(a, _)| *a == n).map(|(_, r)| label(*r)))
        });
        // Transitive closure by repeated squaring of the relation: simple, and nothing like Tarjan.
        let mut reach = [[false; 6]; 6];
        for (a, b) in &edges {
            reach[*a][*b] = true;
        }
        for via in 0..6 { for a in 0..6 { for b in 0..6 {
            reach[a][b] |= reach[a][via] && reach[via][b];
        }}}
        let circular = (0..6).any(|n| reach[n][n]);
        let built = builder.build();
        prop_assert_eq!(built.is_err(), circular);
        if let Err(error) = built {
            for problem in error.problems() {
                let Problem::Cycle { path } = problem else { panic!("{problem}") };
                for (at, next) in path.iter().zip(path.iter().cycle().skip(1)) {
                    let number = |n: &RelationName| n.table()[1..].parse::<usize>().unwrap();
                    prop_assert!(edges.contains(&(number(at), number(next))));
                }
            }
        }
    }
}
