"""Nodes carried out: the text that a template writes for given values."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from indexer.errors import EntryError
from indexer.gotemplate.functions import FUNCTIONS, REFUSED
from indexer.gotemplate.lexing import TemplateFault
from indexer.gotemplate.library import Library
from indexer.gotemplate.nodes import (
    Branch,
    Call,
    Command,
    Constant,
    Function,
    Jump,
    JumpKind,
    Node,
    Operand,
    Output,
    Pipeline,
    Text,
)
from indexer.gotemplate.reading import read_template
from indexer.gotemplate.scope import Scope
from indexer.gotemplate.values import (
    MAYBE,
    MAYBE_END,
    UNKNOWN,
    Value,
    field_of,
    is_unsure,
    printed,
    truth,
    weight,
)
from indexer.parse import load_values

STEPS = 100_000
"""Work that one chart may cause, a few seconds of it: the largest real ones take less than 40,000 steps."""
_DEEPEST = 30
_CHARACTERS_A_STEP = 100
_VALUES_A_STEP = 10
_MOST_VALUES = 100_000
_DIGEST_NAMES = """
adler32sum b64dec b64enc bcrypt derivePassword encryptAES genCA genPrivateKey genSelfSignedCert genSignedCert htpasswd
sha1sum sha256sum sha512sum
"""
_DIGESTS = frozenset(_DIGEST_NAMES.split())
"""Their value is never part of an image's name, so what they are given is not even worked out."""
_WHOLE_TEXT_NAMES = """
cat default dict fromYaml include indent join list nindent print printf quote required set squote toString tpl trim
"""
_WHOLE_TEXT = frozenset(_WHOLE_TEXT_NAMES.split())
"""Functions that take nothing away from a text, so that the marks in it stay in pairs."""


_WALKING_NAMES = """
deepCopy join merge mergeOverwrite mustDeepCopy mustMerge mustMergeOverwrite toJson toPrettyJson toYaml toYamlPretty
"""
_WALKING = frozenset(_WALKING_NAMES.split())
"""Functions whose work grows with all that a value is made of."""


class Exhausted(Exception):
    """The chart's templates ask for more work than anybody's does."""


class _Jump(Exception):
    """``break`` or ``continue`` on its way to its ``range``."""

    def __init__(self, kind: JumpKind) -> None:
        super().__init__(kind)
        self.kind = kind


