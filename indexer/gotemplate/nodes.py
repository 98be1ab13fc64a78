"""What a template is made of once it is read."""

from dataclasses import dataclass
from typing import Literal, Union

JumpKind = Literal["break", "continue"]
BranchKind = Literal["if", "with", "range"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A text, a number, true, false or nil."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Path:
    """Fields below a base: the dot (``.``), a variable (``$``, ``$name``) or a parenthesised pipeline."""

    base: Union[str, "Pipeline"]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A function's name, as the first word of a command or for itself."""

    name: str


Operand = Constant | Path | Function
Command = tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each of which gets the value of the one before as its last argument."""

    commands: tuple[Command, ...]
    names: tuple[str, ...] = ()
    """The variables that take its value; two at ``range``: the key or number, then the element."""
    declares: bool = False
    """``:=``: the variables are new; else they were there before."""


@dataclass(frozen=True, slots=True)
class Text:
    """Text that stands as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """``{{ pipeline }}``."""

    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class Branch:
    """``if``, ``with`` or ``range`` with its ``else``; an ``else if`` is a branch inside ``otherwise``."""

    kind: BranchKind
    pipeline: Pipeline
    body: tuple["Node", ...]
    otherwise: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """``{{ template "name" pipeline }}``."""

    name: str
    pipeline: Pipeline | None


@dataclass(frozen=True, slots=True)
class Jump:
    """``break`` or ``continue``."""

    kind: JumpKind


Node = Text | Output | Branch | Call | Jump


@dataclass(frozen=True, slots=True)
class Template:
    """One file: what it writes by itself, and what it defines for others."""

    nodes: tuple[Node, ...]
    defines: dict[str, tuple[Node, ...]]
    actions: int
    """How many, as a measure of the work that reading it was."""
