"""Histograms as OpenMetrics wants them, from counts that were kept per bucket."""

from collections.abc import Iterable, Mapping

#: From receiving a message to its effect. Times of receiving are whole seconds, so nothing is finer.
END_TO_END_SECONDS = (1, 2, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400)
#: Of answering one request, and of working on one message.
SHORT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
INFINITY = "+Inf"


def bucket(seconds: float, limits: Iterable[float]) -> str:
    """The label (``le``) of the smallest bucket that a duration belongs to.

    >>> bucket(2, END_TO_END_SECONDS), bucket(2.1, END_TO_END_SECONDS), bucket(1e6, END_TO_END_SECONDS)
    ('2', '5', '+Inf')
    """
    return next((str(limit) for limit in limits if seconds <= limit), INFINITY)


def cumulative(counts: Mapping[str, float], limits: Iterable[float]) -> list[tuple[str, float]]:
    """Counts by :func:`bucket` as pairs (le, how many took at most that long), ending at ``+Inf``.

    Counts of a bucket that is none of ``limits`` any more are taken as of the infinite one, so that
    nothing is lost when the limits change between versions.
    """
    total, rows, labels = 0.0, [], [str(limit) for limit in limits]
    for label in labels:
        total += counts.get(label, 0)
        rows.append((label, total))
    rest = sum(count for label, count in counts.items() if label not in labels)
    return [*rows, (INFINITY, total + rest)]
