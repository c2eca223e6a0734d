"""Paths, what setup.cfg asks for and the environment variables that a user may set.

Variables of every command (all optional):

====================  ==========================================================================
``ODOO_SOURCE``       an Odoo 19 checkout to use instead of Debian's package
``DATABASE_URL``      a PostgreSQL server to use instead of the embedded one
                      (``postgresql://user:password@host:port/any``; the user needs CREATEDB)
``DEBIAN_MIRROR``     where to get Debian's packages, if apt on this machine does not know
``DEMO_PORT``         port of ``make demo`` (8069)
``STORIES``           which stories ``make stories`` tells: ``quick``, or words of a title or file
``UPGRADE``           packages that ``make lock`` raises to the newest versions that fit, or ``all``
====================  ==========================================================================
"""

import configparser
import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / ".dev"
VENV = DEV / "venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
OCA = DEV / "oca"
NEIGHBOURS = DEV / "neighbours"
ODOO_PACKAGE = DEV / "odoo"
ODOO_BIN = DEV / "odoo-bin"
ODOO_CONF = DEV / "odoo.conf"
DATA = DEV / "data"
LOGS = DEV / "log"
BYTECODE = DEV / "cache" / "bytecode"
RUN = DEV / "run"

ODOO_SOURCE = os.environ.get("ODOO_SOURCE") or None
DATABASE_URL = os.environ.get("DATABASE_URL") or None
DEBIAN_MIRROR = os.environ.get("DEBIAN_MIRROR") or None
DEMO_PORT = int(os.environ.get("DEMO_PORT") or 8069)


def asked(variable):
    """What the user set a variable of `make test` to."""
    return os.environ.get(variable, "").strip()


def jobs():
    """How much may run side by side: JOBS, or as many as there are processors for us."""
    wanted = asked("JOBS")
    return int(wanted) if wanted.isdigit() else len(os.sched_getaffinity(0))


def _config():
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def words(section, option):
    """The lines of a list in setup.cfg, without comments."""
    return [line for line in _config()[section][option].splitlines() if line and line[0] != "#"]


LISTS = {
    "development": ("odoo", "tests", "lint", "tools"),
    "runtime": ("image",),
    "oca": ("oca",),
    "neighbours": ("neighbours",),
}
#: Lists of what is installed by itself, beside a Python environment.
BY_ITSELF = ("oca", "neighbours")


def requirements(name):
    """What one list of requirements/ is made of: lines of setup.cfg, each with a lower bound."""
    extras = [line for extra in LISTS[name] for line in words("options.extras_require", extra)]
    return extras if name in BY_ITSELF else words("options", "install_requires") + extras


def lock(name):
    """The file with the exact versions of one list: `development`, `runtime`, `oca` or `neighbours`."""
    return ROOT / "requirements" / f"{name}.txt"


def oldest_python():
    """The oldest Python that setup.cfg allows, as in `3.10`."""
    return words("options", "python_requires")[0].removeprefix(">=").partition(",")[0]


def addons():
    """Our own add-ons: every top-level folder with a manifest, in alphabetical order."""
    return sorted(path.parent.name for path in ROOT.glob("*/__manifest__.py"))


def odoo_source():
    """The folder that holds the Python package `odoo`."""
    if ODOO_SOURCE:
        return Path(ODOO_SOURCE).expanduser().resolve()
    return ODOO_PACKAGE / "usr" / "lib" / "python3" / "dist-packages"


def odoo_addons_path():
    """Folders where Odoo looks for add-ons that are not ours."""
    candidates = [odoo_source() / "addons", odoo_source() / "odoo" / "addons", OCA / "odoo" / "addons"]
    return [path for path in candidates if path.is_dir()]


def addons_path():
    """Folders where Odoo looks for add-ons; ours come last."""
    return odoo_addons_path() + ([ROOT] if addons() else [])


def digest(*parts):
    """A short hash of anything printable, to tell whether inputs changed."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def digest_of_files(folders, leave_out=()):
    """A short hash of the contents of every file below the folders, except below `leave_out` names."""
    seen = hashlib.sha256()
    for folder in map(Path, folders):
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not {*inside.parts} & {*leave_out}:
                seen.update(f"{folder.name}/{inside}\n".encode() + path.read_bytes())
    return seen.hexdigest()[:12]
