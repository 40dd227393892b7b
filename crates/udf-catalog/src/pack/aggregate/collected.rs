use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, BinaryArray},
        datatypes::{DataType, Field, FieldRef},
        row::{RowConverter, SortField},
    },
    common::{Result, ScalarValue},
    logical_expr::{
        Accumulator, AggregateUDFImpl, Documentation, Signature,
        function::{AccumulatorArgs, StateFieldsArgs},
        utils::{AggregateOrderSensitivity, format_state_name},
    },
};

use super::{equal_by_row, from_row};
use crate::{
    OwnFunction,
    kernels::best::{Counted, Met, one_list, parse},
    pack::{coerce, documentation, rows::aliases, signature},
};

/// `collect_set` and `list_unique`: the different values of a group.
#[derive(Debug)]
pub(super) struct Collected {
    row: &'static OwnFunction,
    signature: Signature,
    aliases: Vec<String>,
    documentation: Documentation,
}

equal_by_row!(Collected);

impl Collected {
    pub(super) fn new(row: &'static OwnFunction) -> Self {
        Self {
            row,
            signature: signature(row),
            aliases: aliases(row),
            documentation: documentation(row),
        }
    }

    fn sorted(&self) -> bool {
        self.row.name == "collect_set"
    }

    fn make(&self, args: &AccumulatorArgs<'_>, all: bool) -> Result<Box<dyn Accumulator>> {
        let value = args.expr_fields[0].data_type();
        let field = Arc::new(Field::new("item", value.clone(), true));
        let values = RowConverter::new(vec![SortField::new(value.clone())])?;
        if self.sorted() {
            return Ok(Box::new(Set { field, values, rows: Counted::default() }));
        }
        let places = match args.order_bys.is_empty() {
            true => None,
            false => {
                let fields = args.order_bys.iter().map(|order| {
                    let data_type = order.expr.data_type(args.schema)?;
                    Ok(SortField::new_with_options(data_type, order.options))
                });
                Some(RowConverter::new(fields.collect::<Result<_>>()?)?)
            }
        };
        let ignore_nulls = args.ignore_nulls;
        Ok(Box::new(List { field, values, places, ignore_nulls, all, met: Met::default() }))
    }
}

impl AggregateUDFImpl for Collected {
    from_row!();

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(DataType::new_list(types[0].clone(), true))
    }

    /// The functions put their values into order themselves, whatever the order of the rows.
    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        match self.sorted() {
            true => AggregateOrderSensitivity::Insensitive,
            false => AggregateOrderSensitivity::SoftRequirement,
        }
    }

    fn with_beneficial_ordering(
        self: Arc<Self>,
        _: bool,
    ) -> Result<Option<Arc<dyn AggregateUDFImpl>>> {
        Ok(Some(self))
    }

    fn supports_null_handling_clause(&self) -> bool {
        !self.sorted()
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let field = |name: &str, data_type: DataType| {
            Arc::new(Field::new(format_state_name(args.name, name), data_type, true))
        };
        let mut fields = vec![field("values", args.return_field.data_type().clone())];
        if !self.sorted() {
            fields.push(field("places", DataType::new_list(DataType::Binary, true)));
        }
        Ok(fields)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        self.make(&args, false)
    }

    fn create_sliding_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn Accumulator>> {
        self.make(&args, true)
    }
}

#[derive(Debug)]
struct Set {
    field: FieldRef,
    values: RowConverter,
    rows: Counted,
}

impl Set {
    fn visit(&mut self, values: &ArrayRef, each: fn(&mut Counted, &[u8])) -> Result<()> {
        let rows = self.values.convert_columns(&[Arc::clone(values)])?;
        let nulls = values.logical_nulls();
        for row in 0..values.len() {
            if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
                each(&mut self.rows, rows.row(row).as_ref());
            }
        }
        Ok(())
    }
}

impl Accumulator for Set {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.visit(&values[0], Counted::add)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.visit(&values[0], Counted::remove)
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let lists = states[0].as_list::<i32>();
        for row in (0..lists.len()).filter(|row| lists.is_valid(*row)) {
            self.visit(&lists.value(row), Counted::add)?;
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let values = match self.rows.first() {
            Some(_) => Some(parse(&self.values, self.rows.iter())?),
            None => None,
        };
        ScalarValue::try_from_array(&one_list(Arc::clone(&self.field), values)?, 0)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.rows.size()
    }
}

#[derive(Debug)]
struct List {
    field: FieldRef,
    values: RowConverter,
    /// What the columns of ORDER BY are put into order by.
    places: Option<RowConverter>,
    ignore_nulls: bool,
    /// Whether rows can be taken away again.
    all: bool,
    met: Met,
}

impl List {
    fn counts(&self, values: &ArrayRef) -> Vec<bool> {
        let nulls = if self.ignore_nulls { values.logical_nulls() } else { None };
        let counts = |row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        (0..values.len()).map(counts).collect()
    }
}

impl Accumulator for List {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = self.values.convert_columns(&values[..1])?;
        // A window hands over no columns of ORDER BY: its rows come in order.
        let places = match &self.places {
            Some(places) if values.len() > 1 => Some(places.convert_columns(&values[1..])?),
            _ => None,
        };
        let counts = self.counts(&values[0]);
        for row in (0..values[0].len()).filter(|row| counts[*row]) {
            let place = places.as_ref().map(|places| places.row(row));
            let place = place.as_ref().map(AsRef::as_ref);
            self.met.add(rows.row(row).as_ref(), place, self.all);
        }
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = self.values.convert_columns(&values[..1])?;
        let counts = self.counts(&values[0]);
        for row in (0..values[0].len()).filter(|row| counts[*row]) {
            self.met.remove(rows.row(row).as_ref());
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let (lists, places) = (states[0].as_list::<i32>(), states[1].as_list::<i32>());
        for state in (0..lists.len()).filter(|state| lists.is_valid(*state)) {
            let values = lists.value(state);
            let rows = self.values.convert_columns(&[Arc::clone(&values)])?;
            let at = places.value(state);
            let at = at.as_binary::<i32>();
            for row in 0..values.len() {
                let place = self.places.is_some().then(|| at.value(row));
                self.met.add(rows.row(row).as_ref(), place, self.all);
            }
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let places = self.met.sorted().into_iter().map(|(_, place)| Some(place));
        let places: ArrayRef = Arc::new(places.collect::<BinaryArray>());
        let field = Arc::new(Field::new("item", DataType::Binary, true));
        let places = ScalarValue::try_from_array(&one_list(field, Some(places))?, 0)?;
        Ok(vec![self.evaluate()?, places])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let sorted = self.met.sorted();
        let values = match sorted.is_empty() {
            true => None,
            false => Some(parse(&self.values, sorted.iter().map(|(value, _)| *value))?),
        };
        ScalarValue::try_from_array(&one_list(Arc::clone(&self.field), values)?, 0)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.met.size()
    }
}
