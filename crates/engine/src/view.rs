use std::collections::{BTreeMap, BTreeSet};

use viewlane_core::{
    Diagnostic, Fingerprint, RelationName, SourceText, Span, TableLocation, nearest,
};
use viewlane_schema_contract::Evolution;
use viewlane_sql_policy::{CompiledQuery, OptionValue, ViewHeader, ViewOption};

use crate::{codes, failure::Located};

/// How a view is to be refreshed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum RefreshPolicy {
    #[default]
    Auto,
    Incremental,
    IncrementalStrict,
    Full,
}

impl RefreshPolicy {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Incremental => "incremental",
            Self::IncrementalStrict => "incremental_strict",
            Self::Full => "full",
        }
    }
}

/// What the header of a view file says, checked.
#[derive(Clone, Debug, Default)]
pub(crate) struct ViewOptions {
    pub(crate) refresh: RefreshPolicy,
    pub(crate) refresh_span: Option<Span>,
    pub(crate) partition_by: Vec<(String, Span)>,
    pub(crate) sort_by: Vec<(String, Span)>,
    pub(crate) evolution: Evolution,
    pub(crate) tags: BTreeSet<String>,
    pub(crate) owner: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) location: Option<(String, Span)>,
}

/// Every option a view may have.
const KEYS: [&str; 10] = [
    "contract",
    "description",
    "float_sum",
    "location",
    "owner",
    "partition_by",
    "refresh",
    "sort_by",
    "tags",
    "unique_key",
];

impl ViewOptions {
    /// Reads the options of a header; each finding has its place.
    pub(crate) fn read(
        header: &ViewHeader,
        text: &SourceText,
        found: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut options = Self::default();
        for option in &header.options {
            options.take(option, header, text, found);
        }
        options
    }

    fn take(
        &mut self,
        option: &ViewOption,
        header: &ViewHeader,
        text: &SourceText,
        found: &mut Vec<Diagnostic>,
    ) {
        let key = option.key.as_str();
        if !KEYS.contains(&key) {
            let help = match nearest(key, KEYS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use one of: {}", KEYS.join(", ")),
            };
            let message = format!("a view has no option `{key}`");
            found.push(text.error(codes::UNKNOWN_OPTION, option.key_span, message).help(help));
            return;
        }
        let stored_only = [
            "contract",
            "float_sum",
            "location",
            "partition_by",
            "refresh",
            "sort_by",
            "unique_key",
        ];
        if !header.materialized && stored_only.contains(&key) {
            let message = format!("`{key}` has no effect on a view that is not stored");
            found.push(
                text.error(codes::BAD_OPTION, option.key_span, message)
                    .help("write `CREATE MATERIALIZED VIEW`, or remove the option"),
            );
            return;
        }
        let (value, span) = (text_of(&option.value), option.value_span);
        let mut one_of = |values: &[&str]| match value.as_deref() {
            Some(value) if values.contains(&value) => Some(value.to_owned()),
            _ => {
                let shown = value.as_deref().unwrap_or("this");
                let message = format!("`{key}` cannot be `{shown}`");
                let help = match nearest(shown, values.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("use one of: {}", values.join(", ")),
                };
                found.push(text.error(codes::BAD_OPTION, span, message).help(help));
                None
            }
        };
        match key {
            "refresh" => {
                self.refresh_span = Some(span);
                if let Some(value) = one_of(&["auto", "incremental", "incremental_strict", "full"])
                {
                    self.refresh = match value.as_str() {
                        "auto" => RefreshPolicy::Auto,
                        "incremental" => RefreshPolicy::Incremental,
                        "full" => RefreshPolicy::Full,
                        _ => RefreshPolicy::IncrementalStrict,
                    };
                }
                match self.refresh {
                    RefreshPolicy::IncrementalStrict => found.push(
                        text.error(
                            codes::NOT_INCREMENTAL,
                            span,
                            "this version refreshes in full; `incremental_strict` cannot be kept",
                        )
                        .help("use `auto`, which becomes incremental as soon as it can"),
                    ),
                    RefreshPolicy::Incremental => found.push(text.warning(
                        codes::NO_EFFECT,
                        span,
                        "this version refreshes in full; `incremental` is taken as `auto`",
                    )),
                    RefreshPolicy::Auto | RefreshPolicy::Full => {}
                }
            }
            "contract" => {
                if let Some(value) = one_of(&["strict", "additive", "relaxed"]) {
                    self.evolution = value.parse().unwrap_or_default();
                }
                if header.columns.is_empty() {
                    found.push(
                        text.error(
                            codes::BAD_OPTION,
                            option.key_span,
                            "`contract` has no effect without a column list",
                        )
                        .help("declare the columns after the name of the view"),
                    );
                }
            }
            "float_sum" => {
                if one_of(&["recompute_group", "accept_drift"]).is_some() {
                    found.push(text.warning(
                        codes::NO_EFFECT,
                        option.key_span,
                        "`float_sum` has no effect: this version refreshes in full",
                    ));
                }
            }
            "unique_key" => {
                let _ = self.list(option, text, found);
                found.push(text.warning(
                    codes::NO_EFFECT,
                    option.key_span,
                    "`unique_key` has no effect: this version refreshes in full",
                ));
            }
            "partition_by" => self.partition_by = self.list(option, text, found),
            "sort_by" => self.sort_by = self.list(option, text, found),
            "tags" => {
                self.tags =
                    self.list(option, text, found).into_iter().map(|(tag, _)| tag).collect();
            }
            "owner" | "description" | "location" => match value {
                Some(value) if !value.trim().is_empty() => match key {
                    "owner" => self.owner = Some(value),
                    "description" => self.description = Some(value),
                    _ => self.location = Some((value, span)),
                },
                _ => {
                    let message = format!("`{key}` must be a text that is not blank");
                    found.push(text.error(codes::BAD_OPTION, span, message));
                }
            },
            _ => unreachable!("every key of the list is handled"),
        }
    }

