"""Every Chinese source string of the portal that a visitor may read, and what the English catalogues say of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

import supervision

ROOT = Path(supervision.__file__).parent
CHINESE = re.compile(r"[\u3400-\u9fff]")

# Calls whose text is shown in the visitor's language, and keywords and keys that name such text.
SAYING_CALLS = frozenset({"_", "say", "add_navigation", "Waiting", "refuse", "Invalid", "UsersError"})
SAYING_KEYWORDS = frozenset({"title", "description", "button", "label", "lead", "msg", "missing_msg"})
SAYING_KEYS = frozenset({"title", "advice"})
# Where every Chinese text is shown through the catalogue, but for what says both languages at once.
WHOLLY_TRANSLATED = ("users", "web")
BOTH_AT_ONCE = ("supervision/web/guards.py",)


@dataclass(frozen=True)
class Said:
    text: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


def _place(file: Path) -> str:
    return file.relative_to(ROOT.parent).as_posix()


def said_in_templates() -> Iterator[Said]:
    for file in sorted(ROOT.glob("**/*.jinja2")):
        with file.open("rb") as opened:
            options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
            for line, _, message, _ in babel_extract(opened, ("_", "gettext"), (), options):
                # A call with values comes as a tuple: the text, then None for each value.
                for text in message if isinstance(message, tuple) else (message,):
                    if text and CHINESE.search(text):
                        yield Said(text, _place(file), line)


def chinese_outside_of_translation() -> Iterator[Said]:
    """Chinese that stands in a template as it is: an English visitor would read it."""
    allowed = re.compile(r"{#.*?#}|{{.*?}}|{%.*?%}|lang=\"zh-CN\"[^>]*>[^<]*<", re.DOTALL)
    for file in sorted(ROOT.glob("**/*.jinja2")):
        text = allowed.sub(lambda found: "\n" * found[0].count("\n"), file.read_text(encoding="utf-8"))
        for number, line in enumerate(text.splitlines(), 1):
            if CHINESE.search(line):
                yield Said(line.strip(), _place(file), number)


def said_in_python() -> Iterator[Said]:
    for file in sorted(ROOT.glob("**/*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in _saying_nodes(tree, wholly=_is_wholly_translated(file)):
            if CHINESE.search(node.value):
                yield Said(node.value, _place(file), node.lineno)


def _is_wholly_translated(file: Path) -> bool:
    feature = file.relative_to(ROOT).parts[0]
    return feature in WHOLLY_TRANSLATED and _place(file) not in BOTH_AT_ONCE


def _saying_nodes(tree: ast.Module, *, wholly: bool) -> Iterator[ast.Constant]:
    if wholly:
        told = _docstrings(tree)
        yield from (node for node in ast.walk(tree) if _is_text(node) and node not in told)  # type: ignore[misc]
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if _name(node.func) in SAYING_CALLS:
                yield from _texts(node.args)
            yield from _texts(word.value for word in node.keywords if word.arg in SAYING_KEYWORDS)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in SAYING_KEYS:
                    yield from _texts([value])


def _texts(nodes: object) -> Iterator[ast.Constant]:
    """The texts among ``nodes``, also those chosen by a condition (``_("a" if b else "c")``)."""
    for node in nodes:  # type: ignore[attr-defined]
        if _is_text(node):
            yield node
        elif isinstance(node, ast.IfExp):
            yield from _texts([node.body, node.orelse])


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _docstrings(tree: ast.Module) -> set[ast.AST]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and _is_text(node.value)}


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def english() -> Iterator[tuple[Path, Message]]:
    """Every message of every English catalogue with the file it stands in."""
    for file in sorted(ROOT.glob("*/locale/en/LC_MESSAGES/supervision.po")):
        with file.open("rb") as opened:
            catalogue = read_po(opened, locale="en", abort_invalid=True)
        for message in catalogue:
            if message.id:
                yield file, message
