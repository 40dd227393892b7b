use std::{
    fs, io,
    path::{Path, PathBuf},
};

use arrow::{datatypes::SchemaRef, record_batch::RecordBatch};
use datafusion::{
    error::DataFusionError,
    execution::SendableRecordBatchStream,
    physical_plan::stream::RecordBatchStreamAdapter,
    prelude::{CsvReadOptions, DataFrame, ParquetReadOptions, SessionContext},
};
use tpchgen::generators::{
    CustomerGenerator, LineItemGenerator, NationGenerator, OrderGenerator, PartGenerator,
    PartSuppGenerator, RegionGenerator, SupplierGenerator,
};
use tpchgen_arrow::{
    CustomerArrow, LineItemArrow, NationArrow, OrderArrow, PartArrow, PartSuppArrow, RegionArrow,
    SupplierArrow,
};
use viewlane_core::{Fingerprint, Location, RelationName};

/// Rows of a generated batch.
const BATCH_ROWS: usize = 8192;

/// A small input that the project brings along, loaded into a Delta table of its own.
#[derive(Clone, Debug)]
pub(crate) struct Seed {
    pub(crate) name: RelationName,
    pub(crate) place: Option<Location>,
    /// Cache key: loaded again when it changes.
    pub(crate) definition: Fingerprint,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Generated(Generator),
    File { path: PathBuf, format: SeedFormat },
}

/// Format of a seed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeedFormat {
    Csv,
    Parquet,
}

/// A table that is made rather than read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Generator {
    table: TpchTable,
    scale_factor: f64,
}

#[derive(Clone, Copy, Debug)]
enum TpchTable {
    Customer,
    Lineitem,
    Nation,
    Orders,
    Part,
    Partsupp,
    Region,
    Supplier,
}

impl Generator {
    /// The eight tables of TPC-H (specification, section 1.4) at a scale factor.
    pub(crate) fn tpch(scale_factor: f64) -> Vec<(&'static str, Self)> {
        use TpchTable as T;
        let tables = [
            ("customer", T::Customer),
            ("lineitem", T::Lineitem),
            ("nation", T::Nation),
            ("orders", T::Orders),
            ("part", T::Part),
            ("partsupp", T::Partsupp),
            ("region", T::Region),
            ("supplier", T::Supplier),
        ];
        tables.map(|(name, table)| (name, Self { table, scale_factor })).into()
    }

    fn schema(self) -> SchemaRef {
        match self.table {
            TpchTable::Customer => CustomerArrow::schema_ref(),
            TpchTable::Lineitem => LineItemArrow::schema_ref(),
            TpchTable::Nation => NationArrow::schema_ref(),
            TpchTable::Orders => OrderArrow::schema_ref(),
            TpchTable::Part => PartArrow::schema_ref(),
            TpchTable::Partsupp => PartSuppArrow::schema_ref(),
            TpchTable::Region => RegionArrow::schema_ref(),
            TpchTable::Supplier => SupplierArrow::schema_ref(),
        }
    }

    /// The rows as `parts` streams; a generator makes each batch when it is asked for.
    fn streams(self, parts: usize) -> Vec<SendableRecordBatchStream> {
        let small = matches!(self.table, TpchTable::Nation | TpchTable::Region);
        let parts = if small { 1 } else { i32::try_from(parts.max(1)).unwrap_or(1) };
        (1..=parts)
            .map(|part| {
                let batches = self.batches(part, parts);
                let stream = futures::stream::iter(batches.map(|batch| Ok(batch?)));
                let adapter = RecordBatchStreamAdapter::new(self.schema(), stream);
                Box::pin(adapter) as SendableRecordBatchStream
            })
            .collect()
    }

    fn batches(
        self,
        part: i32,
        parts: i32,
    ) -> Box<dyn Iterator<Item = Result<RecordBatch, arrow::error::ArrowError>> + Send> {
        macro_rules! rows {
            ($arrow:ident, $generator:ident) => {
                Box::new(
                    $arrow::new($generator::new(self.scale_factor, part, parts))
                        .with_batch_size(BATCH_ROWS),
                )
            };
        }
        match self.table {
            TpchTable::Customer => rows!(CustomerArrow, CustomerGenerator),
            TpchTable::Lineitem => rows!(LineItemArrow, LineItemGenerator),
            TpchTable::Nation => rows!(NationArrow, NationGenerator),
            TpchTable::Orders => rows!(OrderArrow, OrderGenerator),
            TpchTable::Part => rows!(PartArrow, PartGenerator),
            TpchTable::Partsupp => rows!(PartSuppArrow, PartSuppGenerator),
            TpchTable::Region => rows!(RegionArrow, RegionGenerator),
            TpchTable::Supplier => rows!(SupplierArrow, SupplierGenerator),
        }
    }
}

impl Seed {
    pub(crate) fn generated(name: RelationName, generator: Generator, place: Location) -> Self {
        let definition = Fingerprint::builder("seed")
            .field("generator", "tpchgen-4")
            .field("table", format!("{:?}", generator.table))
            .field("scale_factor", generator.scale_factor.to_le_bytes())
            .finish();
        Self { name, place: Some(place), definition, kind: Kind::Generated(generator) }
    }

    pub(crate) fn file(
        name: RelationName,
        path: PathBuf,
        relative: &str,
        format: SeedFormat,
        hash: Fingerprint,
    ) -> Self {
        let definition = Fingerprint::builder("seed")
            .field("format", format!("{format:?}"))
            .field("content", hash.as_bytes())
            .finish();
        let place = Location {
            file: relative.to_owned(),
            line: 1,
            column: 1,
            width: 1,
            line_text: String::new(),
        };
        Self { name, place: Some(place), definition, kind: Kind::File { path, format } }
    }

    /// Digest of a file's bytes.
    pub(crate) fn hash_file(path: &Path) -> io::Result<Fingerprint> {
        Ok(Fingerprint::builder("content").field("bytes", fs::read(path)?).finish())
    }

    /// The columns, without any row.
    pub(crate) async fn schema(
        &self,
        session: &SessionContext,
    ) -> Result<SchemaRef, DataFusionError> {
        match &self.kind {
            Kind::Generated(generator) => Ok(generator.schema()),
            Kind::File { .. } => Ok(self.frame(session).await?.schema().inner().clone()),
        }
    }

    /// The rows, streamed.
    pub(crate) async fn streams(
        &self,
        session: &SessionContext,
        parts: usize,
    ) -> Result<Vec<SendableRecordBatchStream>, DataFusionError> {
        match &self.kind {
            Kind::Generated(generator) => Ok(generator.streams(parts)),
            Kind::File { .. } => self.frame(session).await?.execute_stream_partitioned().await,
        }
    }

    async fn frame(&self, session: &SessionContext) -> Result<DataFrame, DataFusionError> {
        let Kind::File { path, format } = &self.kind else {
            return Err(DataFusionError::Internal("a generator has no file".to_owned()));
        };
        let path = path.to_string_lossy().into_owned();
        match format {
            SeedFormat::Csv => session.read_csv(path, CsvReadOptions::new()).await,
            SeedFormat::Parquet => session.read_parquet(path, ParquetReadOptions::default()).await,
        }
    }
}
