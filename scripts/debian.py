"""Debian packages without root: apt with its own lists, unpacked into a folder of ours."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from scripts import settings, stamp
from scripts.console import SetupError, check_disk, run, say, step

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
OFFLINE = (
    "Debian's packages cannot be downloaded: check the network, or set DEBIAN_MIRROR to a Debian mirror "
    "you can reach, or ODOO_SOURCE to an Odoo 19 checkout"
)


def ensure_odoo():
    """Odoo 19 is unpacked in `.dev/odoo`, whole or not at all."""
    if settings.ODOO_SOURCE:
        return check_checkout()
    packages = _odoo_packages()
    wanted = settings.digest(packages)
    if stamp.read("odoo") == wanted and settings.ODOO_PACKAGE.is_dir():
        return None
    check_disk(4)
    with step("downloading and unpacking Odoo 19 from Debian (125 MB)"):
        unpack(packages, settings.ODOO_PACKAGE)
    stamp.write("odoo", wanted)
    return None


def check_checkout():
    """The user's own checkout is really Odoo 19."""
    release = settings.odoo_source() / "odoo" / "release.py"
    if not release.is_file() or "version_info = (19, 0" not in release.read_text(encoding="utf-8"):
        raise SetupError(f"ODOO_SOURCE={settings.ODOO_SOURCE} is no checkout of Odoo 19.0: correct it or leave it out.")


def checkout():
    """Path and commit of the user's own checkout, or None."""
    if not settings.ODOO_SOURCE:
        return None
    command = ["git", "--git-dir", settings.odoo_source() / ".git", "rev-parse", "HEAD"]
    return settings.ODOO_SOURCE, subprocess.run(command, capture_output=True, check=False).stdout


def _odoo_packages():
    suite = settings.words("visibility:debian", "fonts_suite")[0]
    fonts = [f"{name}/{suite}" for name in settings.words("visibility:debian", "fonts")]
    return settings.words("visibility:debian", "odoo") + settings.words("visibility:debian", "linked") + fonts


def unpack(packages, target):
    """Download packages and unpack them over one root, which appears only when complete."""
    draft, downloads = target.with_name(target.name + ".part"), settings.DEV / "apt" / "debs"
    for folder in (draft, downloads):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    apt = Apt()
    apt("download", *map(apt.available, packages), cwd=downloads)
    for package in sorted(downloads.glob("*.deb")):
        run(["dpkg-deb", "-x", package, draft], f"{package.name} cannot be unpacked: run `make clean` and try again")
    shutil.rmtree(downloads)
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)


def mirror():
    """The Debian mirror that this machine's apt uses."""
    if settings.DEBIAN_MIRROR:
        return settings.DEBIAN_MIRROR
    try:
        output = subprocess.run(
            ["apt-get", "indextargets", "--format", "$(REPO_URI)"], capture_output=True, text=True, check=False
        ).stdout
    except FileNotFoundError:
        raise SetupError("This is no Debian machine: set ODOO_SOURCE to an Odoo 19 checkout.") from None
    known = [uri for uri in output.split() if "debian" in uri and "security" not in uri]
    if not known:
        raise SetupError("apt knows no Debian mirror here: set DEBIAN_MIRROR to one, or ODOO_SOURCE to a checkout.")
    return known[0]


class Apt:
    """apt-get with a private sources list and private package lists, updated once."""

    def __init__(self):
        self.folder = settings.DEV / "apt"
        for name in ("lists/partial", "cache/archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._write_sources()
        self("update")

    def _write_sources(self):
        signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
        suites = [settings.words("visibility:debian", name)[0] for name in ("suite", "fonts_suite")]
        lines = [f"deb {signed}{mirror()} {suite} main\n" for suite in suites]
        (self.folder / "sources.list").write_text("".join(lines), encoding="utf-8")

    def _options(self):
        settings_of_apt = {
            "Dir::Etc::SourceList": self.folder / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::State::Lists": self.folder / "lists",
            "Dir::State::status": "/dev/null",
            "Dir::Cache": self.folder / "cache",
            "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
            "APT::Update::Error-Mode": "any",
            "Acquire::Languages": "none",
            "Acquire::Retries": "2",
            "Acquire::http::Timeout": "20",
        }
        return [part for key, value in settings_of_apt.items() for part in ("-o", f"{key}={value}")]

    def __call__(self, *arguments, tool="apt-get", **options):
        return run([tool, *self._options(), *arguments], OFFLINE, **options)

    def available(self, package):
        """The pinned version, or the newest there is if the pinned one has left the suite."""
        name, _, version = package.partition("=")
        if not version:
            return package
        versions = re.findall(r"\| *(\S+) *\|", self("madison", name, tool="apt-cache"))
        if not versions:
            raise SetupError(f"{mirror()} has no package {name}: set DEBIAN_MIRROR to another mirror, or ODOO_SOURCE.")
        if version in versions:
            return package
        say(f"  {name} {version} is no longer in Debian: taking the newest there is, {versions[0]}")
        return f"{name}={versions[0]}"
