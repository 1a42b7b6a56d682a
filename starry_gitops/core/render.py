"""Renders templates strictly: every value is serialised as JSON, and a template can do no more than fill in values.

Overrides come from the apps repository. They may loop and choose, but not assign, calculate, define or call: what they
yield, and the time they take, is bounded by their own length and by the values.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from starry_gitops.core.scalars import Key, scalar_text
from starry_gitops.core.yamltext import MAX_BYTES
from starry_gitops.errors import InvalidRepository

__all__ = ["Key", "compiled", "render"]

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr,
    nodes.Getitem, nodes.If, nodes.For, nodes.Test, nodes.Concat, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.CondExpr, nodes.Tuple, nodes.Keyword,
)  # fmt: skip
_FILTERS = frozenset({"count", "d", "default", "first", "last", "length", "lower", "string", "trim", "upper"})
_LOOP_DEPTH = 2
_MAX_TEMPLATE = 1 << 18


def _scalar(value: object) -> str:
    # Undefined raises here: StrictUndefined has no text.
    return str(value) if isinstance(value, Undefined) else scalar_text(value)


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=_scalar,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    return environment


@lru_cache(maxsize=32)
def compiled(template: str) -> Template:
    """The template ready to be rendered; each attempt of a contended push renders it again.

    Raises:
        jinja2.TemplateError: it is broken, or does what a template may not.
    """
    if len(template) > _MAX_TEMPLATE:
        raise TemplateSyntaxError("longer than 256 KiB", 1)
    environment = _environment()
    tree = environment.parse(template)
    _check(tree, 0)
    return environment.from_string(tree)


def render(template: str, values: Mapping[str, object], *, file: str) -> str:
    """The template filled in.

    Raises:
        InvalidRepository: the template is broken, uses an unknown value or does what it may not.
    """
    try:
        return _limited(compiled(template).generate(values))
    except TemplateSyntaxError as error:
        raise InvalidRepository(f"broken template: {error.message}", file=file, line=error.lineno) from None
    except (TemplateError, TypeError, ValueError, AttributeError, ArithmeticError, LookupError) as error:
        raise InvalidRepository(f"the template cannot be rendered: {error}", file=file) from None
    except (RecursionError, MemoryError):
        raise InvalidRepository("the template is nested too deeply", file=file) from None


def _limited(parts: Iterable[str]) -> str:
    """The parts in one, as long as a manifest may be."""
    text, length = list[str](), 0
    for part in parts:
        length += len(part)
        if length > MAX_BYTES:
            raise ValueError(f"it yields more than {MAX_BYTES // 1024} KiB")
        text.append(part)
    return "".join(text)


def _check(node: nodes.Node, loops: int) -> None:
    if isinstance(node, nodes.For):
        loops += 1
    if loops > _LOOP_DEPTH or not _is_allowed(node):
        what = f"the filter {node.name}" if isinstance(node, nodes.Filter) else type(node).__name__.lower()
        raise TemplateSyntaxError(f"{what} is not allowed in templates", node.lineno)
    for child in node.iter_child_nodes():
        _check(child, loops)


def _is_allowed(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name in _FILTERS
    if isinstance(node, nodes.For):
        return not node.recursive
    if isinstance(node, nodes.Call):
        # `for key, value in map.items()` is the one call that templates need.
        no_arguments = not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
        return isinstance(node.node, nodes.Getattr) and node.node.attr == "items" and no_arguments
    return isinstance(node, _ALLOWED)
