"""Text of strangers in a log line: one line, bounded, and unable to imitate another line."""

import re

# C0 and C1 controls (CR, LF, escape), line and paragraph separators, marks that reorder what is
# shown, invisible characters, and surrogates, which no log file can encode.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def one_line(text: object, longest: int = 200) -> str:
    """``str(text)`` with each unsafe character as ``?`` and at most ``longest`` characters."""
    line = _UNSAFE.sub("?", str(text)[: longest + 1])
    return line if len(line) <= longest else line[: longest - 1] + "\u2026"
