//! Orders views and datasets by what they read, and says what a change touches.
//!
//! ```
//! use viewlane_view_graph::ViewGraph;
//!
//! let graph = ViewGraph::builder()
//!     .dataset("orders".parse()?)
//!     .view("daily".parse()?, ["orders".parse()?])
//!     .view("weekly".parse()?, ["daily".parse()?])
//!     .build()?;
//! let order: Vec<_> = graph.order().map(ToString::to_string).collect();
//! assert_eq!(order, ["orders", "daily", "weekly"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is not here
//!
//! No SQL and no execution: names go in, an order comes out. What a query reads is found by
//! `viewlane-sql-policy`; `viewlane-engine` joins the two and knows files and positions.

mod error;
mod graph;
mod select;

pub use error::{Error, Problem, Result};
pub use graph::{Node, ViewGraph, ViewGraphBuilder};
pub use select::{NodeFacts, Selector, SelectorError};
