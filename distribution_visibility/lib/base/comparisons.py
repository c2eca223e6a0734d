"""The comparisons that a search may ask for, beside ``in``."""

import operator as operators

COMPARISONS = {"<": operators.lt, "<=": operators.le, ">": operators.gt, ">=": operators.ge}
