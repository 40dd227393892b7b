use proptest::prelude::*;
use sqlparser::ast::{Expr, SelectItem, SetExpr, UnaryOperator, Value};
use viewlane_core::Kinded;

use super::*;
use crate::{
    GatedQuery, Lane, Limits, ParameterStyle, Parameters, Templates,
    fixtures::{Known, compile, lane, refusal, show, text},
};

fn rendering(dialect: &str) -> Lane {
    let policy = Policy::builder().dialect(dialect).templates(Templates::Render);
    Lane::new(policy.build().expect("a known dialect"))
}

fn values() -> TemplateValues {
    TemplateValues::new()
        .set("text", "it's")
        .set("number", 7)
        .set("negative", i64::MIN)
        .set("float", 1.0)
        .set("yes", true)
        .set("nothing", TemplateValue::Null)
        .set("name", TemplateValue::Identifier("Or\"ders".to_owned()))
        .set("column", "Day")
        .set("items", vec!["a", "b"])
        .set("numbers", vec![1, -2])
        .set("none_at_all", Vec::<i64>::new())
        .set("rows", vec![vec![1, 2], vec![3, 4]])
}

/// What each text renders to, or why it does not.
fn rendered(texts: &[&str]) -> String {
    rendered_in("generic", texts)
}

fn rendered_in(dialect: &str, texts: &[&str]) -> String {
    let lane = rendering(dialect);
    let shown = texts.iter().map(|sql| match lane.render(&text(sql), &values()) {
        Ok(rendered) => format!("{sql}\n  =>  {}\n", rendered.text().text()),
        Err(rejection) => format!("{sql}\n{}\n", refusal(&rejection)),
    });
    shown.collect()
}