class Evaluator:
    """Works out the templates of ``library``; all of its work together costs at most ``steps``."""

    def __init__(self, library: Library, steps: int = STEPS) -> None:
        self._library = library
        self._left = steps
        self._depth = self._unsure = 0
        self._special: dict[str, Callable[..., Value]] = {
            "include": self._include,
            "tpl": self._tpl,
            "set": self._set,
            "unset": self._unset,
            "fromYaml": self._from_yaml,
        }

    def render(self, path: str, root: dict[str, Value]) -> str:
        """The text of the file at ``path``, with marks. Raises TemplateFault, Exhausted."""
        self._depth = self._unsure = 0
        self._charge(1)
        try:
            read = self._library.file(path)
            self._charge(read.actions)
            return self._written(read.nodes, root)
        except RecursionError:
            raise TemplateFault(f"{path} is nested too deeply") from None

    # -- nodes

    def _written(self, nodes: Sequence[Node], dot: Value) -> str:
        scope = Scope(unsure=self._unsure)
        scope.declare("$", dot)
        out: list[str] = []
        with suppress(_Jump):
            self._write(nodes, dot, scope, out)
        return "".join(out)

    def _write(self, nodes: Sequence[Node], dot: Value, scope: Scope, out: list[str]) -> None:
        for node in nodes:
            match node:
                case Text(text):
                    self._emit(text, out)
                case Output(pipeline):
                    value = self._pipeline(pipeline, dot, scope)
                    self._emit("" if pipeline.names else printed(value), out)
                case Branch():
                    self._branch(node, dot, scope, out)
                case Call(name, pipeline):
                    given = self._pipeline(pipeline, dot, scope) if pipeline else None
                    self._emit(printed(self._include(name, given)), out)
                case Jump(kind):
                    if not self._unsure:
                        raise _Jump(kind)

    def _emit(self, text: str, out: list[str]) -> None:
        self._charge(1 + len(text) // _CHARACTERS_A_STEP)
        out.append(text)

    def _branch(self, node: Branch, dot: Value, scope: Scope, out: list[str]) -> None:
        self._charge(1)
        inner = Scope(scope, self._unsure)
        if node.kind == "range":
            self._range(node, dot, inner, out)
            return
        value = self._pipeline(node.pipeline, dot, inner)
        held = truth(value)
        below = value if node.kind == "with" else dot
        if held is None:
            self._maybe(node.body, below, inner, out)
            self._maybe(node.otherwise, dot, inner, out)
        else:
            self._write(node.body if held else node.otherwise, below if held else dot, inner, out)

    def _maybe(self, nodes: Sequence[Node], dot: Value, scope: Scope, out: list[str]) -> None:
        if not nodes:
            return
        self._unsure += 1
        out.append(MAYBE)
        self._write(nodes, dot, Scope(scope, self._unsure), out)
        out.append(MAYBE_END)
        self._unsure -= 1

    def _range(self, node: Branch, dot: Value, scope: Scope, out: list[str]) -> None:
        over = self._value_of(node.pipeline, dot, scope)
        if is_unsure(over) or isinstance(over, str):
            self._name(node.pipeline, (UNKNOWN, UNKNOWN), scope)
            self._maybe(node.body, UNKNOWN, scope, out)
            self._maybe(node.otherwise, dot, scope, out)
            return
        for key, value in _elements(over):
            self._charge(1)
            inner = Scope(scope, self._unsure)
            self._name(node.pipeline, (key, value), inner)
            try:
                self._write(node.body, value, inner, out)
            except _Jump as jump:
                if jump.kind == "break":
                    break
        if not over:
            self._write(node.otherwise, dot, scope, out)

    def _name(self, pipeline: Pipeline, pair: tuple[Value, Value], scope: Scope) -> None:
        values = pair if len(pipeline.names) > 1 else pair[1:]
        for name, value in zip(pipeline.names, values, strict=False):
            scope.declare(name, value)

    # -- values

    def _pipeline(self, pipeline: Pipeline, dot: Value, scope: Scope) -> Value:
        """The value of ``pipeline``, which its variable takes as well."""
        value = self._value_of(pipeline, dot, scope)
        for name in pipeline.names:
            if pipeline.declares:
                scope.declare(name, value)
            else:
                scope.assign(name, value, self._unsure)
        return value

    def _value_of(self, pipeline: Pipeline, dot: Value, scope: Scope) -> Value:
        first, *rest = pipeline.commands
        if any(isinstance(one[0], Function) and one[0].name in _DIGESTS for one in pipeline.commands):
            return UNKNOWN
        value = self._command(first, dot, scope)
        for command in rest:
            value = self._command(command, dot, scope, value)
        return value

    def _command(self, command: Command, dot: Value, scope: Scope, *piped: Value) -> Value:
        head, *operands = command
        if isinstance(head, Function):
            arguments = [self._operand(one, dot, scope) for one in operands]
            return self._call(head.name, (*arguments, *piped))
        if operands or piped:
            return UNKNOWN  # a method, such as .Capabilities.APIVersions.Has
        return self._operand(head, dot, scope)

    def _operand(self, operand: Operand, dot: Value, scope: Scope) -> Value:
        if isinstance(operand, Constant):
            return operand.value
        if isinstance(operand, Function):
            return self._call(operand.name, ())
        if isinstance(operand.base, Pipeline):
            value = self._pipeline(operand.base, dot, scope)
        else:
            value = dot if operand.base == "." else scope.get(operand.base)
        for name in operand.fields:
            value = field_of(value, name)
        return value

    def _call(self, name: str, arguments: Sequence[Value]) -> Value:
        found = self._special.get(name) or FUNCTIONS.get(name)
        if found is None:
            return UNKNOWN
        if name not in _WHOLE_TEXT:
            arguments = [UNKNOWN if isinstance(one, str) and MAYBE in one else one for one in arguments]
        walks = name in _WALKING
        self._charge(1 + sum(_cost(one, walks=walks) for one in arguments))
        try:
            value = found(*arguments)
        except REFUSED:
            return UNKNOWN
        self._charge(_cost(value, walks=False))
        return value

    def _charge(self, cost: int) -> None:
        self._left -= cost
        if self._left < 0:
            raise Exhausted

    # -- functions that reach beyond their arguments

    def _include(self, name: Value, dot: Value = None) -> Value:
        nodes = self._definition(name) if isinstance(name, str) else None
        if nodes is None or self._depth >= _DEEPEST:
            return UNKNOWN
        self._depth += 1
        text = self._written(nodes, dot)
        self._depth -= 1
        return text

    def _definition(self, name: str) -> Sequence[Node] | None:
        if not self._library.is_read(name):
            self._charge(self._library.definition(name).actions)
        return self._library.definition(name).defines.get(name)

    def _tpl(self, text: Value, dot: Value) -> Value:
        if not isinstance(text, str) or "{{" not in text:
            return text
        if self._depth >= _DEEPEST:
            return UNKNOWN
        try:
            read = read_template(text)
        except TemplateFault:
            return UNKNOWN
        self._charge(read.actions)
        self._depth += 1
        written = self._written(read.nodes, dot)
        self._depth -= 1
        return written

    def _set(self, holder: dict[str, Value], key: str, value: Value) -> Value:
        holder[printed(key)] = UNKNOWN if self._unsure else value
        return holder

    def _unset(self, holder: dict[str, Value], key: str) -> Value:
        holder.pop(key, None)
        return holder

    def _from_yaml(self, text: Value) -> Value:
        if is_unsure(text):
            return UNKNOWN
        self._charge(len(text) // 10)
        try:
            return load_values(text)
        except EntryError:
            return UNKNOWN


def _elements(value: Value) -> Iterator[tuple[Value, Value]]:
    if isinstance(value, dict):
        return iter([(key, value[key]) for key in sorted(value)])
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return iter(())
    return enumerate(range(min(value, _MOST_VALUES)) if isinstance(value, int) else list(value))


def _cost(value: Value, *, walks: bool) -> int:
    """``walks``: all of a value is looked at, not its first level alone."""
    if isinstance(value, str):
        return len(value) // _CHARACTERS_A_STEP
    if not isinstance(value, dict | list):
        return 0
    return (weight(value, _MOST_VALUES) if walks else len(value)) // _VALUES_A_STEP
