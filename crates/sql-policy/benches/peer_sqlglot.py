"""The work of the bench `lane`, done by SQLGlot: CPU time for each query, as JSON.

Reads from stdin, as the bench writes it, for each set of queries
`{"relations": {name: [[column, type]]}, "queries": {name: [text, edited]}}`, where the edited text
has one literal changed.
Times are microseconds of CPU of this process, the median of several rounds.
A stage that SQLGlot cannot do for a query is left out for that query and named on stderr.
"""

import hashlib
import json
import statistics
import sys
import time

try:
    import sqlglot
except ImportError:
    sys.exit("SQLGlot is not installed here; pip install 'sqlglot[c]'")
from sqlglot.diff import diff
from sqlglot.lineage import lineage
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.canonicalize import canonicalize
from sqlglot.optimizer.normalize import normalize
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema
from sqlglot.serde import dump

ROUNDS = 5


def fingerprint(tree):
    return hashlib.blake2b(json.dumps(dump(tree)).encode()).hexdigest()


def qualified(text, schema):
    return qualify(sqlglot.parse_one(text), schema=schema, quote_identifiers=False)


def compiled(text, schema):
    """From the text to a tree with names bound, types, and predicates in normal form."""
    tree = annotate_types(qualified(text, schema), schema=schema)
    return normalize(canonicalize(tree))


def stages(text, edited, schema):
    """What is measured: the work, by stage. What is prepared here is not measured."""
    yield "parse", lambda: sqlglot.parse_one(text)
    # Without types and normal forms of predicates.
    yield "names", lambda: fingerprint(qualified(text, schema))
    yield "lane", lambda: fingerprint(compiled(text, schema))
    # Its best configuration: bound before, scopes built before, nothing copied for display.
    tree = qualified(text, schema)
    scope = build_scope(tree)
    yield "lineage", lambda: lineage(
        None, tree, schema, scope=scope, trim_selects=False, copy=False
    )
    before, after = qualified(text, schema), qualified(edited, schema)
    yield "diff", lambda: diff(before, after, delta_only=True)


def micros(work):
    work()
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        rounds.append((time.process_time() - started) * 1e6)
    return statistics.median(rounds)


def nested(relations):
    """`a.b: columns` as `{a: {b: columns}}`."""
    tree = {}
    for name, columns in relations.items():
        *outer, last = name.split(".")
        place = tree
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = dict(columns)
    return tree


def measure(relations, queries):
    schema = MappingSchema(nested(relations))
    times = {}
    for query, (text, edited) in queries.items():
        try:
            for stage, work in stages(text, edited, schema):
                times.setdefault(stage, {})[query] = micros(work)
        except Exception as error:
            reason = str(error).splitlines()[0]
            print(f"{query}: SQLGlot stops with {type(error).__name__}: {reason}", file=sys.stderr)
    return times


def main():
    sets = json.load(sys.stdin)
    times = {name: measure(**queries) for name, queries in sets.items()}
    kind = "pure Python" if hasattr(qualify, "__code__") else "compiled"
    json.dump({"peer": f"SQLGlot {sqlglot.__version__}, {kind}", "times": times}, sys.stdout)


if __name__ == "__main__":
    main()
