"""The virtual environment, and the OCA add-ons beside it."""

import os
import shutil
import subprocess
import sys

from scripts import debian, settings, stamp
from scripts.console import check_disk, run, step

FAILURE = "Python packages cannot be installed: check the network and pip's settings, then run the same command again"


def ensure():
    """The virtual environment holds exactly what setup.cfg pins."""
    pins, wanted = settings.requirements(), _wanted()
    if stamp.read("venv") == wanted and _same_place():
        return
    check_disk(3)
    with step("installing Python packages"):
        if not _same_python():
            _create()
        stamp.remove("venv")
        _uv_install(*pins, constraints=settings.words("visibility:lock", "versions"))
    stamp.write("venv", wanted)


def _wanted():
    lock = settings.words("visibility:lock", "versions")
    return f"{_base_python()} {settings.digest(settings.requirements(), lock, sys.version)}"


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
    run([settings.PYTHON, *_pip(), "install", *settings.words("visibility:tools", "uv")], FAILURE)


def _pip():
    """How to start pip: Python's own copy, or Debian's wheel where Python comes without one."""
    probe = subprocess.run([settings.PYTHON, "-m", "ensurepip"], capture_output=True, check=False)
    if not probe.returncode:
        return ["-m", "pip"]
    folder = settings.DEV / "pip"
    debian.unpack(["python3-pip-whl"], folder)
    wheel = next(folder.rglob("pip-*.whl"))
    return [wheel / "pip"]


def _uv_install(*packages, constraints=(), options=()):
    listing = settings.DEV / "constraints.txt"
    listing.write_text("\n".join(constraints), encoding="utf-8")
    command = [settings.UV, "pip", "install", "--python", settings.PYTHON, "-c", listing, *options, *packages]
    run(command, FAILURE, env={**os.environ, **uv_environment()})


def uv_environment():
    """What pip is told on this machine, in uv's words; the cache stays in our folder."""
    told = {
        "UV_DEFAULT_INDEX": os.environ.get("PIP_INDEX_URL") or _pip_setting("global.index-url"),
        "UV_FIND_LINKS": ",".join(os.environ.get("PIP_FIND_LINKS", "").split()),
        "UV_HTTP_TIMEOUT": os.environ.get("PIP_DEFAULT_TIMEOUT"),
        "SSL_CERT_FILE": os.environ.get("PIP_CERT"),
        "UV_CACHE_DIR": str(settings.DEV / "cache" / "uv"),
    }
    return {name: value for name, value in told.items() if value and name not in os.environ}


def _pip_setting(name):
    command = [sys.executable, "-m", "pip", "config", "get", name]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def ensure_oca():
    """The OCA add-ons are in `.dev/oca`, all of them or none."""
    wanted = settings.digest(settings.oca_addons())
    if stamp.read("oca") == wanted and settings.OCA.is_dir():
        return
    draft = settings.OCA.with_name("oca.part")
    shutil.rmtree(draft, ignore_errors=True)
    with step("installing OCA add-ons"):
        _uv_install(*settings.oca_addons(), options=["--no-deps", "--target", draft])
    shutil.rmtree(settings.OCA, ignore_errors=True)
    draft.rename(settings.OCA)
    stamp.write("oca", wanted)


def lock():
    """pin the newest versions that fit: rewrites the end of setup.cfg"""
    # not ensure(): a changed requirement does not fit the old lock, which is why one locks again
    if not settings.UV.exists():
        _create()
    with step("choosing versions"):
        pins = "".join(f"    {line}\n" for line in _compiled())
    head = (settings.ROOT / "setup.cfg").read_text(encoding="utf-8").partition("\nversions =\n")[0]
    (settings.ROOT / "setup.cfg").write_text(f"{head}\nversions =\n{pins}", encoding="utf-8")


def _compiled():
    """Requirements of requirements, for every Python that we support; none for Windows."""
    sources = settings.DEV / "requirements.in"
    sources.write_text("\n".join(settings.requirements() + settings.words("visibility:tools", "uv")), encoding="utf-8")
    command = [settings.UV, "pip", "compile", "--universal", "--no-annotate", "--no-header", "-q"]
    oldest = ["--python-version", settings.oldest_python()]
    output = run([*command, *oldest, sources], FAILURE, env={**os.environ, **uv_environment()})
    return [line.replace(" ; ", "; ") for line in output.splitlines() if "win32" not in line]
