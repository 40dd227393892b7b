use std::collections::{BTreeMap, BTreeSet};

use petgraph::{
    Direction,
    algo::tarjan_scc,
    graph::{DiGraph, NodeIndex},
};
use viewlane_core::{RelationName, nearest};

use crate::{Error, Problem, Result};

/// Whether a node is computed or given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// Given: a seed or an external source.
    Dataset,
    /// Computed from what it reads.
    View,
}

/// Views and datasets with what they read, free of cycles and of dangling names.
///
/// Invariant: the order depends on the set of views only, not on how they were added; a graph that
/// exists has no cycle, because `build` is the only way to get one.
#[derive(Clone, Debug)]
pub struct ViewGraph {
    graph: DiGraph<RelationName, ()>,
    indices: BTreeMap<RelationName, (NodeIndex, Node)>,
    order: Vec<NodeIndex>,
}

impl ViewGraph {
    /// Starts an empty set of views.
    pub fn builder() -> ViewGraphBuilder {
        ViewGraphBuilder::default()
    }

    /// Every node, each after all it reads; among those that are ready, by name.
    pub fn order(&self) -> impl Iterator<Item = &RelationName> {
        self.order.iter().map(|index| &self.graph[*index])
    }

    /// What a node is, or `None` when there is no such node.
    pub fn node(&self, name: &RelationName) -> Option<Node> {
        self.indices.get(name).map(|(_, node)| *node)
    }

    /// What a node reads directly, by name.
    pub fn parents(&self, name: &RelationName) -> BTreeSet<&RelationName> {
        self.neighbours(name, Direction::Incoming)
    }

    /// What reads a node directly, by name.
    pub fn children(&self, name: &RelationName) -> BTreeSet<&RelationName> {
        self.neighbours(name, Direction::Outgoing)
    }

    /// All that a node reads, directly or not, up to `depth` steps.
    pub fn ancestors(&self, name: &RelationName, depth: Option<usize>) -> BTreeSet<&RelationName> {
        self.reach(name, Direction::Incoming, depth)
    }

    /// All that a change of a node touches, up to `depth` steps; the node itself left out.
    pub fn descendants(
        &self,
        name: &RelationName,
        depth: Option<usize>,
    ) -> BTreeSet<&RelationName> {
        self.reach(name, Direction::Outgoing, depth)
    }

    /// Length of the longest path from a dataset to a node: datasets are at level zero.
    pub fn levels(&self) -> BTreeMap<&RelationName, usize> {
        let mut levels: BTreeMap<&RelationName, usize> = BTreeMap::new();
        for name in self.order() {
            let above = self.parents(name).into_iter().map(|parent| levels[parent] + 1).max();
            levels.insert(name, above.unwrap_or(0));
        }
        levels
    }

    fn neighbours(&self, name: &RelationName, direction: Direction) -> BTreeSet<&RelationName> {
        let Some((index, _)) = self.indices.get(name) else { return BTreeSet::new() };
        self.graph.neighbors_directed(*index, direction).map(|next| &self.graph[next]).collect()
    }

    fn reach(
        &self,
        name: &RelationName,
        direction: Direction,
        depth: Option<usize>,
    ) -> BTreeSet<&RelationName> {
        let mut found = BTreeSet::new();
        let mut edge: BTreeSet<&RelationName> = self.neighbours(name, direction);
        let mut steps = 0;
        while !edge.is_empty() && depth.is_none_or(|depth| steps < depth) {
            let fresh: Vec<_> = edge.iter().copied().filter(|next| found.insert(*next)).collect();
            edge = fresh.into_iter().flat_map(|next| self.neighbours(next, direction)).collect();
            steps += 1;
        }
        found
    }
}

/// Collects views and datasets; `build` checks the whole.
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ViewGraphBuilder {
    nodes: Vec<(RelationName, Node, BTreeSet<RelationName>)>,
}

impl ViewGraphBuilder {
    /// Adds something that is given: a seed or a source.
    pub fn dataset(mut self, name: RelationName) -> Self {
        self.nodes.push((name, Node::Dataset, BTreeSet::new()));
        self
    }

    /// Adds a view with the relations it reads.
    pub fn view(
        mut self,
        name: RelationName,
        reads: impl IntoIterator<Item = RelationName>,
    ) -> Self {
        self.nodes.push((name, Node::View, reads.into_iter().collect()));
        self
    }

