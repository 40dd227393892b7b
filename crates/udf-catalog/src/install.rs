//! Everything into a session, in one call.

use std::sync::Arc;

use datafusion::execution::{FunctionRegistry, SessionState};
use viewlane_core::{FunctionKind, FunctionPack};

use crate::{
    DeltaFunctions, Error, MacroFactory, NestedOperators, OwnFunction, Pack, SlowFunction,
    SlowPolicy, ViewlaneFunctions, delta::DeltaTable, slow, tables::SessionTable,
};

/// Puts the functions of this crate, and what belongs to them, into a session.
///
/// ```
/// use datafusion::execution::SessionStateBuilder;
/// use viewlane_udf_catalog::{FunctionSnapshot, Installer};
///
/// let mut state = SessionStateBuilder::new().with_default_features().build();
/// Installer::new().install(&mut state)?;
/// let snapshot = FunctionSnapshot::from_session(&state);
/// assert!(snapshot.find("stable_id").is_some());
/// assert!(snapshot.find("substr").is_some());
/// assert!(snapshot.find("read_delta").is_none()); // nobody gave tables of a lake
/// # Ok::<(), viewlane_udf_catalog::Error>(())
/// ```
///
/// What is installed: the general functions, those on spans (feature `spans`), the tables about the
/// session, those of a lake if [`delta`](Self::delta) gives them, slow functions as far as
/// [`slow`](Self::slow) allows, SQL macros, and the operators on nested values.
#[derive(Debug, Default)]
#[must_use = "nothing is installed until `install` is called"]
pub struct Installer {
    delta: Option<Arc<dyn DeltaFunctions>>,
    policy: SlowPolicy,
    slow: Vec<Arc<dyn SlowFunction>>,
}

impl Installer {
    /// An installer of what needs nothing from outside.
    pub fn new() -> Self {
        Self { delta: None, policy: SlowPolicy::default(), slow: slow::own() }
    }

    /// Gives the tables of a lake to `read_delta`, `read_delta_cdf`, `delta_files` and
    /// `delta_history`, which are not there otherwise.
    pub fn delta(mut self, functions: Arc<dyn DeltaFunctions>) -> Self {
        self.delta = Some(functions);
        self
    }

    /// Which slow functions are there. Default: none.
    pub fn slow(mut self, policy: SlowPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// One more slow function, which the policy must allow like any other.
    pub fn slow_function(mut self, function: Arc<dyn SlowFunction>) -> Self {
        self.slow.push(function);
        self
    }

    /// Installs everything.
    ///
    /// # Errors
    ///
    /// [`Error::NameTaken`] when the session has a function of one of the names already,
    /// [`Error::UnknownSlowFunction`] when the policy allows what is not there. The session is then
    /// as it was.
    pub fn install(self, state: &mut SessionState) -> Result<(), Error> {
        let slow = self.policy.admit(&self.slow)?;
        let rows = || OwnFunction::all().iter().copied().filter(|row| self.installs(row));
        let slow_names = slow.iter().map(|function| function.name().to_owned());
        let row_names = rows().flat_map(|row| row.names()).map(str::to_owned);
        if let Some(name) = slow_names.chain(row_names).find(|name| is_known(state, name)) {
            return Err(Error::NameTaken { name });
        }

        let registered = |result: datafusion::error::Result<()>| {
            result.map_err(|error| Error::Register(crate::error::EngineError(Arc::new(error))))
        };
        registered(ViewlaneFunctions.register(state))?;
        #[cfg(feature = "spans")]
        registered(crate::SpanFunctions.register(state))?;
        for function in slow {
            registered(state.register_udf(Arc::new(function)).map(|_| ()))?;
        }
        for row in rows().filter(|row| row.kind == FunctionKind::Table) {
            if let Some(table) = SessionTable::named(row.name) {
                state.register_udtf(row.name, Arc::new(table));
            }
        }
        if let Some(delta) = &self.delta {
            register_delta(state, delta);
        }
        registered(state.register_expr_planner(Arc::new(NestedOperators)))?;
        registered(state.register_function_rewrite(Arc::new(NestedOperators)))?;
        state.set_function_factory(Arc::new(MacroFactory));
        Ok(())
    }

    fn installs(&self, row: &OwnFunction) -> bool {
        match row.pack {
            Pack::Viewlane | Pack::Tables => true,
            Pack::Spans => cfg!(feature = "spans"),
            Pack::Delta => self.delta.is_some(),
            Pack::Engine | Pack::Async => false,
        }
    }
}

/// Puts the functions that read the tables of a lake into a session that lacks them, such as a copy
/// of one in which the others are installed.
pub fn register_delta(state: &mut SessionState, functions: &Arc<dyn DeltaFunctions>) {
    for row in OwnFunction::all().iter().copied().filter(|row| row.pack == Pack::Delta) {
        let table = Arc::new(DeltaTable::new(row, Arc::clone(functions)));
        for name in row.names() {
            state.register_udtf(name, Arc::clone(&table) as _);
        }
    }
}

fn is_known(state: &SessionState, name: &str) -> bool {
    state.scalar_functions().contains_key(name)
        || state.higher_order_functions().contains_key(name)
        || state.aggregate_functions().contains_key(name)
        || state.window_functions().contains_key(name)
        || state.table_functions().contains_key(name)
}

#[cfg(test)]
mod tests;
