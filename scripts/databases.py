"""Databases: templates that are made once, and copies of them that are made in a second.

Four kinds of templates, each named after a hash of what went into it:

* ``dv_base_<hash>``: the modules that our add-ons depend on, without demo data,
* ``dv_ours_<hash>``: the same with our add-ons, as they are in the working tree now,
* ``dv_shapes_<hash>``: the same with kits and drop-shipping beside our add-ons,
* ``dv_past_<commit>_<hash>``: our add-ons as they were at a commit, with demo data, to try upgrades on.

On a user's own server, which several checkouts may share, a hash of the checkout's path follows ``dv_``.
"""

import ast
import contextlib
import io
import os
import re
import shutil
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

from scripts import debian, odoo_server, postgres, settings, stamp
from scripts.console import SetupError, failed, say, step

PREFIX = f"dv_{settings.digest(str(settings.ROOT))[:6]}_" if settings.DATABASE_URL else "dv_"
KINDS = ("base_", "ours_", "shapes_", "past_", "demo", "test_", "system_")
BASE, OURS, SHAPES, PAST, DEMO, TEST, SYSTEM = (PREFIX + kind for kind in KINDS)
FATAL = (" CRITICAL ", "invalid module names, ignored", "is not installable", "unmet dependencies")


def exists(name):
    """Is there a database of this name?"""
    return bool(postgres.server().sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


def named(prefix):
    """All databases whose name begins so, the newest last."""
    query = f"SELECT datname FROM pg_database WHERE starts_with(datname, '{prefix}') ORDER BY oid"
    return postgres.server().sql(query)


def create(name):
    """An empty database for Odoo."""
    postgres.server().sql(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")


def drop(*names, force=True):
    """Remove databases and their files; who is connected is thrown out, or keeps it without `force`."""
    for name in names:
        _drop(f'DROP DATABASE IF EXISTS "{name}"' + (" WITH (FORCE)" if force else ""))
        shutil.rmtree(_filestore(name), ignore_errors=True)


def _drop(statement, attempts=10):
    """PostgreSQL's own vacuum, which only its superuser may throw out, is through in a moment."""
    for _attempt in range(attempts - 1):
        try:
            return postgres.server().sql(statement)
        except SetupError as error:
            if "permission denied to terminate process" not in str(error):
                raise
            time.sleep(1)
    return postgres.server().sql(statement)


def copy(template, name):
    """A new database like the template (which nobody may be connected to), files included."""
    drop(name)
    postgres.server().sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {postgres.server().strategy}')
    if _filestore(template).is_dir():
        # Odoo never changes a stored file, so both databases may share it
        shutil.copytree(_filestore(template), _filestore(name), copy_function=os.link)
    return name


def sweep():
    """Drop the test databases of runs that were killed before they could."""
    for name in named(TEST) + named(SYSTEM):
        process = re.match(r"\d+", name.removeprefix(PREFIX).partition("_")[2])
        if process and not Path("/proc", process.group()).exists():
            odoo_server.kill_left_over(name)
            drop(name)


def rename(name, new_name):
    """Give a database another name, its files first."""
    shutil.rmtree(_filestore(new_name), ignore_errors=True)
    if _filestore(name).is_dir():
        _filestore(name).rename(_filestore(new_name))
    postgres.server().sql(f'ALTER DATABASE "{name}" RENAME TO "{new_name}"')


def _filestore(name):
    return settings.DATA / "filestore" / name


def manifest(module):
    """The manifest of one of our add-ons."""
    return ast.literal_eval((settings.ROOT / module / "__manifest__.py").read_text(encoding="utf-8"))


def dependencies():
    """The modules that our add-ons depend on and that are not ours, in alphabetical order."""
    ours = settings.addons()
    return sorted({name for module in ours for name in manifest(module).get("depends", ())} - set(ours))


def versions():
    """What a database depends on besides module code: Odoo, OCA, PostgreSQL."""
    return [stamp.read("odoo"), stamp.read("oca"), debian.checkout(), settings.DATABASE_URL]


def hash_of_addons():
    """Changes whenever a file of ours that can change a database does (tests and texts do not)."""
    folders = [settings.ROOT / name for name in settings.addons()]
    return settings.digest_of_files(folders, leave_out={"tests", "readme", "__pycache__"})


def base_template():
    """The template with the modules that we depend on; made if missing."""
    modules = dependencies() or ["base"]
    name = BASE + settings.digest(modules, versions())
    return _template(BASE, name, "installing the Odoo modules we build on (once)", "template0", modules)


def our_template():
    """The template with our add-ons as they are now; made if missing."""
    base = base_template()
    name = OURS + settings.digest(base, hash_of_addons())
    return _template(OURS, name, "installing our add-ons", base, settings.addons())


def shapes_template():
    """The template with our add-ons, kits and drop-shipping; made if missing."""
    ours = our_template()
    modules = ["purchase_mrp", "sale_mrp", "stock_dropshipping"]
    name = SHAPES + settings.digest(ours, modules)
    return _template(SHAPES, name, "installing kits and drop-shipping", ours, modules)


def past_template(commit):
    """The template with our add-ons as they were at a commit, with demo data; made if missing."""
    with tempfile.TemporaryDirectory() as folder:
        base, modules = base_template(), _check_out(commit, folder)
        name = f"{PAST}{commit}_{settings.digest(base)}"
        path = ",".join(map(str, [*settings.odoo_addons_path(), folder]))
        message = f"installing our add-ons of {commit} (once)"
        return _template(PAST, name, message, base, modules, f"--addons-path={path}", demo=True)


def past_addons(commit):
    """The names of our add-ons as they were at a commit."""
    listed = ["git", "ls-tree", "--name-only", commit]
    names = subprocess.run(listed, cwd=settings.ROOT, capture_output=True, text=True, check=True).stdout.split()
    return {name for name in names if name in settings.addons()}


def _check_out(commit, folder):
    """Our add-ons at a commit, in a folder that is not a working tree: what is there cannot be changed by accident."""
    archive = ["git", "archive", "--format=zip", commit]
    packed = subprocess.run(archive, cwd=settings.ROOT, capture_output=True, check=True).stdout
    with zipfile.ZipFile(io.BytesIO(packed)) as archived:
        archived.extractall(folder)
    return sorted(path.parent.name for path in Path(folder).glob("*/__manifest__.py"))


def latest_template():
    """The newest template with our add-ons, even if they changed since; made if there is none."""
    made = named(OURS)
    return made[-1] if made else our_template()


def _template(kind, name, message, origin, modules, *options, demo=False):
    """:param demo: whether the modules come with their demo data, which Odoo installs above others that have theirs"""
    with stamp.lock(kind.strip("_")):
        # `make clean` leaves the databases of a user's own server, but not their files
        if not exists(name) or not _filestore(name).is_dir():
            draft = f"{name}_part"
            with step(message):
                drop(draft)
                create(draft) if origin == "template0" else copy(origin, draft)
                if demo:
                    postgres.server().sql("UPDATE ir_module_module SET demo = TRUE WHERE state = 'installed'", draft)
                install(draft, modules, *options)
                drop(name)
                rename(draft, name)
            _forget_older(kind, name)
    return name


def _forget_older(kind, name):
    """Drop the templates of the same kind that the new one replaces, unless one is being copied."""
    for old in named(kind):
        if old != name and not old.endswith("_part"):
            with contextlib.suppress(SetupError):
                drop(old, force=False)


def install(database, modules, *options, action="-i", log="install.log"):
    """Install (or with ``-u`` upgrade) modules; errors name the log."""
    arguments = ["--no-http", "--stop-after-init", "--max-cron-threads=0", *options]
    if modules:
        arguments += [action, ",".join(modules)]
    path = settings.LOGS / log
    settings.LOGS.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        result = subprocess.run(
            odoo_server.command(database, *arguments),
            stdout=stream,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=odoo_server.environment(),
            check=False,
        )
    output = path.read_text(encoding="utf-8", errors="replace")
    if result.returncode or any(word in output for word in FATAL):
        say("".join(f"{line}\n" for line in output.splitlines()[-25:]))
        raise failed(output, f"Odoo could not install {', '.join(modules)}", log)