    /// Checks the whole and orders it.
    ///
    /// # Errors
    ///
    /// Duplicate names, unknown relations and cycles, all of them at once.
    pub fn build(self) -> Result<ViewGraph> {
        let mut problems = Vec::new();
        let mut counts: BTreeMap<&RelationName, usize> = BTreeMap::new();
        for (name, _, _) in &self.nodes {
            *counts.entry(name).or_default() += 1;
        }
        for (name, count) in &counts {
            if *count > 1 {
                problems.push(Problem::Duplicate { name: (*name).clone(), count: *count });
            }
        }
        // Suggestions go over every known name, so they are worked out once for each miss only.
        for (view, _, reads) in &self.nodes {
            for relation in reads.iter().filter(|relation| !counts.contains_key(relation)) {
                problems.push(Problem::Unknown {
                    view: view.clone(),
                    relation: relation.clone(),
                    nearest: suggest(relation, counts.keys().copied()),
                });
            }
        }

        // Nodes enter in name order, so indices, and with them ties, follow names.
        let mut sorted: BTreeMap<&RelationName, (Node, BTreeSet<&RelationName>)> = BTreeMap::new();
        for (name, node, reads) in &self.nodes {
            sorted.entry(name).or_insert((*node, BTreeSet::new())).1.extend(reads);
        }
        let mut graph = DiGraph::new();
        let indices: BTreeMap<RelationName, (NodeIndex, Node)> = sorted
            .iter()
            .map(|(name, (node, _))| ((*name).clone(), (graph.add_node((*name).clone()), *node)))
            .collect();
        for (name, (_, reads)) in &sorted {
            for (from, _) in reads.iter().filter_map(|relation| indices.get(*relation)) {
                graph.add_edge(*from, indices[*name].0, ());
            }
        }
        problems.extend(cycles(&graph));
        if !problems.is_empty() {
            problems.sort();
            problems.dedup();
            return Err(Error::new(problems));
        }
        let order = topological(&graph);
        Ok(ViewGraph { graph, indices, order })
    }
}

/// Kahn's algorithm with the smallest ready node first. Indices were given in name order.
fn topological(graph: &DiGraph<RelationName, ()>) -> Vec<NodeIndex> {
    let mut waiting: Vec<usize> = graph
        .node_indices()
        .map(|index| graph.neighbors_directed(index, Direction::Incoming).count())
        .collect();
    let mut ready: BTreeSet<NodeIndex> =
        graph.node_indices().filter(|index| waiting[index.index()] == 0).collect();
    let mut order = Vec::with_capacity(graph.node_count());
    while let Some(index) = ready.pop_first() {
        order.push(index);
        for child in graph.neighbors_directed(index, Direction::Outgoing) {
            waiting[child.index()] -= 1;
            if waiting[child.index()] == 0 {
                ready.insert(child);
            }
        }
    }
    order
}

/// One circle for each strongly connected set: a shortest one through its smallest name.
fn cycles(graph: &DiGraph<RelationName, ()>) -> Vec<Problem> {
    tarjan_scc(graph)
        .into_iter()
        .filter_map(|set| {
            let start = *set.iter().min()?;
            if set.len() == 1 && !graph.contains_edge(start, start) {
                return None;
            }
            let members: BTreeSet<NodeIndex> = set.into_iter().collect();
            // Breadth first along "reads", from the start back to the start.
            let mut came_from: BTreeMap<NodeIndex, NodeIndex> = BTreeMap::new();
            let mut edge = vec![start];
            'search: loop {
                let mut next = Vec::new();
                for at in edge {
                    let mut reads: Vec<_> =
                        graph.neighbors_directed(at, Direction::Incoming).collect();
                    reads.sort();
                    for read in reads.into_iter().filter(|read| members.contains(read)) {
                        if came_from.contains_key(&read) {
                            continue;
                        }
                        came_from.insert(read, at);
                        if read == start {
                            break 'search;
                        }
                        next.push(read);
                    }
                }
                edge = next;
            }
            let mut path = vec![graph[start].clone()];
            let mut at = came_from[&start];
            while at != start {
                path.push(graph[at].clone());
                at = came_from[&at];
            }
            path[1..].reverse();
            Some(Problem::Cycle { path })
        })
        .collect()
}

fn suggest<'a>(
    wanted: &RelationName,
    known: impl Iterator<Item = &'a RelationName> + Clone,
) -> Option<RelationName> {
    let texts: Vec<String> = known.clone().map(ToString::to_string).collect();
    let whole = nearest(&wanted.to_string(), texts.iter().map(String::as_str));
    let near = whole.and_then(|text| known.clone().find(|name| name.to_string() == text));
    // A forgotten or wrong schema is as common a slip as a misspelt letter.
    near.or_else(|| known.into_iter().find(|name| name.table() == wanted.table())).cloned()
}

#[cfg(test)]
mod tests;
