use std::fmt;

/// One step from a value to a value inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Segment {
    /// A column, a field of a struct or a member of a union.
    Field(String),
    /// The elements of a list.
    Item,
    /// The keys of a map.
    Key,
    /// The values of a map.
    Value,
}

/// Where in a schema something is: a column, and what is inside it.
///
/// Shown as people write it: `lines[].price` is the field `price` of the elements of `lines`,
/// `tags{value}` are the values of the map `tags`. Empty: the columns as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnPath(Vec<Segment>);

impl ColumnPath {
    /// A column.
    pub fn column(name: impl Into<String>) -> Self {
        Self(vec![Segment::Field(name.into())])
    }

    /// The steps, from the column inwards.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The column it starts at; `None` when it is about the columns as a whole.
    pub fn root(&self) -> Option<&str> {
        match self.0.first() {
            Some(Segment::Field(name)) => Some(name),
            _ => None,
        }
    }

    /// Whether it leads inside a column.
    pub fn is_nested(&self) -> bool {
        self.0.len() > 1
    }

    /// One step further.
    #[must_use]
    pub fn then(&self, segment: Segment) -> Self {
        let mut steps = self.0.clone();
        steps.push(segment);
        Self(steps)
    }

    /// A field inside.
    #[must_use]
    pub fn field(&self, name: impl Into<String>) -> Self {
        self.then(Segment::Field(name.into()))
    }
}

impl FromIterator<Segment> for ColumnPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl fmt::Display for ColumnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(name) => {
                    if index > 0 {
                        f.write_str(".")?;
                    }
                    let plain = !name.is_empty() && !name.contains(['.', '[', '{', '"', ' ']);
                    if plain {
                        f.write_str(name)?;
                    } else {
                        write!(f, "\"{}\"", name.replace('"', "\"\""))?;
                    }
                }
                Segment::Item => f.write_str("[]")?,
                Segment::Key => f.write_str("{key}")?,
                Segment::Value => f.write_str("{value}")?,
            }
        }
        Ok(())
    }
}

/// The steps to where a walk is. Names are borrowed: only what is found makes a path.
#[derive(Debug, Default)]
pub(crate) struct Trail<'a>(Vec<Here<'a>>);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Here<'a> {
    Field(&'a str),
    Item,
    Key,
    Value,
}

impl<'a> Trail<'a> {
    pub(crate) fn push(&mut self, here: Here<'a>) {
        self.0.push(here);
    }

    pub(crate) fn pop(&mut self) {
        self.0.pop();
    }

    pub(crate) fn path(&self) -> ColumnPath {
        self.0.iter().map(Here::segment).collect()
    }

    pub(crate) fn field(&self, name: &str) -> ColumnPath {
        self.path().field(name)
    }
}

impl Here<'_> {
    fn segment(&self) -> Segment {
        match self {
            Self::Field(name) => Segment::Field((*name).to_owned()),
            Self::Item => Segment::Item,
            Self::Key => Segment::Key,
            Self::Value => Segment::Value,
        }
    }
}
