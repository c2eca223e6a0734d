"""JMESPath with a limit on the work that an expression and a body can cause together.

``[@, @] | [@, @] | ...`` doubles its result with every step: sixty characters can ask for more
memory than there is. Every visit of a node and everything that a result holds is therefore
paid from one budget.
"""

from collections.abc import Iterable
from typing import Any

import jmespath
from jmespath import exceptions, visitor

from ...base.errors import ConfigurationError, UnknownShape

MAX_LENGTH = 500
#: About a second of work.
BUDGET = 500_000
#: Nodes that build new values, and so can make them larger than the body was.
_BUILDING = ("multi_select_list", "multi_select_dict", "flatten")


def compiled(expression: str) -> dict:
    """The expression's syntax tree.

    :raises ConfigurationError: when it is too long or no JMESPath, in one sentence.
    """
    if len(expression) > MAX_LENGTH:
        raise ConfigurationError(f"The expression is longer than {MAX_LENGTH} characters.")
    try:
        return jmespath.compile(expression).parsed
    except exceptions.JMESPathError as error:
        raise ConfigurationError(_reason(error)) from None
    except (RecursionError, ValueError):
        raise ConfigurationError("The expression is nested too deeply or has a wrong literal.") from None


def _reason(error: exceptions.JMESPathError) -> str:
    if isinstance(error, exceptions.IncompleteExpressionError):
        return "The expression is no JMESPath: it ends too early."
    place = getattr(error, "lex_position", getattr(error, "lexer_position", None))
    if isinstance(place, int) and place >= 0:
        return f"The expression is no JMESPath: it cannot be read from character {place + 1} on."
    return "The expression is no JMESPath."


class Evaluator:
    """Evaluates expressions for one delivery, all on one budget."""

    def __init__(self, budget: int = BUDGET):
        self._interpreter = _Interpreter(budget)

    def value(self, expression: str, data: Any) -> Any:
        """What the expression finds in the data; None when it finds nothing.

        :raises UnknownShape: when it cannot be applied to this data or is too much work.
        :raises ConfigurationError: when it is no expression.
        """
        tree = compiled(expression)
        try:
            return self._interpreter.visit(tree, data)
        except UnknownShape:
            raise
        except exceptions.JMESPathError as error:
            reason = str(error).splitlines()[0][:200].rstrip(".:")
            raise UnknownShape(f"It cannot be applied: {reason}.") from None
        except Exception as error:
            # The library lets Python's own errors out of its functions (types, recursion, overflow).
            raise UnknownShape(f"It cannot be applied ({type(error).__name__}).") from None


class _Interpreter(visitor.TreeInterpreter):
    def __init__(self, budget: int):
        super().__init__()
        self._left = budget

    def visit(self, node: dict, *args: Any, **kwargs: Any) -> Any:
        self._pay(1)
        result = super().visit(node, *args, **kwargs)
        if node["type"] in _BUILDING:
            self._weigh([result])
        return result

    def visit_function_expression(self, node: dict, value: Any) -> Any:
        found = [self.visit(child, value) for child in node["children"]]
        # Some functions walk all of what they are given (to_string, sort, contains), or repeat it.
        self._weigh(found)
        result = self._functions.call_function(node["value"], found)
        self._weigh([result])
        return result

    def _pay(self, amount: int) -> None:
        self._left -= amount
        if self._left < 0:
            raise UnknownShape("The mapping is too much work for this body.")

    def _weigh(self, values: Iterable) -> None:
        """Pay for everything inside, also what is there several times."""
        pending = list(values)
        while pending:
            value = pending.pop()
            self._pay(1 + (len(value) // 64 if isinstance(value, str) else 0))
            if isinstance(value, dict):
                pending.extend(value.values())
            elif isinstance(value, list):
                self._pay(len(value))
                pending.extend(value)
