use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, BooleanArray},
        compute::{kernels::cmp, nullif},
        datatypes::{DataType, Field, FieldRef},
    },
    common::{Result, ScalarValue},
    logical_expr::{
        Accumulator, AggregateUDFImpl, Documentation, EmitTo, GroupsAccumulator, Signature,
        function::{AccumulatorArgs, StateFieldsArgs},
        utils::{AggregateOrderSensitivity, format_state_name},
    },
};

use super::{counted::kept, equal_by_row, from_row};
use crate::{
    OwnFunction,
    kernels::best::{Best, Counted},
    pack::{coerce, documentation, rows::aliases, signature},
};

/// `any_value_det`, `arg_max`, `arg_min` and `asof_select`: the value of one row, chosen by key.
#[derive(Debug)]
pub(super) struct Chosen {
    row: &'static OwnFunction,
    greatest: bool,
    value_nulls: bool,
    signature: Signature,
    aliases: Vec<String>,
    documentation: Documentation,
}

equal_by_row!(Chosen);

impl Chosen {
    pub(super) fn new(row: &'static OwnFunction, greatest: bool, value_nulls: bool) -> Self {
        Self {
            row,
            greatest,
            value_nulls,
            signature: signature(row),
            aliases: aliases(row),
            documentation: documentation(row),
        }
    }

    fn best(&self, args: &AccumulatorArgs<'_>) -> Result<Best> {
        let value = args.expr_fields[0].data_type();
        let key = args.expr_fields[1].data_type();
        Ok(Best::new(value, key, self.greatest, self.value_nulls)?)
    }
}

impl AggregateUDFImpl for Chosen {
    from_row!();

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types[0].clone())
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let field = |number: usize, name: &str| {
            let data_type = args.input_fields[number].data_type().clone();
            Arc::new(Field::new(format_state_name(args.name, name), data_type, true))
        };
        Ok(vec![field(0, "value"), field(1, "key")])
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(One { best: self.best(&args)?, first: None }))
    }

    fn create_sliding_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Sliding { best: self.best(&args)?, rows: Counted::default() }))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Groups { best: self.best(&args)?, firsts: Vec::new(), bytes: 0 }))
    }
}

/// The key, NULL where the row does not count: because it is later than asked for, or filtered.
fn counted_key(values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<ArrayRef> {
    let mut key = Arc::clone(&values[1]);
    if let Some(as_of) = values.get(2) {
        let within = cmp::lt_eq(&key, as_of)?;
        let outside: BooleanArray =
            within.iter().map(|within| Some(within != Some(true))).collect();
        key = nullif(&key, &outside)?;
    }
    if filter.is_some() {
        let outside: BooleanArray = (0..key.len()).map(|row| Some(!kept(filter, row))).collect();
        key = nullif(&key, &outside)?;
    }
    Ok(key)
}

fn visit(
    best: &Best,
    values: &[ArrayRef],
    filter: Option<&BooleanArray>,
    mut each: impl FnMut(usize, &[u8]),
) -> Result<()> {
    let (rows, counts) = best.rows(&values[0], &counted_key(values, filter)?)?;
    for (number, _) in counts.iter().enumerate().filter(|(_, counts)| **counts) {
        each(number, rows.row(number).as_ref());
    }
    Ok(())
}

fn scalars(best: &Best, first: Option<&[u8]>) -> Result<(ScalarValue, ScalarValue)> {
    let (value, key) = best.columns([first].into_iter())?;
    Ok((ScalarValue::try_from_array(&value, 0)?, ScalarValue::try_from_array(&key, 0)?))
}

#[derive(Debug)]
struct One {
    best: Best,
    first: Option<Box<[u8]>>,
}

impl Accumulator for One {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let first = &mut self.first;
        visit(&self.best, values, None, |_, row| {
            if first.as_deref().is_none_or(|first| row < first) {
                *first = Some(row.into());
            }
        })
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let (value, key) = scalars(&self.best, self.first.as_deref())?;
        Ok(vec![value, key])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(scalars(&self.best, self.first.as_deref())?.0)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.first.as_ref().map_or(0, |first| first.len())
    }
}

/// For windows that move: every row is kept until it leaves.
#[derive(Debug)]
struct Sliding {
    best: Best,
    rows: Counted,
}

impl Accumulator for Sliding {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = &mut self.rows;
        visit(&self.best, values, None, |_, row| rows.add(row))
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = &mut self.rows;
        visit(&self.best, values, None, |_, row| rows.remove(row))
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let (value, key) = scalars(&self.best, self.rows.first())?;
        Ok(vec![value, key])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(scalars(&self.best, self.rows.first())?.0)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.rows.size()
    }
}

#[derive(Debug)]
struct Groups {
    best: Best,
    firsts: Vec<Option<Box<[u8]>>>,
    bytes: usize,
}

impl Groups {
    fn take(&mut self, emit_to: EmitTo) -> Result<(ArrayRef, ArrayRef)> {
        let firsts = emit_to.take_needed(&mut self.firsts);
        self.bytes = self.firsts.iter().flatten().map(|first| first.len()).sum();
        Ok(self.best.columns(firsts.iter().map(|first| first.as_deref()))?)
    }
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.firsts.resize(total, None);
        let (firsts, bytes) = (&mut self.firsts, &mut self.bytes);
        visit(&self.best, values, filter, |number, row| {
            let first = &mut firsts[groups[number]];
            if first.as_deref().is_none_or(|first| row < first) {
                *bytes = *bytes + row.len() - first.as_ref().map_or(0, |first| first.len());
                *first = Some(row.into());
            }
        })
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.update_batch(values, groups, None, total)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(self.take(emit_to)?.0)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (value, key) = self.take(emit_to)?;
        Ok(vec![value, key])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::clone(&values[0]), counted_key(values, filter)?])
    }

    fn size(&self) -> usize {
        self.bytes + self.firsts.capacity() * size_of::<Option<Box<[u8]>>>()
    }
}
