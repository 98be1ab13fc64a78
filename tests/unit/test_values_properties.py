"""Laws of forms, texts and what is sent of them, for generated schemas, values and texts."""

from contextlib import suppress
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from values_charts import chart
from values_examples import ANY, KEYS, VALUES, documents, texts

from catalog_web.values import writing
from catalog_web.values.changing import with_value, without_value
from catalog_web.values.completion import completions
from catalog_web.values.difference import only_differing
from catalog_web.values.editing import drop, put, read
from catalog_web.values.form import form_of
from catalog_web.values.paths import ABSENT, Path, dotted, parse_path, value_at
from catalog_web.values.posting import apply
from catalog_web.values.reading import coalesce, merge, same
from catalog_web.values.secrets import secret_fields, split, without
from catalog_web.values.state import fields_state
from indexer.errors import UsageError


def paths_of(values: Any, above: Path = ()) -> list[Path]:
    below = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    return [path for step, one in below for path in ((*above, step), *paths_of(one, (*above, step)))]


@st.composite
def places(draw: st.DrawFn, values: dict[str, Any]) -> Path:
    """A place that is there, or a new one beside or below one that is."""
    found = draw(st.sampled_from([(), *paths_of(values)]))
    here = value_at(values, found)
    more: tuple[Any, ...] = (len(here),) if isinstance(here, list) else (draw(KEYS),)
    return draw(st.sampled_from([found or more, (*found, *more)]))


# -- text


@given(ANY)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert same(read(writing.block({"k": value})), {"k": value})
    assert same(read("k: " + writing.flow(value) + "\n"), {"k": value})


@given(st.data(), texts(), ANY)
def test_a_put_changes_that_path_and_nothing_else(data: st.DataObject, text: str, value: Any) -> None:
    values = read(text)
    path = data.draw(places(values))
    assert same(read(put(text, path, value)), with_value(values, path, value))


@given(st.data(), texts(), ANY)
def test_a_put_keeps_the_comments_of_all_other_lines(data: st.DataObject, text: str, value: Any) -> None:
    values = read(text)
    key = data.draw(st.sampled_from(["a", "new"]))
    lines = [line for line in put(text, (key,), value).splitlines() if line.lstrip().startswith("#")]
    kept = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assume("|" not in text and "|" not in str(value))
    assert not values or [line for line in lines if line in kept] == lines or len(lines) >= len(kept) - 1


@given(texts())
def test_putting_what_is_there_leaves_the_text_as_it_is(text: str) -> None:
    values = read(text)
    for path in paths_of(values):
        assert put(text, path, value_at(values, path)) == text


@given(st.data(), texts())
def test_a_drop_takes_that_path_and_mappings_that_it_empties(data: st.DataObject, text: str) -> None:
    values = read(text)
    assume(values)
    path = data.draw(st.sampled_from(paths_of(values)))
    after = read(drop(text, path))
    assert value_at(after, path) is ABSENT or isinstance(path[-1], int)
    wanted = without_value(values, path)
    assert merge({}, pruned(after)) == pruned(wanted)


def pruned(value: Any) -> Any:
    """Without mappings that hold nothing at all."""
    if not isinstance(value, dict):
        return value
    # inside a list nothing is laid over defaults, so there an empty mapping means what it says
    below = {key: pruned(one) for key, one in value.items()}
    return {key: one for key, one in below.items() if one != {}}


@given(st.data(), texts())
def test_a_drop_of_what_was_put_gives_the_text_back(data: st.DataObject, text: str) -> None:
    assume("fresh" not in read(text) and (not text or text.endswith("\n")) and text != "{}\n")
    made = put(text, ("fresh", "deep"), data.draw(ANY))
    assert drop(made, ("fresh", "deep")) == text


@given(st.lists(KEYS | st.integers(0, 65_536), min_size=1, max_size=6).map(lambda steps: ("k", *steps)))
def test_a_path_is_read_as_it_was_written(path: Path) -> None:
    assert parse_path(dotted(path)) == path


