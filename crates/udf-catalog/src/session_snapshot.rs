//! The snapshot of a session: what the engine says about its functions, merged with our table.

use std::{collections::BTreeSet, sync::Arc};

use datafusion::{
    arrow::datatypes::{DataType, Field, FieldRef},
    common::{Result, types::NativeType},
    execution::SessionState,
    logical_expr::{
        Documentation, ReturnFieldArgs, Signature, async_udf::AsyncScalarUDF,
        function::WindowUDFFieldArgs,
    },
};
use viewlane_core::{FunctionKind, Volatility};

use crate::{
    FunctionEntry, FunctionSnapshot, Lane, OwnFunction, Pack, Tier,
    macros::is_macro,
    session::{PURE_TABLE_FUNCTIONS, from_engine},
};

impl FunctionSnapshot {
    /// Every function of a session. What is ours is told by our table; of the rest, names, types,
    /// volatility and texts are read from the session, as `information_schema` shows them, and it
    /// is taken to be fallible, because nobody says otherwise.
    pub fn from_session(state: &SessionState) -> Self {
        let mut entries = Vec::new();
        for function in state.scalar_functions().values() {
            let returns = |types: &[FieldRef]| {
                let args = ReturnFieldArgs {
                    arg_fields: types,
                    scalar_arguments: &vec![None; types.len()],
                };
                function.return_field_from_args(args)
            };
            let signature = function.signature();
            let facts = Facts::new(function.name(), FunctionKind::Scalar, function.aliases())
                .signature(signature, returns)
                .documentation(function.documentation())
                .tier(match function.inner().downcast_ref::<AsyncScalarUDF>() {
                    Some(_) => Tier::Async,
                    None if is_macro(function) => Tier::SqlMacro,
                    None => Tier::Builtin,
                });
            entries.push(facts.entry());
        }
        for function in state.higher_order_functions().values() {
            let mut facts = Facts::new(function.name(), FunctionKind::Scalar, function.aliases());
            facts.0.volatility = from_engine(function.signature().volatility);
            entries.push(facts.documentation(function.documentation()).entry());
        }
        for function in state.aggregate_functions().values() {
            let facts = Facts::new(function.name(), FunctionKind::Aggregate, function.aliases())
                .signature(function.signature(), |types| function.return_field(types))
                .documentation(function.documentation());
            entries.push(facts.entry());
        }
        for function in state.window_functions().values() {
            let returns = |types: &[FieldRef]| {
                function.field(WindowUDFFieldArgs::new(types, function.name()))
            };
            let facts = Facts::new(function.name(), FunctionKind::Window, function.aliases())
                .signature(function.signature(), returns)
                .documentation(function.documentation());
            entries.push(facts.entry());
        }
        for name in state.table_functions().keys() {
            let mut facts = Facts::new(name, FunctionKind::Table, &[]);
            if PURE_TABLE_FUNCTIONS.contains(&name.as_str()) {
                facts.0.volatility = Volatility::Immutable;
            }
            entries.push(facts.entry());
        }
        Self::new(entries)
    }
}

struct Facts(FunctionEntry);

impl Facts {
    fn new(name: &str, kind: FunctionKind, aliases: &[String]) -> Self {
        let mut aliases = aliases.to_vec();
        aliases.sort();
        Self(FunctionEntry {
            name: name.to_owned(),
            aliases,
            kind,
            tier: Tier::Builtin,
            pack: Pack::Engine,
            lanes: vec![Lane::Engine],
            volatility: Volatility::Volatile,
            fallible: true,
            parameters: Vec::new(),
            signatures: Vec::new(),
            returns: String::new(),
            tags: Vec::new(),
            description: String::new(),
            syntax: String::new(),
            example: String::new(),
            arguments: Vec::new(),
            section: String::new(),
        })
    }

    fn signature(
        mut self,
        signature: &Signature,
        returns: impl Fn(&[FieldRef]) -> Result<FieldRef>,
    ) -> Self {
        self.0.volatility = from_engine(signature.volatility);
        self.0.parameters = signature.parameter_names.clone().unwrap_or_default();
        let mut results = BTreeSet::new();
        let mut lists = BTreeSet::new();
        for types in signature.type_signature.get_example_types() {
            let fields: Vec<FieldRef> = types
                .iter()
                .map(|data_type| Arc::new(Field::new("argument", data_type.clone(), true)))
                .collect();
            if let Ok(field) = returns(&fields) {
                results.insert(type_name(field.data_type()));
            }
            let types: Vec<String> = types.iter().map(type_name).collect();
            lists.insert(format!("({})", types.join(", ")));
        }
        self.0.signatures = lists.into_iter().collect();
        self.0.returns = results.into_iter().collect::<Vec<_>>().join(" | ");
        self
    }

    fn documentation(mut self, documentation: Option<&Documentation>) -> Self {
        let Some(documentation) = documentation else { return self };
        self.0.description = documentation.description.clone();
        self.0.syntax = documentation.syntax_example.clone();
        self.0.example = documentation.sql_example.clone().unwrap_or_default();
        self.0.arguments = documentation.arguments.clone().unwrap_or_default();
        self.0.section = documentation.doc_section.label.to_owned();
        if self.0.parameters.is_empty() {
            self.0.parameters = self.0.arguments.iter().map(|(name, _)| name.clone()).collect();
        }
        self
    }

    fn tier(mut self, tier: Tier) -> Self {
        self.0.tier = tier;
        match tier {
            Tier::SqlMacro => self.0.lanes = vec![Lane::Rewrite],
            Tier::Async => {
                self.0.lanes = vec![Lane::Await];
                self.0.pack = Pack::Async;
            }
            Tier::Builtin | Tier::Rust => {}
        }
        self
    }

    /// Ours is told by our table, which knows more; a macro may have a name of ours if ours is not
    /// registered.
    fn entry(self) -> FunctionEntry {
        match OwnFunction::named(&self.0.name) {
            Some(row) if row.kind == self.0.kind && self.0.tier != Tier::SqlMacro => {
                FunctionEntry::of(row)
            }
            _ => self.0,
        }
    }
}

fn type_name(data_type: &DataType) -> String {
    NativeType::from(data_type.clone()).to_string()
}
