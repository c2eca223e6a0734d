"""Asks pylint-odoo which classes of one model should be merged, room by room.

Its check looks at a whole add-on. Ours are houses of rooms, and a model may have one class in each: so each folder is
looked at for itself. A model that is too large for one file says so beside its ``_inherit``.
"""

import sys
from pathlib import Path

from pylint.lint import Run

CHECK = ["--rcfile=pyproject.toml", "--disable=all", "--enable=consider-merging-classes-inherited"]


def rooms(addons):
    """The folders with code of the add-ons, tests left out."""
    files = (path for addon in addons for path in Path(addon).rglob("*.py"))
    return sorted({path.parent for path in files if "tests" not in path.parts})


def main(addons):
    """Look at every room; 1 when one of them has something to merge."""
    return int(any([_look(sorted(map(str, room.glob("*.py")))) for room in rooms(addons)]))


def _look(files):
    return Run([*CHECK, *files], exit=False).linter.msg_status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
