//! The queries of TPC-H and TPC-DS over generated tables.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};
use datafusion::{
    datasource::MemTable,
    prelude::{SessionConfig, SessionContext},
};
use datafusion_sqllogictest::DFColumnType;
use sqllogictest::{Record, parse_file};
use viewlane_core::SourceText;
use viewlane_udf_catalog::FunctionCatalog;

use super::{
    Watch,
    case::{Case, Verdict},
    compare::Answer,
    database::parse,
    judge::{Judge, Judged},
    slt,
};

const TPCH_SCALE: f64 = 0.01;
const TPCDS_SCALE: f64 = 0.01;

/// Where the queries of TPC-DS are.
const TPCDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/queries/tpcds");

struct Query {
    place: String,
    sql: String,
}

/// The 22 queries of TPC-H, as DataFusion's tests have them.
pub(super) async fn tpch(limit: Duration, watch: &Watch) -> Vec<Case> {
    watch.at("the tables of TPC-H");
    let context = session();
    tpch_tables(&context, TPCH_SCALE);
    run(&context, tpch_files(), limit, watch).await
}

fn tpch_files() -> Vec<Query> {
    let folder = slt::folder().join("tpch/answers");
    let mut queries = Vec::new();
    for number in 1..=22 {
        let name = format!("q{number}.slt.part");
        for record in parse_file::<DFColumnType>(folder.join(&name)).unwrap() {
            if let Record::Query { sql, loc, .. } = record {
                queries.push(Query { place: format!("tpch/{name}:{}", loc.line()), sql });
            }
        }
    }
    queries
}

/// The texts of the 22 queries of TPC-H.
pub fn tpch_queries() -> Vec<String> {
    tpch_files().into_iter().map(|query| query.sql).collect()
}

/// Every query of `queries/tpcds`; none when there is no such folder.
pub(super) async fn tpcds(limit: Duration, watch: &Watch) -> Vec<Case> {
    let mut files: Vec<PathBuf> = fs::read_dir(TPCDS)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    if files.is_empty() {
        return Vec::new();
    }
    watch.at("the tables of TPC-DS");
    let context = session();
    tpcds_tables(&context);
    let queries = files.iter().flat_map(|path| statements(path)).collect();
    run(&context, queries, limit, watch).await
}

fn session() -> SessionContext {
    SessionContext::new_with_config(SessionConfig::new().with_target_partitions(4))
}

/// The statements of a file: each ends with a semicolon at the end of a line, or of the file.
fn statements(path: &Path) -> Vec<Query> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = fs::read_to_string(path).unwrap();
    let mut queries = Vec::new();
    let (mut sql, mut first) = (String::new(), 1);
    for (number, line) in text.lines().enumerate() {
        if sql.trim().is_empty() {
            sql.clear();
            first = number + 1;
        }
        let (part, ends) = match line.trim_end().strip_suffix(';') {
            Some(part) => (part, true),
            None => (line, false),
        };
        sql.push_str(part);
        sql.push('\n');
        if ends {
            queries.push(Query {
                place: format!("tpcds/{name}:{first}"),
                sql: std::mem::take(&mut sql),
            });
        }
    }
    if !sql.trim().is_empty() {
        queries.push(Query { place: format!("tpcds/{name}:{first}"), sql });
    }
    queries
}

async fn run(
    context: &SessionContext,
    queries: Vec<Query>,
    limit: Duration,
    watch: &Watch,
) -> Vec<Case> {
    let state = context.state();
    let functions = Arc::new(FunctionCatalog::from_session(&state));
    let judge = Judge { context: context.clone(), functions, limit };
    let mut cases = Vec::new();
    for Query { place, sql } in queries {
        watch.at(&place);
        let text = SourceText::new(place.as_str(), sql.as_str());
        let Judged { verdict, raw, traced } = judge.judge(&text, parse(&state, &sql)).await;
        // Here every query should run.
        let verdict = match verdict {
            Verdict::ErrorEqual { error, .. } => Verdict::Skipped(error),
            other => other,
        };
        let rows = raw.as_ref().ok().map(Answer::rows);
        cases.push(Case { place, sql, verdict, rows, as_expected: None, stand_in: false, traced });
    }
    cases
}

fn register(
    context: &SessionContext,
    name: &str,
    schema: SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
) {
    let batches = batches.collect::<Result<Vec<_>, _>>().unwrap();
    let table = MemTable::try_new(schema, vec![batches]).unwrap();
    context.register_table(name, Arc::new(table)).unwrap();
}

/// Registers the tables of TPC-H, generated at a scale factor.
pub fn tpch_tables(context: &SessionContext, scale: f64) {
    use tpchgen::generators as rows;
    use tpchgen_arrow as columns;

    macro_rules! table {
        ($name:literal, $arrow:ident, $generator:ident) => {
            register(
                context,
                $name,
                columns::$arrow::schema_ref(),
                columns::$arrow::new(rows::$generator::new(scale, 1, 1)),
            )
        };
    }
    table!("customer", CustomerArrow, CustomerGenerator);
    table!("lineitem", LineItemArrow, LineItemGenerator);
    table!("nation", NationArrow, NationGenerator);
    table!("orders", OrderArrow, OrderGenerator);
    table!("part", PartArrow, PartGenerator);
    table!("partsupp", PartSuppArrow, PartSuppGenerator);
    table!("region", RegionArrow, RegionGenerator);
    table!("supplier", SupplierArrow, SupplierGenerator);
}

fn tpcds_tables(context: &SessionContext) {
    use tpcdsgen_arrow as columns;

    let session =
        || tpcdsgen::config::SessionBuilder::new().with_scale_factor(TPCDS_SCALE).build().unwrap();
    macro_rules! tables {
        ($($name:literal: $arrow:ident),* $(,)?) => {
            $(register(
                context,
                $name,
                columns::$arrow::schema_ref(),
                columns::$arrow::new(session()),
            );)*
        };
    }
    tables!(
        "call_center": CallCenterArrow,
        "catalog_page": CatalogPageArrow,
        "catalog_returns": CatalogReturnsArrow,
        "catalog_sales": CatalogSalesArrow,
        "customer": CustomerArrow,
        "customer_address": CustomerAddressArrow,
        "customer_demographics": CustomerDemographicsArrow,
        "date_dim": DateDimArrow,
        "household_demographics": HouseholdDemographicsArrow,
        "income_band": IncomeBandArrow,
        "inventory": InventoryArrow,
        "item": ItemArrow,
        "promotion": PromotionArrow,
        "reason": ReasonArrow,
        "ship_mode": ShipModeArrow,
        "store": StoreArrow,
        "store_returns": StoreReturnsArrow,
        "store_sales": StoreSalesArrow,
        "time_dim": TimeDimArrow,
        "warehouse": WarehouseArrow,
        "web_page": WebPageArrow,
        "web_returns": WebReturnsArrow,
        "web_sales": WebSalesArrow,
        "web_site": WebSiteArrow,
    );
}
