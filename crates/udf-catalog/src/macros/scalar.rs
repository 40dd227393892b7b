use std::hash::{Hash, Hasher};

use datafusion::{
    arrow::{compute::can_cast_types, datatypes::DataType},
    common::{
        Result, exec_err, plan_err,
        tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion},
    },
    execution::SessionState,
    logical_expr::{
        ColumnarValue, DocSection, Documentation, Expr, ExprSchemable, ScalarFunctionArgs,
        ScalarUDFImpl, Signature, Volatility, cast,
        simplify::{ExprSimplifyResult, SimplifyContext},
    },
    logical_expr_common::type_coercion::binary::comparison_coercion,
    optimizer::simplify_expressions::ExprSimplifier,
};

use super::body::{Arguments, argument, declared, volatility};

/// An expression with holes for arguments, put in place of each call.
#[derive(Debug)]
pub(crate) struct ScalarMacro {
    name: String,
    signature: Signature,
    /// What arguments are cast to.
    types: Vec<DataType>,
    returns: DataType,
    documentation: Documentation,
    body: Expr,
    /// How often each argument is used.
    uses: Vec<usize>,
}

impl PartialEq for ScalarMacro {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.types == other.types && self.body == other.body
    }
}

impl Eq for ScalarMacro {}

impl Hash for ScalarMacro {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.body.hash(state);
    }
}

impl ScalarMacro {
    pub(super) fn new(
        state: &SessionState,
        name: String,
        arguments: &Arguments,
        returns: Option<DataType>,
        behavior: Option<Volatility>,
        body: Expr,
    ) -> Result<Self> {
        let Some(returns) = returns else {
            return plan_err!("function `{name}` is a scalar one: write RETURNS and a type");
        };
        let text = body.to_string();
        let body = arguments.bind(&name, body)?;
        refuse_what_is_no_scalar(&name, &body)?;
        let volatility = declared(&name, behavior, volatility(&body)?)?;

        let schema = std::sync::Arc::new(arguments.schema()?);
        let context = SimplifyContext::builder()
            .with_schema(std::sync::Arc::clone(&schema))
            .with_config_options(std::sync::Arc::clone(state.config_options()))
            .build();
        // Nobody coerces what simplification puts in.
        let body = ExprSimplifier::new(context).coerce(body, &schema)?;
        let given = body.get_type(&schema)?;
        if !can_cast_types(&given, &returns) {
            return plan_err!(
                "function `{name}`: a body of type {given} cannot be cast to {returns}"
            );
        }
        let body = if given == returns { body } else { cast(body, returns.clone()) };
        let mut uses = vec![0; arguments.types.len()];
        body.apply(|expr| {
            if let Expr::Column(column) = expr
                && let Some(number) = argument(column.name())
            {
                uses[number] += 1;
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
        let mut signature = Signature::user_defined(volatility);
        if arguments.is_empty() {
            signature = Signature::nullary(volatility);
        }
        signature.parameter_names = arguments.names.clone();
        let documentation = documentation(&name, arguments, &text);
        let types = arguments.types.clone();
        Ok(Self { name, signature, types, returns, documentation, body, uses })
    }
}

fn refuse_what_is_no_scalar(name: &str, body: &Expr) -> Result<()> {
    let wrong = body.exists(|expr| {
        Ok(matches!(
            expr,
            Expr::AggregateFunction(_)
                | Expr::WindowFunction(_)
                | Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::Exists(_)
                | Expr::SetComparison(_)
                | Expr::Unnest(_)
        ))
    })?;
    match wrong {
        true => plan_err!(
            "function `{name}`: the body of a scalar function has no aggregate, window function, \
             subquery or unnest"
        ),
        false => Ok(()),
    }
}

fn documentation(name: &str, arguments: &Arguments, body: &str) -> Documentation {
    let numbered = || (1..=arguments.types.len()).map(|number| format!("${number}")).collect();
    let names: Vec<String> = arguments.names.clone().unwrap_or_else(numbered);
    let section = DocSection { include: true, label: "SQL Macros", description: None };
    let syntax = format!("{name}({})", names.join(", "));
    let mut builder = Documentation::builder(section, format!("Stands for `{body}`."), syntax);
    for (argument, data_type) in names.iter().zip(&arguments.types) {
        builder = builder.with_argument(argument, data_type.to_string());
    }
    builder.build()
}

impl ScalarUDFImpl for ScalarMacro {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// A number is cast to a number, a text to a text; anything else as in a comparison.
    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        if given.len() != self.types.len() {
            return plan_err!(
                "`{}` takes {} arguments, not {}",
                self.name,
                self.types.len(),
                given.len()
            );
        }
        for (given, wanted) in given.iter().zip(&self.types) {
            let fits = given == wanted
                || *given == DataType::Null
                || (given.is_numeric() && wanted.is_numeric())
                || (given.is_string() && wanted.is_string())
                || comparison_coercion(given, wanted).as_ref() == Some(wanted);
            if !fits {
                return plan_err!("`{}` takes {wanted} where {given} is given", self.name);
            }
        }
        Ok(self.types.clone())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.returns.clone())
    }

    fn simplify(&self, args: Vec<Expr>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        for (arg, uses) in args.iter().zip(&self.uses) {
            if *uses > 1 && arg.is_volatile() {
                return plan_err!(
                    "`{}` uses an argument {uses} times, so it cannot be the volatile `{arg}`",
                    self.name
                );
            }
        }
        let body = self.body.clone().transform(|expr| match &expr {
            Expr::Column(column) => match argument(column.name()).and_then(|n| args.get(n)) {
                // Children come first, so what is put in is not looked at again.
                Some(arg) => Ok(Transformed::yes(arg.clone())),
                None => Ok(Transformed::no(expr)),
            },
            _ => Ok(Transformed::no(expr)),
        });
        Ok(ExprSimplifyResult::Simplified(body.data()?))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        exec_err!(
            "macro `{}` was not put in place while planning: the optimizer must run",
            self.name
        )
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}
