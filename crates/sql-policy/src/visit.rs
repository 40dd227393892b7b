//! One driver for all visitors.
//!
//! The driver of the parser's trees is made anew for each type of visitor, and goes through every
//! kind of node there is; twenty of them took most of the time to compile this crate. So there is
//! one type of visitor, which hands on to whichever is meant.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, ObjectName, Query, Select, Statement, TableFactor, ValueWithSpan, Visit, VisitMut,
    Visitor, VisitorMut,
};

/// Shows all of a tree to a visitor.
pub(crate) fn visit(tree: &impl Visit, visitor: &mut dyn Visitor<Break = ()>) -> ControlFlow<()> {
    tree.visit(&mut One(visitor))
}

/// Shows all of a tree to a visitor that changes it.
pub(crate) fn visit_mut(
    tree: &mut impl VisitMut,
    visitor: &mut dyn VisitorMut<Break = ()>,
) -> ControlFlow<()> {
    tree.visit(&mut OneMut(visitor))
}

/// Shows each expression of a tree, those inside it first.
pub(crate) fn each_expr_mut(tree: &mut impl VisitMut, work: &mut dyn FnMut(&mut Expr)) {
    struct Each<'a>(&'a mut dyn FnMut(&mut Expr));
    impl VisitorMut for Each<'_> {
        type Break = ();

        fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
            (self.0)(expr);
            ControlFlow::Continue(())
        }
    }
    let _: ControlFlow<()> = visit_mut(tree, &mut Each(work));
}

/// Shows the name of each relation of a tree.
pub(crate) fn each_relation_mut(tree: &mut impl VisitMut, work: &mut dyn FnMut(&mut ObjectName)) {
    struct Each<'a>(&'a mut dyn FnMut(&mut ObjectName));
    impl VisitorMut for Each<'_> {
        type Break = ();

        fn post_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<()> {
            (self.0)(relation);
            ControlFlow::Continue(())
        }
    }
    let _: ControlFlow<()> = visit_mut(tree, &mut Each(work));
}

struct One<'a>(&'a mut dyn Visitor<Break = ()>);

struct OneMut<'a>(&'a mut dyn VisitorMut<Break = ()>);

/// Hands on one step.
macro_rules! step {
    ($step:ident, $Node:ty) => {
        fn $step(&mut self, node: $Node) -> ControlFlow<()> {
            self.0.$step(node)
        }
    };
}

/// Hands on every step.
macro_rules! hand_on {
    ($One:ident, $Visitor:ident, $($pointer:tt)+) => {
        impl $Visitor for $One<'_> {
            type Break = ();

            step!(pre_visit_query, $($pointer)+ Query);
            step!(post_visit_query, $($pointer)+ Query);
            step!(pre_visit_select, $($pointer)+ Select);
            step!(post_visit_select, $($pointer)+ Select);
            step!(pre_visit_relation, $($pointer)+ ObjectName);
            step!(post_visit_relation, $($pointer)+ ObjectName);
            step!(pre_visit_table_factor, $($pointer)+ TableFactor);
            step!(post_visit_table_factor, $($pointer)+ TableFactor);
            step!(pre_visit_expr, $($pointer)+ Expr);
            step!(post_visit_expr, $($pointer)+ Expr);
            step!(pre_visit_statement, $($pointer)+ Statement);
            step!(post_visit_statement, $($pointer)+ Statement);
            step!(pre_visit_value, $($pointer)+ ValueWithSpan);
            step!(post_visit_value, $($pointer)+ ValueWithSpan);
        }
    };
}

hand_on!(One, Visitor, &);
hand_on!(OneMut, VisitorMut, &mut);
