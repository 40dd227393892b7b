//! The text of `docs/profile.md`, from the tables of this crate.

use std::fmt::{self, Write as _};

use crate::{EngineOption, Group, Knob, Preset, Profile, RefusedOption};

const HEAD: &str = "\
# The runtime profile

What `[profile]` in `viewlane.toml` can say. Written by `UPDATE_DOCS=1 cargo test -p \
viewlane-runtime-profile docs` from the tables in `crates/runtime-profile`; a test holds it equal.

```toml
[profile]
preset = \"prod\"
memory_limit = \"4GiB\"

[profile.datafusion]
optimizer.prefer_existing_sort = true
```

## Where values come from

A preset, then files, then environment variables, then flags; each overrides what comes before it.
The preset is the one that the last of them names, and whatever says something about a knob says it over that preset.
A knob is set by the variable `VIEWLANE_PROFILE_` and its name in capitals, such as `VIEWLANE_PROFILE_BATCH_SIZE`; the preset by `VIEWLANE_PROFILE_PRESET`; an option of the engine by `VIEWLANE_PROFILE_DATAFUSION__` and its key with two underscores for each dot.
A name that is not known, a value that is not taken, and two settings that were both written and cannot both hold are errors.

## What is applied and what is hashed

From the knobs one map is computed, the effective settings; that map is applied to a session, hashed and printed.
`auto` stands in it for the cores of the machine: it is applied as their number and hashed as `auto`, so that the same project has the same hash everywhere.
Folders for spill files are applied and not hashed.
Settings that change what a statement means are part of the hash of the policy too; they are marked.

Sizes are whole numbers with `B`, `KiB`, `MiB`, `GiB` or `TiB`; times are whole numbers with `s`, `m` or `h`.
";

const JOINS: &str = "\
A hash table of a join cannot be spilled: when it does not fit, the query fails. Under `by_budget` a join with keys builds one only when its build side surely fits `join_build_budget`, and else sorts both sides, which spills.
How large a side is at most follows from the rows and bytes of the tables below it: a filter is taken to pass everything, an aggregation to keep every row, a join along keys to give as many rows as the larger of its sides. Where a table does not say how many rows it has, the side is taken to be larger than the budget.
A `NOT IN` over a column that may be NULL, a cross join, and a join by floats, structs, lists or dictionaries have no other form, nor has EXISTS by a timestamp with a zone, a time of day or a wide decimal: they hold one side in memory whatever its size.
";

/// The text of `docs/profile.md`.
pub fn profile_document() -> String {
    let mut text = String::new();
    write(&mut text).expect("text takes whatever is written");
    text
}

fn write(text: &mut String) -> fmt::Result {
    text.push_str(HEAD);

    writeln!(text, "\n## Presets\n")?;
    for preset in Preset::ALL {
        writeln!(text, "* `{preset}`: {}", preset.purpose())?;
    }
    let default = Profile::default();
    let presets = Preset::ALL.map(Profile::of_preset);
    writeln!(text, "\nWhere they differ:\n")?;
    let names = Preset::ALL.map(|preset| format!("`{preset}`")).join(" | ");
    writeln!(text, "| knob | {names} |\n|---|{}", "---|".repeat(Preset::ALL.len()))?;
    for knob in Knob::all() {
        if presets.iter().any(|preset| knob.value(preset) != knob.value(&default)) {
            let values = presets.each_ref().map(|preset| knob.value(preset)).join(" | ");
            writeln!(text, "| `{}` | {values} |", knob.name)?;
        }
    }

    writeln!(text, "\n## Knobs")?;
    for group in Group::ALL {
        writeln!(text, "\n### {}\n\n{}", group.title(), group.documentation())?;
        if *group == Group::Joins {
            writeln!(text, "\n{}", JOINS.trim_end())?;
        }
        for knob in Knob::all().iter().filter(|knob| knob.group == *group) {
            write_knob(text, knob)?;
        }
    }

    writeln!(
        text,
        "\n## Options of the engine\n\n\
         `[profile.datafusion]` sets what is no knob. These are of the engine's version: one may go with an upgrade.\n\n\
         | option | takes | default |\n|---|---|---|"
    )?;
    for option in EngineOption::all() {
        let default = option.default.map_or("unset".to_owned(), |default| format!("`{default}`"));
        let accepts = option.kind.accepts();
        writeln!(text, "| `{}` | {accepts} | {default} |", option.name())?;
    }

    writeln!(
        text,
        "\n## Settings of the engine that cannot be set\n\n\
         | setting | value | why |\n|---|---|---|"
    )?;
    for refused in RefusedOption::all() {
        let value = refused.value.map_or("the engine's".to_owned(), |value| format!("`{value}`"));
        let meaning = if refused.meaning { "; changes what a statement means" } else { "" };
        writeln!(text, "| `{}` | {value} | {}{meaning} |", refused.key, refused.reason)?;
    }
    Ok(())
}

fn write_knob(text: &mut String, knob: &Knob) -> fmt::Result {
    writeln!(text, "\n#### `{}`\n", knob.name)?;
    for line in knob.documentation().lines() {
        writeln!(text, "{}", line.trim())?;
    }
    writeln!(text, "\nTakes {}. Example: {}.", knob.accepts, knob.example_line())?;
    match knob.key {
        Some(key) => writeln!(text, "Setting: `{key}`.")?,
        None => writeln!(text, "Not hashed.")?,
    }
    if knob.meaning {
        writeln!(text, "Changes what a statement means.")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
