"""Pieces of a template made into nodes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from indexer.gotemplate.lexing import TemplateFault, Token, pieces, unquoted
from indexer.gotemplate.nodes import (
    Branch,
    BranchKind,
    Call,
    Command,
    Constant,
    Function,
    Jump,
    JumpKind,
    Node,
    Operand,
    Output,
    Path,
    Pipeline,
    Template,
    Text,
)

_DEEPEST = 40
"""Blocks in blocks, and parentheses in parentheses."""
_MOST_ACTIONS = 20_000
"""In one file; the largest real ones have some 2,000."""
_BRANCHES: dict[str, BranchKind] = {"if": "if", "with": "with", "range": "range"}
_JUMPS: dict[str, JumpKind] = {"break": "break", "continue": "continue"}
_KEYWORDS = frozenset((*_BRANCHES, *_JUMPS, "define", "block", "else", "end", "template"))
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "nil": None}
_LONGEST_NUMBER = 70


def read_template(text: str) -> Template:
    """Read one file. Raises TemplateFault."""
    builder = _Builder()
    for piece in pieces(text):
        if isinstance(piece, str):
            builder.add(Text(piece))
        else:
            builder.action(_Tokens(piece))
    return builder.finished()


@dataclass(slots=True)
class _Open:
    """A block that waits for its end."""

    word: str
    name: str = ""
    pipeline: Pipeline | None = None
    body: list[Node] = field(default_factory=list)
    otherwise: list[Node] | None = None
    chained: bool = False
    """Opened by an ``else if``: it ends together with the block that it stands in."""

    def nodes(self) -> list[Node]:
        return self.body if self.otherwise is None else self.otherwise


class _Builder:
    """Puts nodes into the block that is open."""

    def __init__(self) -> None:
        self._open = [_Open("file")]
        self._defines: dict[str, tuple[Node, ...]] = {}
        self._actions = 0

    def add(self, node: Node) -> None:
        self._open[-1].nodes().append(node)

    def action(self, tokens: "_Tokens") -> None:
        self._actions += 1
        if self._actions > _MOST_ACTIONS:
            raise TemplateFault("there are too many actions")
        word = tokens.keyword()
        if word in _BRANCHES:
            self._begin(_Open(word, pipeline=tokens.pipeline()))
        elif word in ("define", "block"):
            name = tokens.string()
            self._begin(_Open(word, name, tokens.pipeline() if word == "block" else None))
        elif word == "else":
            self._else(tokens)
        elif word == "end":
            self._end()
        elif word == "template":
            self.add(Call(tokens.string(), tokens.pipeline() if tokens.more() else None))
        elif word in _JUMPS:
            self.add(Jump(_JUMPS[word]))
        elif tokens.more():
            self.add(Output(tokens.pipeline()))

    def finished(self) -> Template:
        if len(self._open) > 1:
            raise TemplateFault("a block does not end")
        return Template(tuple(self._open[0].body), self._defines, self._actions)

    def _begin(self, block: _Open) -> None:
        if len(self._open) > _DEEPEST:
            raise TemplateFault("blocks are nested too deeply")
        self._open.append(block)

    def _else(self, tokens: "_Tokens") -> None:
        block = self._open[-1]
        if block.word not in _BRANCHES or block.otherwise is not None:
            raise TemplateFault("an else stands where none belongs")
        block.otherwise = []
        word = tokens.keyword()
        if word in _BRANCHES:
            self._begin(_Open(word, pipeline=tokens.pipeline(), chained=True))

    def _end(self) -> None:
        while True:
            block = self._open.pop()
            if not self._open:
                raise TemplateFault("an end stands where none belongs")
            self._close(block)
            if not block.chained:
                return

    def _close(self, block: _Open) -> None:
        if block.word in _BRANCHES and block.pipeline:
            otherwise = tuple(block.otherwise or ())
            self.add(Branch(_BRANCHES[block.word], block.pipeline, tuple(block.body), otherwise))
            return
        self._defines[block.name] = tuple(block.body)
        if block.word == "block":
            self.add(Call(block.name, block.pipeline))


class _Tokens:
    """The tokens of one action, taken from the left."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def more(self) -> bool:
        return self._at < len(self._tokens)

    def keyword(self) -> str:
        """Take the first word if it is one that begins an action."""
        token = self._peek()
        if token is None or token.kind != "word" or token.text not in _KEYWORDS:
            return ""
        self._at += 1
        return token.text

    def string(self) -> str:
        token = self._take()
        if token.kind != "string":
            raise TemplateFault("a name in quotes is missing")
        return unquoted(token.text)

    def pipeline(self) -> Pipeline:
        """The rest of the action. Raises TemplateFault."""
        found = self._pipeline()
        if self.more():
            raise TemplateFault("something follows a pipeline")
        return found

    def _pipeline(self) -> Pipeline:
        names, declares = self._names()
        commands = [self._command()]
        while self._is_sign("|"):
            self._at += 1
            commands.append(self._command())
        return Pipeline(tuple(commands), names, declares)

    def _names(self) -> tuple[tuple[str, ...], bool]:
        """``$a :=``, ``$a =``, ``$key, $value :=``; nothing is taken where none of them stands."""
        start, names = self._at, []
        while (token := self._peek()) and token.kind == "variable":
            self._at += 1
            names.append(token.text)
            if self._is_sign(":=") or self._is_sign("="):
                return tuple(names), self._take().text == ":="
            if not self._is_sign(","):
                break
            self._at += 1
        self._at = start
        return (), False

    def _command(self) -> Command:
        operands: list[Operand] = []
        while (token := self._peek()) and token.text not in ("|", ")"):
            operands.append(self._operand())
        if not operands:
            raise TemplateFault("a command is empty")
        return tuple(operands)

    def _operand(self) -> Operand:
        token = self._take()
        if token.kind == "string":
            return Constant(unquoted(token.text))
        if token.kind == "number":
            return Constant(_number(token.text))
        if token.kind == "word":
            return Constant(_WORDS[token.text]) if token.text in _WORDS else Function(token.text)
        if token.kind == "field":
            return Path(".", (token.text[1:], *self._fields()))
        if token.kind in ("dot", "variable"):
            return Path(token.text, self._fields())
        if token.text == "(":
            return self._parenthesis()
        raise TemplateFault(f"“{token.text}” stands where none belongs")

    def _parenthesis(self) -> Operand:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise TemplateFault("parentheses are nested too deeply")
        inner = self._pipeline()
        if not self._is_sign(")"):
            raise TemplateFault("a parenthesis does not end")
        self._at += 1
        self._depth -= 1
        return Path(inner, self._fields())

    def _fields(self) -> tuple[str, ...]:
        """Fields that follow at once."""
        found = []
        while (token := self._peek()) and token.kind == "field" and token.joined:
            found.append(token.text[1:])
            self._at += 1
        return tuple(found)

    def _is_sign(self, text: str) -> bool:
        token = self._peek()
        return token is not None and token.kind == "sign" and token.text == text

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self) -> Token:
        token = self._peek()
        if token is None:
            raise TemplateFault("an action ends too early")
        self._at += 1
        return token


def _number(text: str) -> int | float:
    if text.startswith("'"):
        character = unquoted(text)
        return ord(character) if len(character) == 1 else 0
    if len(text) > _LONGEST_NUMBER:
        raise TemplateFault("a number is too long")
    plain = text.replace("_", "")
    try:
        return int(plain, 0)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        raise TemplateFault(f"“{text}” is no number") from None