@given(st.text(max_size=20))
def test_no_text_makes_the_reader_of_paths_fail_otherwise(text: str) -> None:
    with suppress(UsageError):
        assert parse_path(dotted(parse_path(text))) == parse_path(text)


# -- what is sent


@given(VALUES, VALUES)
def test_what_differs_over_the_defaults_is_the_whole(values: dict[str, Any], defaults: dict[str, Any]) -> None:
    sent = only_differing(values, defaults)
    assert same(merge(defaults, sent), merge(defaults, values))
    assert same(coalesce(defaults, sent), coalesce(defaults, values)) or _has_null_over_null(values, defaults)
    assert only_differing(sent, defaults) == sent


def _has_null_over_null(values: Any, defaults: Any) -> bool:
    """A null over a null of the defaults is not sent: for a template both are nothing."""
    if not (isinstance(values, dict) and isinstance(defaults, dict)):
        return False
    pairs = [(values[key], defaults[key]) for key in values if key in defaults]
    return any((one is None and other is None) or _has_null_over_null(one, other) for one, other in pairs)


@given(VALUES)
def test_nothing_is_sent_of_the_defaults_themselves(values: dict[str, Any]) -> None:
    assert only_differing(values, values) == {}


@given(st.data(), VALUES)
def test_values_that_are_split_are_whole_together(data: st.DataObject, values: dict[str, Any]) -> None:
    chosen = data.draw(st.lists(st.sampled_from(paths_of(values) or [("a",)]), max_size=4))
    public, secret = split(values, [dotted(path) for path in chosen])
    assert merge(public, secret) == values
    assert merge(secret, public) == values


@given(texts(), documents())
def test_a_text_without_its_secrets_means_the_public_part(text: str, schema: str) -> None:
    values = read(text)
    paths = secret_fields(form_of(chart("", schema)), values, ["*.tag"])
    assert pruned(read(without(text, paths))) == pruned(split(values, paths)[0])


# -- forms


@given(texts(), documents(), texts())
def test_a_form_that_is_posted_as_it_was_shown_changes_nothing(defaults: str, schema: str, text: str) -> None:
    form = form_of(chart(defaults, schema))
    posted = {one.name: one.text for one in fields_state(text, form).walk()}
    assert apply(text, form, posted).text == text
    windows = {name: shown.replace("\n", "\r\n") for name, shown in posted.items()}
    assert apply(text, form, windows).text == text


@given(st.data(), texts(), documents(), texts())
def test_one_change_changes_that_path_alone(data: st.DataObject, defaults: str, schema: str, text: str) -> None:
    form = form_of(chart(defaults, schema))
    states = [one for one in fields_state(text, form).walk() if one.field.kind != "object"]
    shown = merge(form.defaults, read(text))
    states = [one for one in states if leads_there(shown, one.field.path)]
    assume(states)
    chosen = data.draw(st.sampled_from(states))
    typed = data.draw(
        st.sampled_from(["new", "7", "true", "", "{z: 1}", "[1, 2]", *(one.text for one in chosen.field.choices)])
    )
    posted = {one.name: one.text for one in states} | {chosen.name: typed}
    applied = apply(text, form, posted)
    before, after = merge(form.defaults, read(text)), merge(form.defaults, read(applied.text))
    value = value_at(after, chosen.field.path)
    if value is not ABSENT and typed:
        assert same(after, with_value(before, chosen.field.path, value))
    if typed == "new" and chosen.field.kind in ("text", "secret"):
        assert value_at(after, chosen.field.path) == "new"


def leads_there(values: dict[str, Any], path: Path) -> bool:
    """Whether what stands above ``path`` is what the path is for, so that a change replaces nothing else."""
    above = [(value_at(values, path[:at]), step) for at, step in enumerate(path)]
    return all(one is ABSENT or isinstance(one, dict if isinstance(step, str) else list) for one, step in above)


@given(texts(), documents())
def test_every_form_has_names_of_its_own_and_completions(defaults: str, schema: str) -> None:
    form = form_of(chart(defaults, schema))
    names = [one.name for one in form.walk()]
    assert len(names) == len(set(names))
    assert len(completions(form)) < 300_000