#[test]
fn values_are_written_by_their_types() {
    insta::assert_snapshot!(rendered(&[
        "select {{ text }}, {{ number }}, {{ negative }}, {{ float }}, {{ yes }}, {{ nothing }}",
        "select {{ column | ident }}, {{ name }} from {{ name }}.{{ 'T' | ident }}",
        "select a in ({{ items }}), b in ({{ numbers }}), {{ items | ident }}",
        "select {{ 'x' }}, {{ \"it's\" }}, {{ 1.5 }}, {{ [1, 'a'] }}, {{ -number }}, {{ 1e300 }}",
        "values {% for row in rows %}({{ row }}){% if not loop.last %}, {% endif %}{% endfor %}",
    ]), @r#"
    select {{ text }}, {{ number }}, {{ negative }}, {{ float }}, {{ yes }}, {{ nothing }}
      =>  select 'it''s', 7, (-9223372036854775808), 1.0, true, NULL
    select {{ column | ident }}, {{ name }} from {{ name }}.{{ 'T' | ident }}
      =>  select "Day", "Or""ders" from "Or""ders"."T"
    select a in ({{ items }}), b in ({{ numbers }}), {{ items | ident }}
      =>  select a in ('a', 'b'), b in (1, (-2)), "a", "b"
    select {{ 'x' }}, {{ "it's" }}, {{ 1.5 }}, {{ [1, 'a'] }}, {{ -number }}, {{ 1e300 }}
      =>  select 'x', 'it''s', 1.5, 1, 'a', (-7), 1e300
    values {% for row in rows %}({{ row }}){% if not loop.last %}, {% endif %}{% endfor %}
      =>  values (1, 2), (3, 4)
    "#);
}

#[test]
fn templates_choose() {
    insta::assert_snapshot!(rendered(&[
        "select a {%- if yes %}, b {%- endif %} from t",
        "select {% if number > 10 %}a{% elif text == \"it's\" %}b{% else %}c{% endif %} from t",
        "{# a note with ' in it -#}   select 1",
        "select {% for c in items %}{{ c | ident }}, {% endfor %}1",
        "select {{ number if nothing is none else text }}, {{ items[0] }}, {{ loop_ if yes }}",
        "select 1 {% if none_at_all %}where a in ({{ none_at_all }}){% endif %}",
    ]), @r#"
    select a {%- if yes %}, b {%- endif %} from t
      =>  select a, b from t
    select {% if number > 10 %}a{% elif text == "it's" %}b{% else %}c{% endif %} from t
      =>  select b from t
    {# a note with ' in it -#}   select 1
      =>  select 1
    select {% for c in items %}{{ c | ident }}, {% endfor %}1
      =>  select "a", "b", 1
    select {{ number if nothing is none else text }}, {{ items[0] }}, {{ loop_ if yes }}
    VL-P0106: the template names a value `loop_` that nobody gave @ 1:70 `loop_`
      help: give a value for `loop_`
    select 1 {% if none_at_all %}where a in ({{ none_at_all }}){% endif %}
      =>  select 1
    "#);
}

/// Literals, quoted names and comments keep their bytes, and none of them can be closed.
#[test]
fn text_is_never_rendered() {
    insta::assert_snapshot!(rendered(&[
        "select '{{ text }}', \"{{ name }}\", $${% if %}$$ -- {{ text }}\n from t",
        "select 'a' -- {{ nope }} {% endif %}\n, {{ number }} /* {{ nope */",
        "select a -- first\n{%- if yes %}, b {% endif %}from t",
        "select ' a ' {{- number -}} ' b '",
        "select 'a'{{ text }}, {{ text }}'b', {{ text }}{{ text }}, N{{ text }}",
        "select {% if yes %}-{% endif %}- {{ text }}\n, E{# #}'\\', {{ text }}",
        "select 1{{ number }}, a{{ number }}, {{ number }}e5, {{ name }}{{ name }}, t.{{ number }}",
        "select {% if yes %}/{% endif %}* 'a', {{ text }} */",
        "select /*! {{ text }} */ {{ number }}",
    ]), @r#"
    select '{{ text }}', "{{ name }}", $${% if %}$$ -- {{ text }}
     from t
    VL-P0103: `{{` stands inside a string, where nothing is rendered @ 1:9 `{{`
      help: write `{{ value }}` without quotes around it: a text comes with its own
    VL-P0103: `{{` stands inside a quoted name, where nothing is rendered @ 1:23 `{{`
      help: write `{{ value | ident }}` without quotes around it: a name comes with its own
    VL-P0103: `{%` stands inside a string, where nothing is rendered @ 1:38 `{%`
      help: write `{{ value }}` without quotes around it: a text comes with its own
    select 'a' -- {{ nope }} {% endif %}
    , {{ number }} /* {{ nope */
      =>  select 'a' -- {{ nope }} {% endif %}
    , 7 /* {{ nope */
    select a -- first
    {%- if yes %}, b {% endif %}from t
      =>  select a -- first
    , b from t
    select ' a ' {{- number -}} ' b '
      =>  select ' a '7' b '
    select 'a'{{ text }}, {{ text }}'b', {{ text }}{{ text }}, N{{ text }}
    VL-P0108: this string runs together with what stands around it once it is rendered @ 1:8 `'a'`
      help: put blanks between them; to join texts write `||`
    VL-P0108: this value runs together with what stands around it once it is rendered @ 1:11 `'it''s'`
      help: put blanks between them; to join texts write `||`
    VL-P0108: this value runs together with what stands around it once it is rendered @ 1:20 `'it''s'`
      help: put blanks between them; to join texts write `||`
    VL-P0108: this string runs together with what stands around it once it is rendered @ 1:27 `'b'`
      help: put blanks between them; to join texts write `||`
    VL-P0108: this value runs together with what stands around it once it is rendered @ 1:32 `'it''s'`
      help: put blanks between them; to join texts write `||`
    VL-P0108: this value runs together with what stands around it once it is rendered @ 1:39 `'it''s'`
      help: put blanks between them; to join texts write `||`
    VL-P0108: this value runs together with what stands around it once it is rendered @ 1:49 `'it''s'`
      help: put blanks between them; to join texts write `||`
    select {% if yes %}-{% endif %}- {{ text }}
    , E{# #}'\', {{ text }}
    VL-P0201: unterminated string literal @ 2:15 `'`
      help: correct the syntax at the marked place
    select 1{{ number }}, a{{ number }}, {{ number }}e5, {{ name }}{{ name }}, t.{{ number }}
    VL-P0108: this value runs together with what stands around it once it is rendered @ 1:9 `7`
      help: put blanks between them; to join texts write `||`
    VL-P0108: this value runs together with what stands around it once it is rendered @ 1:13 `7`
      help: put blanks between them; to join texts write `||`
    VL-P0108: this value runs together with what stands around it once it is rendered @ 1:16 `7`
      help: put blanks between them; to join texts write `||`
    VL-P0108: this value runs together with what stands around it once it is rendered @ 1:21 `"Or""ders"`
      help: put blanks between them; to join texts write `||`
    VL-P0108: this value runs together with what stands around it once it is rendered @ 1:31 `"Or""ders"`
      help: put blanks between them; to join texts write `||`
    VL-P0108: this value runs together with what stands around it once it is rendered @ 1:45 `7`
      help: put blanks between them; to join texts write `||`
    select {% if yes %}/{% endif %}* 'a', {{ text }} */
    VL-P0108: this string runs together with what stands around it once it is rendered @ 1:11 `'a'`
      help: put blanks between them; to join texts write `||`
    VL-P0108: this value runs together with what stands around it once it is rendered @ 1:16 `'it''s'`
      help: put blanks between them; to join texts write `||`
    select /*! {{ text }} */ {{ number }}
    VL-P0108: this comment runs together with what stands around it once it is rendered @ 1:8 `/*! {{ text }} */`
      help: put blanks between them; to join texts write `||`
    "#);
}

#[test]
fn what_templates_do_not_have_is_refused() {
    insta::assert_snapshot!(rendered(&[
        "{% include 'x' %}{% extends 'x' %}{% import 'x' as y %}{% macro m() %}{% endmacro %}",
        "{% set x = 1 %}{% set y %}raw{% endset %}{% raw %}{{ x }}{% endraw %}{% filter safe %}",
        "select {{ text | safe }}, {{ text | upper }}, {{ range(3) }}, {{ loop(items) }}",
        "select {{ text ~ text }}, {{ number + 1 }}, {{ text * 3 }}, {{ {'a': 1} }}, {{ items[1:] }}",
        "{% for x in rows recursive %}{{ x }}{% endfor %}, {{ x is defined }}, {{ (1 }}, {{ 1) }}",
        "select ${x}, <% y %>, {{ number }}",
    ]), @"
    {% include 'x' %}{% extends 'x' %}{% import 'x' as y %}{% macro m() %}{% endmacro %}
    VL-P0105: templates have no statement `include` @ 1:4 `include`
      help: the statements are `if`, `elif`, `else` and `for`
    VL-P0105: templates have no statement `extends` @ 1:21 `extends`
      help: the statements are `if`, `elif`, `else` and `for`
    VL-P0105: templates have no statement `import` @ 1:38 `import`
      help: the statements are `if`, `elif`, `else` and `for`
    VL-P0105: templates have no statement `macro` @ 1:59 `macro`
      help: the statements are `if`, `elif`, `else` and `for`
    VL-P0105: templates have no statement `endmacro` @ 1:74 `endmacro`
      help: the statements are `if`, `elif`, `else` and `for`
    {% set x = 1 %}{% set y %}raw{% endset %}{% raw %}{{ x }}{% endraw %}{% filter safe %}
    VL-P0105: templates have no `=` @ 1:10 `=`
      help: templates only choose: compute in SQL, or give another value
    VL-P0105: templates have no statement `set` @ 1:19 `set`
      help: the statements are `if`, `elif`, `else` and `for`
    VL-P0105: templates have no statement `endset` @ 1:33 `endset`
      help: the statements are `if`, `elif`, `else` and `for`
    VL-P0105: templates have no statement `raw` @ 1:45 `raw`
      help: the statements are `if`, `elif`, `else` and `for`
    VL-P0105: templates have no statement `endraw` @ 1:61 `endraw`
      help: the statements are `if`, `elif`, `else` and `for`
    VL-P0105: templates have no statement `filter` @ 1:73 `filter`
      help: the statements are `if`, `elif`, `else` and `for`
    select {{ text | safe }}, {{ text | upper }}, {{ range(3) }}, {{ loop(items) }}
    VL-P0105: templates have no filter `safe` @ 1:18 `safe`
      help: the only filter is `ident`, which makes a name of a text
    VL-P0105: templates have no filter `upper` @ 1:37 `upper`
      help: the only filter is `ident`, which makes a name of a text
    VL-P0105: templates have no function `range` @ 1:50 `range`
      help: templates only choose: compute in SQL, or give another value
    VL-P0105: templates have no function `loop` @ 1:66 `loop`
      help: templates only choose: compute in SQL, or give another value
    select {{ text ~ text }}, {{ number + 1 }}, {{ text * 3 }}, {{ {'a': 1} }}, {{ items[1:] }}
    VL-P0105: templates have no `~` @ 1:16 `~`
      help: templates only choose: compute in SQL, or give another value
    VL-P0105: templates have no `+` @ 1:37 `+`
      help: templates only choose: compute in SQL, or give another value
    VL-P0105: templates have no `*` @ 1:53 `*`
      help: templates only choose: compute in SQL, or give another value
    VL-P0105: templates have no `{` @ 1:64 `{`
      help: templates only choose: compute in SQL, or give another value
    VL-P0105: templates have no `:` @ 1:87 `:`
      help: templates only choose: compute in SQL, or give another value
    {% for x in rows recursive %}{{ x }}{% endfor %}, {{ x is defined }}, {{ (1 }}, {{ 1) }}
    VL-P0105: templates have no recursive loops @ 1:18 `recursive`
      help: give the values as one list
    VL-P0105: templates have no test `defined` @ 1:59 `defined`
      help: the only test is `is none`
    VL-P0104: a bracket is still open here @ 1:77 `}`
      help: close the bracket
    VL-P0104: no bracket is open here @ 1:85 `)`
      help: open the bracket
    select ${x}, <% y %>, {{ number }}
    VL-P0101: `${` begins a template, not SQL @ 1:8 `${`
      help: render the template first: a view is plain SQL
    VL-P0101: `<%` begins a template, not SQL @ 1:14 `<%`
      help: render the template first: a view is plain SQL
    ");
}

#[test]
fn what_is_wrong_with_a_template_is_told_where_it_stands() {
    insta::assert_snapshot!(rendered(&[
        "select 'é', {{ numbr }}, {{ zzz }}",
        "select 'é' {% if yes %} from t",
        "select 'é', {{ text | }}",
        "select 'é', {{ number.x }}",
        "select {{ rows }}, 1",
        "select {{ none_at_all }}",
        "select {{ number | ident }}",
        "select {{ '' | ident }}",
        "select {{ 1e999 }}",
        "select {{ 18446744073709551615 }}",
        "select {{ number if not yes }}",
        "select {{ \"never closed }}",
        "select {{ text < number }}, {{ text - 1 }}",
    ]), @r#"
    select 'é', {{ numbr }}, {{ zzz }}
    VL-P0106: the template names a value `numbr` that nobody gave @ 1:16 `numbr`
      help: did you mean `number`?
    VL-P0106: the template names a value `zzz` that nobody gave @ 1:29 `zzz`
      help: give a value for `zzz`
    select 'é' {% if yes %} from t
    VL-P0104: unexpected end of input, expected end of block @ 1:24 ` from t`
      help: correct the template at the marked place
    select 'é', {{ text | }}
    VL-P0104: unexpected end of variable block, expected identifier @ 1:23 `}}`
      help: correct the template at the marked place
    select 'é', {{ number.x }}
    VL-P0104: undefined value @ 1:16 `number.x`
      help: correct the template at the marked place
    select {{ rows }}, 1
    VL-P0108: a list of lists has no form in SQL @ 1:11 `rows`
      help: write a loop over the outer list
    select {{ none_at_all }}
    VL-P0108: an empty list has no form in SQL @ 1:11 `none_at_all`
      help: ask for it first, as in `{% if values %} … {% endif %}`
    select {{ number | ident }}
    VL-P0108: `ident` makes names of texts, and this is a number @ 1:20 `ident`
      help: give a text, or a list of texts
    select {{ '' | ident }}
    VL-P0108: a name is empty @ 1:16 `ident`
      help: give a name of at least one letter
    select {{ 1e999 }}
    VL-P0108: `inf` is no number that SQL can write @ 1:11 `1e999`
      help: give a number that SQL can write
    select {{ 18446744073709551615 }}
    VL-P0108: a number does not fit 64 bits @ 1:11 `18446744073709551615`
      help: give a number that SQL can write
    select {{ number if not yes }}
    VL-P0108: a value of kind undefined has no form in SQL @ 1:8 `{{ number if not yes`
      help: give a text, a number, a boolean, a name or a list of them
    select {{ "never closed }}
    VL-P0104: no `}}` closes this @ 1:8 `{{`
      help: close it; to write two braces as SQL, put a blank between them
    select {{ text < number }}, {{ text - 1 }}
    VL-P0104: tried to use - operator on unsupported types string and number @ 1:32 `text - 1`
      help: correct the template at the marked place
    "#);
}

#[test]
fn dialects_write_values_in_their_own_way() {
    let values = TemplateValues::new()
        .set("text", "it's a \\ and % and \\'")
        .set("name", TemplateValue::Identifier("a`\"b".to_owned()));
    let shown = ["generic", "mysql", "bigquery", "snowflake", "spark", "mssql", "sqlite"];
    let shown = shown.map(|dialect| {
        let rendered = rendering(dialect).render(&text("select {{ text }}, {{ name }}"), &values);
        format!("[{dialect}] {}\n", rendered.unwrap().text().text())
    });
    insta::assert_snapshot!(shown.concat(), @r#"
    [generic] select 'it''s a \ and % and \''', "a`""b"
    [mysql] select 'it\'s a \\ and % and \\\'', `a``"b`
    [bigquery] select 'it\'s a \\ and % and \\\'', `a``"b`
    [snowflake] select 'it\'s a \\ and % and \\\'', "a`""b"
    [spark] select 'it''s a \ and % and \''', `a``"b`
    [mssql] select 'it''s a \ and % and \''', "a`""b"
    [sqlite] select 'it''s a \ and % and \''', "a`""b"
    "#);
}

#[test]
fn a_rendered_text_is_compiled_with_its_template_beside_it() {
    let lane = rendering("generic");
    let source = text("select a, {{ text }} as b\nfrom {{ name }} where nope(1)");
    let given = values();
    let rendered = lane.render(&source, &given).unwrap();
    assert_eq!(rendered.source(), &source);
    let used = rendered.template().unwrap();
    assert_eq!(used.source(), &source);
    let names: Vec<_> = used.values().iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["name", "text"]);
    assert_eq!(used.values().get("text"), Some(&TemplateValue::from("it's")));
    let rejection = lane.read_query(&rendered, &Known).unwrap_err();
    insta::assert_snapshot!(format!("{rejection}"), @"VL-P0401: the function `nope` is not known (q.sql (rendered):2:23)");

    let source = text("select {{ text }} as b");
    let query = compile(&lane, &lane.render(&source, &given).unwrap()).unwrap();
    assert_eq!(query.sql(), "SELECT 'it''s' AS b");
    assert_eq!(query.source().file(), "q.sql (rendered)");
    assert_eq!(query.template().unwrap().source().text(), "select {{ text }} as b");
    let plain = compile(&lane, &text("select 'it''s' as b")).unwrap();
    assert_eq!(plain.fingerprint(), query.fingerprint());
    assert_eq!(plain.template(), None);
}

#[test]
fn a_template_is_the_same_whatever_its_values() {
    let lane = rendering("generic");
    let one = |sql: &str, number: i64| {
        let values = TemplateValues::new().set("n", number);
        lane.render(&text(sql), &values).unwrap().template().unwrap().fingerprint()
    };
    assert_eq!(one("select {{ n }}", 1), one("select {{ n }}", 2));
    assert_ne!(one("select {{ n }}", 1), one("select {{  n }}", 1));
}

#[test]
fn values_that_nobody_names_are_warned_of() {
    let lane = rendering("generic");
    let values = TemplateValues::new().set("a", 1).set("b", 2).set("c", 3);
    let rendered = lane.render(&text("select {{ b }} -- {{ a }}"), &values).unwrap();
    let shown: Vec<_> = rendered.warnings().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    VL-P0107: `q.sql` names no value `a`
    VL-P0107: `q.sql` names no value `c`
    ");
    let plain = lane.render(&text("select 1"), &values).unwrap();
    assert_eq!(plain.warnings().len(), 3);
    assert_eq!(plain.text(), &text("select 1"));
    assert_eq!(plain.template(), None);
}

#[test]
fn a_template_is_not_compiled_unrendered() {
    insta::assert_snapshot!(
        show(rendering("generic").read_query(&text("select '{{ a }}', {{ b }}"), &Known)),
        @"
        VL-P0103: `{{` stands inside a string, where nothing is rendered @ 1:9 `{{`
          help: write `{{ value }}` without quotes around it: a text comes with its own
        VL-P0101: `{{` begins a template, not SQL @ 1:19 `{{`
          help: render the text first: the policy allows it
        "
    );
    insta::assert_snapshot!(
        show(lane().read_query(&text("select '{{ a }}', {{ b }}"), &Known)),
        @"
        VL-P0101: `{{` begins a template, not SQL @ 1:19 `{{`
          help: render the template first: a view is plain SQL
        "
    );
    insta::assert_snapshot!(
        refusal(&lane().render(&text("select '{{ a }}', {{ b }}"), &values()).unwrap_err()),
        @"
        VL-P0101: `{{` begins a template, not SQL @ 1:19 `{{`
          help: render the template first: a view is plain SQL
        "
    );
    let plain = lane().render(&text("select '{{ a }}'"), &TemplateValues::new()).unwrap();
    assert_eq!(plain.text().text(), "select '{{ a }}'");
}

#[test]
fn templates_and_parameters_go_together() {
    let policy = Policy::builder()
        .templates(Templates::Render)
        .parameters(ParameterStyle::Colon, Parameters::Bind);
    let lane = Lane::new(policy.build().unwrap());
    let source = text("select a from t where b = {{ text }} and c = :c");
    let values = TemplateValues::new().set("text", ":d {{ e }} ?");
    let query = lane.read_query(&lane.render(&source, &values).unwrap(), &Known).unwrap();
    assert_eq!(query.sql(), "SELECT a FROM t WHERE b = ':d {{ e }} ?' AND c = $c");
    assert_eq!(query.parameters().len(), 1);
}

#[test]
fn rendering_ends() {
    let limits = Limits { bytes: 1000, steps: 500, ..Limits::default() };
    let policy = Policy::builder().templates(Templates::Render).limits(limits).build().unwrap();
    let lane = Lane::new(policy);
    let many: Vec<i64> = (0..100).collect();
    let values = TemplateValues::new().set("many", many).set("long", "x".repeat(600));
    let render = |sql: &str| match lane.render(&text(sql), &values) {
        Ok(rendered) => format!("{} bytes", rendered.text().text().len()),
        Err(rejection) => refusal(&rejection),
    };
    let endless =
        "{% for a in many %}{% for b in many %}{% if a %}{% endif %}{% endfor %}{% endfor %}";
    insta::assert_snapshot!(render(endless), @"
    VL-P0109: rendering takes more than the 500 steps of the policy @ 1:32 `many`
      help: give shorter lists, or raise the limit `steps`
    ");
    insta::assert_snapshot!(render("select {{ long }}, {{ long }}"), @"
    VL-P0211: the rendered text has more than the 1000 bytes of the policy @ 1:1 `s`
      help: split the view, or raise the limit `bytes`
    ");
    insta::assert_snapshot!(render("select {{ [long, long] }}"), @"
    VL-P0211: the rendered text has more than the 1000 bytes of the policy @ 1:1 `s`
      help: split the view, or raise the limit `bytes`
    ");
    let copies = format!("{{% for a in many %}}'{}'{{% endfor %}}", "y".repeat(100));
    insta::assert_snapshot!(render(&copies), @"
    VL-P0211: the rendered text has more than the 1000 bytes of the policy @ 1:1 `{`
      help: split the view, or raise the limit `bytes`
    ");
    let copies = format!("{{% for a in many %}} {}{{% endfor %}}", "y".repeat(900));
    insta::assert_snapshot!(render(&copies), @"
    VL-P0211: the rendered text has more than the 1000 bytes of the policy @ 1:1 `{`
      help: split the view, or raise the limit `bytes`
    ");
    insta::assert_snapshot!(render("select {{ many }}"), @"395 bytes");
}

/// The deepest templates there are, on a thread with little stack.
#[test]
fn deep_templates_do_not_overflow_the_stack() {
    let lane = rendering("generic");
    let values = TemplateValues::new().set("a", 1).set("items", vec![1]);
    let elif = format!("{{% if a == 0 %}}{}{{% endif %}}", "{% elif a == 0 %} x".repeat(200));
    let nested = format!("{}{}", "{% if a %}".repeat(140), "{% endif %}".repeat(140));
    let loops = format!("{}{}", "{% for i in items %}".repeat(140), "{% endfor %}".repeat(140));
    let texts = [
        elif,
        nested,
        loops,
        "{% elif a %}".repeat(50_000),
        "{% if a %}".repeat(50_000),
        format!("{{{{ {}a }}}}", "not ".repeat(199)),
        format!("{{{{ {}a }}}}", "- ".repeat(198)),
        format!("{{{{ a{} }}}}", " if a else a".repeat(49)),
        format!("{{{{ {}a{} }}}}", "(".repeat(99), ")".repeat(99)),
        format!("{{{{ {}a{} }}}}", "[".repeat(99), "]".repeat(99)),
        format!("{{{{ a{} }}}}", " and a".repeat(99)),
        format!("{{{{ 'a'{} }}}}", " | ident".repeat(99)),
        format!("{{{{ a{} }}}}", ".b".repeat(99)),
        format!("{{{{ a{} }}}}", "[0]".repeat(66)),
        format!("{{{{ {}a }}}}", "(".repeat(100_000)),
        format!("{{{{ {}a }}}}", "not ".repeat(100_000)),
    ];
    let run = move || {
        for template in texts {
            let _ = lane.render(&text(&format!("select 1 {template}")), &values);
        }
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(run).unwrap().join().unwrap();
}

/// The only expression that a query selects.
fn selected(query: &GatedQuery) -> &Expr {
    let SetExpr::Select(select) = &*query.ast().body else { panic!("not a SELECT") };
    match &select.projection[..] {
        [SelectItem::UnnamedExpr(expr)] => expr,
        other => panic!("{other:?}"),
    }
}

const DIALECTS: [&str; 16] = [
    "generic",
    "ansi",
    "bigquery",
    "clickhouse",
    "databricks",
    "duckdb",
    "hive",
    "mssql",
    "mysql",
    "oracle",
    "postgres",
    "redshift",
    "snowflake",
    "spark",
    "sqlite",
    "teradata",
];

/// Texts of what could end a literal, begin a comment or look like a template.
fn nasty() -> impl Strategy<Value = String> {
    let parts = vec![
        "'",
        "''",
        "\"",
        "`",
        "\\",
        "\\'",
        "\n",
        "\r",
        "--",
        "/*",
        "*/",
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "$$",
        "$a$",
        ":a",
        "?",
        ";",
        "é",
        "\u{e000}",
        "\u{e001}v0\u{e000}",
        "a",
        " ",
        "%",
        "_",
        "\0",
        "#",
        "]",
        "N'",
        "E'",
        "0",
    ];
    prop_oneof![
        prop::collection::vec(prop::sample::select(parts), 0..12).prop_map(|parts| parts.concat()),
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// A text comes back as a literal of exactly this text.
    #[test]
    fn texts_come_back(value in nasty(), dialect in prop::sample::select(&DIALECTS[..])) {
        let lane = rendering(dialect);
        let values = TemplateValues::new().set("x", value.as_str());
        let rendered = lane.render(&text("select {{ x }}"), &values).unwrap();
        let query = lane.read_query(&rendered, &Known).unwrap();
        let expr = selected(&query);
        let Expr::Value(literal) = expr else { panic!("{expr}") };
        prop_assert_eq!(&literal.value, &Value::SingleQuotedString(value));
    }

    /// A name comes back as exactly this name.
    #[test]
    fn names_come_back(value in nasty(), dialect in prop::sample::select(&DIALECTS[..])) {
        prop_assume!(!value.is_empty());
        let lane = rendering(dialect);
        let values = TemplateValues::new().set("x", value.as_str());
        let rendered = lane.render(&text("select {{ x | ident }}"), &values).unwrap();
        let query = lane.read_query(&rendered, &Known).unwrap();
        let Expr::Identifier(name) = selected(&query) else { panic!("{}", query.sql()) };
        prop_assert_eq!(&name.value, &value);
    }

    /// Numbers come back as themselves.
    #[test]
    fn numbers_come_back(
        integer in prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), -3_i64..3],
        float in any::<f64>(),
    ) {
        let lane = rendering("generic");
        let read = |value: TemplateValue| {
            let values = TemplateValues::new().set("x", value);
            let rendered = lane.render(&text("select {{ x }}"), &values).unwrap();
            let query = lane.read_query(&rendered, &Known).unwrap();
            let (mut expr, mut minus) = (selected(&query), "");
            if let Expr::Nested(inner) = expr {
                expr = inner;
            }
            if let Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } = expr {
                (expr, minus) = (inner, "-");
            }
            let Expr::Value(literal) = expr else { panic!("{expr}") };
            format!("{minus}{}", literal.value)
        };
        prop_assert_eq!(read(integer.into()).parse::<i64>().unwrap(), integer);
        prop_assume!(float.is_finite());
        let back = read(float.into());
        prop_assert!(back.contains(['.', 'e']), "{back}");
        prop_assert_eq!(back.parse::<f64>().unwrap().to_bits(), float.to_bits());
    }

    /// A list comes back item by item, wherever it stands.
    #[test]
    fn lists_come_back(items in prop::collection::vec(nasty(), 1..5)) {
        let lane = rendering("generic");
        let values = TemplateValues::new().set("x", items.clone());
        let rendered = lane.render(&text("select a in ({{ x }})"), &values).unwrap();
        let query = lane.read_query(&rendered, &Known).unwrap();
        let Expr::InList { list, .. } = selected(&query) else { panic!("{}", query.sql()) };
        let back: Vec<_> = list.iter().map(|item| match item {
            Expr::Value(literal) => literal.value.clone(),
            other => panic!("{other}"),
        }).collect();
        let items: Vec<_> = items.into_iter().map(Value::SingleQuotedString).collect();
        prop_assert_eq!(back, items);
    }

    /// Whatever stands in a literal or a comment stands there still, and a text without templates
    /// comes out as it is.
    #[test]
    fn literals_keep_their_bytes(
        inner in "[^'{\\\\]{0,20}",
        comment in "[^\r\n]{0,20}",
        value in nasty(),
    ) {
        let lane = rendering("generic");
        let values = TemplateValues::new().set("x", value);
        let (before, after) = (format!("'{inner}' , "), format!(" -- {comment}\n, '{inner}'"));
        let sql = format!("select {before}{{{{ x }}}}{after}");
        let rendered = lane.render(&text(&sql), &values).unwrap();
        let out = rendered.text().text();
        let start = format!("select {before}");
        prop_assert!(out.starts_with(&start) && out.ends_with(&after), "{out}");
        let plain = format!("select {before} 1 {after}");
        let rendered = lane.render(&text(&plain), &TemplateValues::new()).unwrap();
        prop_assert_eq!(rendered.text().text(), plain);
    }

    /// No soup makes rendering panic, and what comes out holds each value as a token of its own.
    #[test]
    fn any_template_has_an_outcome(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "{{", "}}", "{%", "%}", "{#", "#}", "-", " if ", " endif ", " for ", " in ", "x",
                "y", "'", "\"", "--", "\n", "/*", "*/", "{{ x }}", "{{ y }}", "{% if x %}",
                "{% endif %}", "{% for z in y %}", "{% endfor %}", "{{ z }}", "(", ")", "[", "]",
                ".", "|", "ident", "E", "N", "1", "select ", ",", "$$", "\\", "\u{e000}", ":", "?",
            ]),
            0..20,
        ),
        value in nasty(),
        dialect in prop::sample::select(&DIALECTS[..]),
    ) {
        let source = text(&parts.concat());
        let lane = rendering(dialect);
        let marker = format!("{value}marker");
        let values = TemplateValues::new().set("x", marker.as_str()).set("y", vec![1, 2]);
        if let Ok(rendered) = lane.render(&source, &values)
            && rendered.template().is_some()
        {
            let policy = lane.policy().parser_dialect();
            let tokens = sqlparser::tokenizer::Tokenizer::new(&*policy, rendered.text().text())
                .tokenize()
                .unwrap();
            for token in tokens {
                use sqlparser::tokenizer::Token;
                match token {
                    Token::SingleQuotedString(found) if found.contains("marker") => {
                        prop_assert_eq!(&found, &marker);
                    }
                    Token::Word(word) if word.value.contains("marker") => {
                        prop_assert!(word.quote_style.is_some());
                        prop_assert_eq!(&word.value, &marker);
                    }
                    other => prop_assert!(!other.to_string().contains("marker"), "{}", other),
                }
            }
            let _ = lane.read_query(&rendered, &Known);
        }
        let _ = lane.read_view(&source, &Known);
    }
}

/// A code is what tools act on.
#[test]
fn outcomes_have_codes() {
    let lane = rendering("generic");
    let code = |sql: &str| lane.render(&text(sql), &values()).unwrap_err().code();
    assert_eq!(code("select '{{ a }}'"), codes::TEMPLATE_IN_LITERAL);
    assert_eq!(code("select {{ a }}"), codes::TEMPLATE_VALUE_MISSING);
    assert_eq!(code("select {{ text"), codes::TEMPLATE_SYNTAX);
    assert_eq!(code("{% set a = 1 %}"), codes::TEMPLATE_FEATURE);
    assert_eq!(code("select 'a'{{ text }}"), codes::TEMPLATE_VALUE);
}