    /// A list: `'a, b'` or `(a, b)`.
    fn list(
        &self,
        option: &ViewOption,
        text: &SourceText,
        found: &mut Vec<Diagnostic>,
    ) -> Vec<(String, Span)> {
        let span = option.value_span;
        let items: Vec<String> = match &option.value {
            OptionValue::String(list) => {
                list.split(',').map(|item| item.trim().to_owned()).collect()
            }
            OptionValue::Identifiers(items) => items.clone(),
            _ => Vec::new(),
        };
        if items.is_empty() || items.iter().any(String::is_empty) {
            let message = format!("`{}` must be a list of names", option.key);
            found.push(
                text.error(codes::BAD_OPTION, span, message)
                    .help(format!("write `{} = 'a, b'`", option.key)),
            );
            return Vec::new();
        }
        items.into_iter().map(|item| (item, span)).collect()
    }
}

fn text_of(value: &OptionValue) -> Option<String> {
    match value {
        OptionValue::String(text) => Some(text.clone()),
        OptionValue::Identifiers(items) if items.len() == 1 => Some(items[0].clone()),
        _ => None,
    }
}

/// The engine and the stored types by which rows are made; another one may make other rows.
const ENGINE: &str = "datafusion 55, stored types 1";

/// A view that went through the lane.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) name: RelationName,
    pub(crate) text: SourceText,
    pub(crate) header: ViewHeader,
    pub(crate) options: ViewOptions,
    pub(crate) query: CompiledQuery,
    /// Cache key: the AST, the policy, the options that change what is stored, and the same of
    /// every plain view it reads.
    pub(crate) definition: Fingerprint,
    /// Where it is stored, unless it is a plain view.
    pub(crate) location: Option<TableLocation>,
}

impl View {
    pub(crate) fn materialized(&self) -> bool {
        self.header.materialized
    }

    /// The cache key, given those of the plain views read.
    pub(crate) fn definition(
        header: &ViewHeader,
        options: &ViewOptions,
        query: &CompiledQuery,
        plain: &BTreeMap<&RelationName, Fingerprint>,
    ) -> Fingerprint {
        let names = |list: &[(String, Span)]| -> Vec<String> {
            list.iter().map(|(name, _)| name.clone()).collect()
        };
        // Description, tags, owner and location say nothing about the rows.
        let mut builder = Fingerprint::builder("definition")
            .field("engine", ENGINE)
            .field("contract", options.evolution.to_string())
            .field("ast", query.fingerprint().as_bytes())
            .field("policy", query.policy_fingerprint().as_bytes())
            .field("materialized", [u8::from(header.materialized)])
            .list("partition_by", names(&options.partition_by))
            .list("sort_by", names(&options.sort_by))
            .list("key", header.primary_key.iter().map(|(name, _)| name));
        for column in &header.columns {
            builder.add("column", &column.name);
            builder.add(
                "type",
                column.data_type.as_ref().map(ToString::to_string).unwrap_or_default(),
            );
            builder.add("not_null", [u8::from(column.not_null)]);
        }
        for (name, definition) in plain {
            builder.add("reads", name.to_string());
            builder.add("definition", definition.as_bytes());
        }
        builder.finish()
    }
}
