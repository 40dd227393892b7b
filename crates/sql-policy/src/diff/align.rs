//! Pairs the items of two lists, of which one was most likely made from the other by a small edit.

use std::collections::BTreeMap;

/// A pair of places, or a place that has no counterpart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pair {
    /// Both lists have the item.
    Both(usize, usize),
    /// Only the old list has it.
    Old(usize),
    /// Only the new list has it.
    New(usize),
}

/// What an item is known by.
#[derive(Debug)]
pub(super) struct Known<'k> {
    /// Equal for items that are the same.
    pub(super) key: &'k [u8],
    /// A name under which the item goes on being the same although it changed, if it can.
    pub(super) label: Option<String>,
}

/// Pairs two lists: first by what is the same at both ends, then by what is the same in between,
/// then by label, then, where as many are left on both sides, those with a label by place.
///
/// Pairs are in the order of the new list; old items without a counterpart come first. Unless
/// `anywhere` is set, pairs do not cross.
pub(super) fn align(old: &[Known<'_>], new: &[Known<'_>], anywhere: bool) -> Vec<Pair> {
    let alike = |one: &Known<'_>, other: &Known<'_>| {
        one.key == other.key || (one.label.is_some() && one.label == other.label)
    };
    let shorter = old.len().min(new.len());
    let start = (0..shorter).take_while(|place| alike(&old[*place], &new[*place])).count();
    let end = (1..=shorter - start)
        .take_while(|back| alike(&old[old.len() - back], &new[new.len() - back]))
        .count();
    let (old_end, new_end) = (old.len() - end, new.len() - end);

    let mut counterpart: Vec<Option<usize>> = vec![None; new.len()];
    (0..start).for_each(|place| counterpart[place] = Some(place));
    (0..end).for_each(|back| counterpart[new_end + back] = Some(old_end + back));
    let mut taken = vec![false; old.len()];
    for by_label in [false, true] {
        let name = |item: &Known<'_>| match (by_label, &item.label) {
            (false, _) => Some(item.key.to_vec()),
            (true, label) => label.as_ref().map(|label| label.as_bytes().to_vec()),
        };
        let mut places: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        for place in (start..old_end).rev().filter(|place| !taken[*place]) {
            if let Some(name) = name(&old[place]) {
                places.entry(name).or_default().push(place);
            }
        }
        // The next pair must be between those around it, unless pairs may cross.
        let mut bounds = vec![old_end; new_end + 1 - start];
        for place in (start..new_end).rev() {
            bounds[place - start] = counterpart[place].unwrap_or(bounds[place + 1 - start]);
        }
        let mut last = start;
        for place in start..new_end {
            if let Some(old) = counterpart[place] {
                last = old + 1;
                continue;
            }
            let Some(found) = name(&new[place]).and_then(|name| places.get_mut(&name)) else {
                continue;
            };
            while !anywhere && found.last().is_some_and(|place| *place < last) {
                found.pop();
            }
            let within = |old: &&usize| anywhere || **old < bounds[place + 1 - start];
            if let Some(old) = found.last().filter(within).copied() {
                found.pop();
                taken[old] = true;
                counterpart[place] = Some(old);
                last = old + 1;
            }
        }
    }
    if counterpart.iter().flatten().is_sorted() {
        by_place(old, new, (start, old_end, new_end), &mut counterpart);
    }
    pairs(old.len(), &counterpart)
}

/// Between two pairs, pairs what is left by place, if it is as many on both sides.
fn by_place(
    old: &[Known<'_>],
    new: &[Known<'_>],
    (start, old_end, new_end): (usize, usize, usize),
    counterpart: &mut [Option<usize>],
) {
    let (mut old_start, mut new_start) = (start, start);
    while new_start <= new_end && old_start <= old_end {
        let gap_end =
            (new_start..new_end).find(|place| counterpart[*place].is_some()).unwrap_or(new_end);
        let old_gap_end =
            if gap_end < new_end { counterpart[gap_end].unwrap_or(old_end) } else { old_end };
        if gap_end - new_start == old_gap_end.saturating_sub(old_start) {
            for (old_place, place) in (old_start..old_gap_end).zip(new_start..gap_end) {
                if old[old_place].label.is_some() && new[place].label.is_some() {
                    counterpart[place] = Some(old_place);
                }
            }
        }
        (old_start, new_start) = (old_gap_end + 1, gap_end + 1);
    }
}

fn pairs(old: usize, counterpart: &[Option<usize>]) -> Vec<Pair> {
    let mut paired = vec![false; old];
    counterpart.iter().flatten().for_each(|place| paired[*place] = true);
    let gone = (0..old).filter(|place| !paired[*place]).map(Pair::Old);
    let rest = counterpart.iter().enumerate().map(|(place, old)| match old {
        Some(old) => Pair::Both(*old, place),
        None => Pair::New(place),
    });
    gone.chain(rest).collect()
}
