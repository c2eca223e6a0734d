"""The commands behind the Makefile's targets."""

import argparse

from scripts import commands
from scripts.console import guarded


def run(arguments):
    """Run one command; give the exit code."""
    options = _parser().parse_args(arguments)
    return guarded(commands.COMMANDS[options.command])


def _parser():
    parser = argparse.ArgumentParser(prog="make", description=__doc__)
    parser.add_argument("command", choices=sorted(commands.COMMANDS))
    return parser
