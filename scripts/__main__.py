"""Entry point: `python3 -m scripts <command>`.

Written so that even an old Python can read it and say what is missing.
"""

import sys

OLDEST, NEWEST = (3, 10), (3, 13)
ADVICE = (
    "Python {}.{} is not supported: run the same command with Python 3.10, 3.11, 3.12 or 3.13, "
    "for example `make setup PYTHON=python3.12`.\n"
)


def main():
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.stderr.write(ADVICE.format(*sys.version_info))
        return 2
    from scripts.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
