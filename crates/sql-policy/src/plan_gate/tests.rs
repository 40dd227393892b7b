use std::sync::Arc;

use datafusion::{
    arrow::datatypes::{DataType, Field, Schema},
    common::DFSchema,
    logical_expr::{DdlStatement, DropTable, LogicalPlanBuilder, exists, logical_plan::table_scan},
};

use super::*;
use crate::fixtures::refusal;

fn scan(table: &str) -> LogicalPlanBuilder {
    let schema = Schema::new(vec![Field::new("a", DataType::Int64, true)]);
    table_scan(Some(table), &schema, None).unwrap()
}

fn check(plan: LogicalPlan, allowed: &[&str]) -> String {
    let allowed = allowed.iter().map(|name| name.parse().unwrap()).collect();
    match check_plan(&plan, &allowed) {
        Ok(()) => "passes".to_owned(),
        Err(rejection) => refusal(&rejection),
    }
}

#[test]
fn a_plan_scans_what_the_query_reads() {
    let join = || scan("t").cross_join(scan("s.u").build().unwrap()).unwrap().build().unwrap();
    assert_eq!(check(join(), &["t", "s.u"]), "passes");
    insta::assert_snapshot!(check(join(), &["u"]), @"
    VL-P0502: the plan scans `s.u`, which the query does not read
      help: register for a query exactly the relations it reads
    VL-P0502: the plan scans `t`, which the query does not read
      help: register for a query exactly the relations it reads
    ");
}

#[test]
fn subqueries_are_looked_into() {
    let inner = Arc::new(scan("secret").build().unwrap());
    let plan = scan("t").filter(exists(inner)).unwrap().build().unwrap();
    insta::assert_snapshot!(check(plan, &["t"]), @"
    VL-P0502: the plan scans `secret`, which the query does not read
      help: register for a query exactly the relations it reads
    ");
}

#[test]
fn table_functions_pass() {
    assert_eq!(check(scan("\"range()\"").build().unwrap(), &[]), "passes");
}

#[test]
fn a_plan_that_does_more_than_read_is_refused() {
    let drop = LogicalPlan::Ddl(DdlStatement::DropTable(DropTable {
        name: "t".into(),
        if_exists: false,
        schema: Arc::new(DFSchema::empty()),
    }));
    insta::assert_snapshot!(check(drop, &["t"]), @"
    VL-P0501: the plan does more than read
      help: run only plans made from compiled queries
    ");
    let explain = scan("t").explain(false, false).unwrap().build().unwrap();
    insta::assert_snapshot!(check(explain, &["t"]), @"
    VL-P0501: the plan is not that of a query
      help: run only plans made from compiled queries
    ");
}
