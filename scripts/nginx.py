"""nginx from Debian's package, for the test that has it read the files of our proxy."""

import functools
import platform

from scripts import debian, settings, stamp
from scripts.console import SetupError, step

FOLDER = settings.DEV / "nginx"


@functools.cache
def ensure():
    """Unpack nginx and the libraries that it is linked with in `.dev/nginx`, unless they are there.

    :return: why there is none, for the summary of the tests; empty if there is one
    """
    packages = settings.words("visibility:debian", "proxy")
    wanted = settings.digest(packages)
    if stamp.read("nginx") == wanted and command():
        return ""
    try:
        with stamp.lock("nginx"), step("downloading and unpacking nginx from Debian (6 MB)"):
            debian.unpack(packages, FOLDER)
    except SetupError as error:
        return str(error)
    stamp.write("nginx", wanted)
    return "" if command() else f"Debian's nginx has no program for {platform.machine()}"


def command():
    """How to start it: by the program loader that belongs to its libraries; None if it is not there."""
    programs, loaders = sorted(FOLDER.glob("usr/sbin/nginx")), sorted(FOLDER.glob("usr/lib*/**/ld-linux*.so.*"))
    if not programs or not loaders:
        return None
    return [str(loaders[0]), "--library-path", str(loaders[0].parent), str(programs[0])]
