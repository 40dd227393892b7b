/// The candidate nearest to `wanted`, when it is near enough to be a likely slip.
///
/// Near enough: Damerau–Levenshtein distance at most a third of the longer word, at least one.
/// Ties go to the candidate that sorts first, so that a message never depends on input order.
///
/// ```
/// assert_eq!(viewlane_core::nearest("refesh", ["tags", "refresh"]), Some("refresh"));
/// assert_eq!(viewlane_core::nearest("zzz", ["tags", "refresh"]), None);
/// ```
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted_folded = wanted.to_lowercase();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let distance = strsim::damerau_levenshtein(&wanted_folded, &candidate.to_lowercase());
            let longest = wanted.chars().count().max(candidate.chars().count());
            (distance <= (longest / 3).max(1)).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}
