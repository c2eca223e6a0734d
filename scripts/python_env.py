"""The virtual environment, and the OCA add-ons beside it."""

import os
import shutil
import subprocess
import sys

from scripts import debian, settings, stamp
from scripts.console import check_disk, run, step

# One list for every Python that we support, with the hashes of all files and without the address of any registry
COMPILE = ["--universal", "--python-version", settings.oldest_python(), "--generate-hashes", "--no-annotate"]
COMPILE += ["--custom-compile-command", "make lock"]
AS_LISTED = ["--no-deps", "--require-hashes"]
LOCKS = {
    "development": [],
    # our containers get the versions that were tested
    "runtime": ["--constraint", settings.lock("development")],
    "oca": ["--no-deps"],
    "neighbours": ["--no-deps"],
}
FAILURE = "Python packages cannot be installed: check the network and pip's settings, then run the same command again"


def ensure():
    """The virtual environment holds exactly what the list for development says, file by file."""
    wanted = _wanted()
    if stamp.read("venv") == wanted and _same_place():
        return
    check_disk(3)
    with step("installing Python packages"):
        if not _same_python():
            _create()
        stamp.remove("venv")
        _uv("pip", "sync", "--python", settings.PYTHON, "--require-hashes", settings.lock("development"))
    stamp.write("venv", wanted)


def _wanted():
    return f"{_base_python()} {settings.digest(settings.lock('development').read_text(encoding='utf-8'), sys.version)}"


def _base_python():
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def _same_python():
    """A finished environment of the same Python can be updated; anything else is made anew."""
    before = (stamp.read("venv") or "").split(" ")[0]
    return before == _base_python() and settings.UV.exists() and _same_place()


def _same_place():
    """An environment whose folder was moved has programs that begin with the old path."""
    script = settings.VENV / "bin" / "activate"
    return script.is_file() and str(settings.VENV) in script.read_text(encoding="utf-8")


def _create():
    stamp.remove("venv")
    shutil.rmtree(settings.VENV, ignore_errors=True)
    run([_base_python(), "-m", "venv", "--without-pip", settings.VENV], FAILURE)
    run([settings.PYTHON, *_pip(), "install", _pin_of_uv()], FAILURE)


def _pin_of_uv():
    lines = settings.lock("development").read_text(encoding="utf-8").splitlines()
    return next(line.split()[0] for line in lines if line.startswith("uv=="))


def _pip():
    """How to start pip: Python's own copy, or Debian's wheel where Python comes without one."""
    probe = subprocess.run([settings.PYTHON, "-m", "ensurepip"], capture_output=True, check=False)
    if not probe.returncode:
        return ["-m", "pip"]
    folder = settings.DEV / "pip"
    debian.unpack(["python3-pip-whl"], folder)
    wheel = next(folder.rglob("pip-*.whl"))
    return [wheel / "pip"]


def _uv(*arguments):
    run([settings.UV, *arguments], FAILURE, env={**os.environ, **uv_environment()})


def uv_environment():
    """What pip is told on this machine, in uv's words; the cache stays in our folder."""
    told = {
        "UV_DEFAULT_INDEX": os.environ.get("PIP_INDEX_URL") or _pip_setting("global.index-url"),
        "UV_FIND_LINKS": ",".join(os.environ.get("PIP_FIND_LINKS", "").split()),
        "UV_HTTP_TIMEOUT": os.environ.get("PIP_DEFAULT_TIMEOUT"),
        "SSL_CERT_FILE": os.environ.get("PIP_CERT"),
        "UV_CACHE_DIR": str(settings.DEV / "cache" / "uv"),
        # the Python that runs us is there, and no other is fetched
        "UV_PYTHON_DOWNLOADS": "never",
    }
    return {name: value for name, value in told.items() if value and name not in os.environ}


def _pip_setting(name):
    command = [sys.executable, "-m", "pip", "config", "get", name]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def ensure_oca():
    """The OCA add-ons that ours build on are in `.dev/oca`."""
    _ensure_folder("oca", settings.OCA, "installing OCA add-ons")


def ensure_neighbours():
    """The OCA add-ons that ours only live beside are in `.dev/neighbours`."""
    _ensure_folder("neighbours", settings.NEIGHBOURS, "installing OCA add-ons that people have beside ours")


def _ensure_folder(name, folder, message):
    """A folder holds exactly what a list says: all of it or nothing."""
    wanted = settings.digest(settings.lock(name).read_text(encoding="utf-8"))
    if stamp.read(name) == wanted and folder.is_dir():
        return
    draft = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    with step(message):
        _uv("pip", "install", "--python", settings.PYTHON, "--target", draft, *AS_LISTED, "-r", settings.lock(name))
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    stamp.write(name, wanted)


def lock():
    """write requirements/ anew: what setup.cfg asks for, in exact versions"""
    # not ensure(): a changed requirement does not fit the old list, which is why one locks again
    if not settings.UV.exists():
        _create()
    for name, options in LOCKS.items():
        with step(f"choosing versions for {settings.lock(name).relative_to(settings.ROOT)}"):
            wanted = settings.DEV / f"{name}.in"
            wanted.write_text("\n".join(settings.requirements(name)), encoding="utf-8")
            _uv("pip", "compile", *COMPILE, *options, *_raised(), wanted, "-o", settings.lock(name))


def _raised():
    """uv keeps a version that still fits, unless it is told to raise it."""
    names = os.environ.get("UPGRADE", "").split()
    return ["--upgrade"] if names == ["all"] else [f"--upgrade-package={name}" for name in names]
