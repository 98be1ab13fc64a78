"""Helm's templates worked out as far as a chart's defaults go: no cluster, no files, no code of the chart is run.

::

    text ──lexing──▶ tokens ──reading──▶ nodes ──evaluating (library, scope, functions)──▶ text with marks

What only a cluster or an installer knows is UNKNOWN: it is printed as a mark, and where a condition hangs on it every
branch is taken, between marks of its own (``values``). The language is that of Go's text/template with the functions
that Helm adds to it (https://helm.sh/docs/chart_template_guide/function_list/); what is missing here is UNKNOWN, too.
Everything is bounded; no template makes it raise but TemplateFault and Exhausted.
"""

from indexer.gotemplate.evaluating import Evaluator, Exhausted
from indexer.gotemplate.lexing import TemplateFault
from indexer.gotemplate.library import Library
from indexer.gotemplate.values import MAYBE, MAYBE_END, UNKNOWN, UNKNOWN_TEXT, Value

__all__ = [
    "MAYBE",
    "MAYBE_END",
    "UNKNOWN",
    "UNKNOWN_TEXT",
    "Evaluator",
    "Exhausted",
    "Library",
    "TemplateFault",
    "Value",
]
