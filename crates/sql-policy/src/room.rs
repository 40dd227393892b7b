//! Stack for trees that lean far to one side, as `a AND b AND …` does.
//!
//! Walks guard each step themselves. Copying and dropping a tree is generated code that recurses
//! without asking, so it gets the room for the whole tree at once.

/// How far a tree reaches down.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Size {
    /// Expressions inside each other.
    pub(crate) height: usize,
    /// Queries inside each other and branches of set operations.
    pub(crate) queries: usize,
}

/// Measured without optimisation: 10.6 KiB for a call, less for other expressions; 26 KiB for one
/// query.
const COPY: (usize, usize) = (16 << 10, 40 << 10);
/// Measured without optimisation, as JSON: less than 10 KiB for an operator.
const WRITE: (usize, usize) = (32 << 10, 64 << 10);
/// Measured without optimisation: about 100 bytes for either.
const DROP: usize = 512;
/// Measured without optimisation: 55 KiB for one pair of parentheses in FROM.
const PARSE: usize = 160 << 10;
const SPARE: usize = 256 << 10;

impl Size {
    /// Enough for either.
    pub(crate) fn or(self, other: Self) -> Self {
        Self { height: self.height.max(other.height), queries: self.queries.max(other.queries) }
    }

    /// Runs work that copies a tree of this size.
    pub(crate) fn copying<R>(self, work: impl FnOnce() -> R) -> R {
        with(SPARE + self.height * COPY.0 + self.queries * COPY.1, work)
    }

    /// Runs work that serialises a tree of this size.
    pub(crate) fn writing<R>(self, work: impl FnOnce() -> R) -> R {
        with(SPARE + self.height * WRITE.0 + self.queries * WRITE.1, work)
    }

    /// Runs work that drops a tree of this size.
    pub(crate) fn dropping<R>(self, work: impl FnOnce() -> R) -> R {
        with(SPARE + (self.height + self.queries) * DROP, work)
    }
}

/// Runs a parser. It guards only some of its steps, and drops what it has made so far when it
/// meets an error.
pub(crate) fn parsing<R>(tokens: usize, depth: usize, work: impl FnOnce() -> R) -> R {
    with(SPARE + tokens * DROP + depth.min(tokens) * PARSE, work)
}

/// Enough without optimisation for templates as deep as they may be.
#[cfg(feature = "templates")]
const RENDER: usize = 16 << 20;

/// Runs a template, which guards only some of its steps.
#[cfg(feature = "templates")]
pub(crate) fn rendering<R>(work: impl FnOnce() -> R) -> R {
    with(RENDER, work)
}

fn with<R>(bytes: usize, work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(bytes, bytes, work)
}
