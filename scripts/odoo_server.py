"""Odoo itself: its configuration file, one-off runs, and servers that tests start and kill."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from scripts import postgres, settings
from scripts.console import SetupError

LAUNCHER = """\
# Written by scripts/odoo_server.py: starts Odoo from its source folder.
import sys
sys.path.insert(0, {source!r})
import odoo.cli
if __name__ == "__main__":
    odoo.cli.main()
"""


def write_files():
    """Write `.dev/odoo-bin` and `.dev/odoo.conf`."""
    settings.DEV.mkdir(exist_ok=True)
    _write(settings.ODOO_BIN, LAUNCHER.format(source=str(settings.odoo_source())))
    _write(settings.ODOO_CONF, configuration())


def _write(path, text):
    """Replace a file at once, if it changes; only we may read it, because it may hold a password."""
    if path.is_file() and path.read_text(encoding="utf-8") == text and not path.stat().st_mode & 0o077:
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def configuration(**changes):
    """The text of an odoo.conf; keyword arguments add or replace options."""
    options = {
        "addons_path": ",".join(map(str, settings.addons_path())),
        "data_dir": settings.DATA,
        "http_interface": "127.0.0.1",
        "list_db": False,
        **postgres.server().odoo_options(),
        **changes,
    }
    return "[options]\n" + "".join(f"{name} = {value}\n" for name, value in options.items())


def command(database, *options, config=None):
    """The command line that runs Odoo on a database."""
    start = [settings.PYTHON, settings.ODOO_BIN, "-c", config or settings.ODOO_CONF, "-d", database]
    return [str(part) for part in (*start, *options)]


def environment():
    """Odoo runs in UTC, finds its own programs first, and keeps what it compiled out of all source folders."""
    path = f"{settings.VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    # each start would compile all of Odoo anew: five seconds, a hundred times in `make test`
    told = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**told, "TZ": "UTC", "PATH": path, "PYTHONPYCACHEPREFIX": str(settings.BYTECODE)}


def free_port():
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_free(port):
    """Does nobody listen on this port of 127.0.0.1?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def require_port(port, variable):
    """The port is free, or the user is told which variable moves us to another one."""
    if not is_free(port):
        advice = f"stop what listens on it, or choose another one, for example `{variable}={port + 1} make demo`"
        raise SetupError(f"Port {port} is busy: {advice}.")


def kill_left_over(database):
    """End servers of a database that outlived whoever started them."""
    for config in settings.RUN.glob(f"server-{database}-*.conf"):
        for found in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if str(config).encode() in found.read_bytes():
                    os.kill(int(found.parent.name), signal.SIGKILL)
        config.unlink()


class OdooServer:
    """A running Odoo server in a process group of its own.

    :param database: name of an existing database
    :param workers: HTTP workers; 0 is the threaded server, which also serves the websocket
    :param cron_threads: cron workers (prefork) or threads; 0 runs no scheduled action
    :param options: further command-line options of odoo-bin
    :param config: further options of odoo.conf
    :param env: further environment variables

    Use it as a context manager, or call :meth:`start` and :meth:`stop`.
    """

    def __init__(self, database, workers=0, cron_threads=0, port=None, options=(), config=None, env=None):
        self.database, self.workers, self.cron_threads = database, workers, cron_threads
        self.port = port or free_port()
        self.websocket_port = free_port() if workers else self.port
        self.options, self.config, self.env = options, config or {}, env or {}
        self.process = None
        name = f"server-{database}-{self.port}"
        self.log, self.config_file = settings.LOGS / f"{name}.log", settings.RUN / f"{name}.conf"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, timeout=90):
        """Start the server and wait until it answers."""
        if not is_free(self.port):
            raise SetupError(f"Port {self.port} is busy: another program listens on it.")
        for folder in (settings.LOGS, settings.RUN):
            folder.mkdir(parents=True, exist_ok=True)
        _write(self.config_file, self._configuration())
        with self.log.open("a", encoding="utf-8") as stream:
            self.process = subprocess.Popen(
                command(self.database, *self.options, config=self.config_file),
                stdout=stream,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**environment(), **self._limits(), **self.env},
                start_new_session=True,
            )
        self.wait_until_ready(timeout)
        return self

    def _limits(self):
        """A threaded server takes as many requests at once as it has connections for; prefork ones take one each.

        Without this limit 200 requests at once are 200 threads, and those beyond ``db_maxconn`` answer 500.
        """
        return {} if self.workers else {"ODOO_MAX_HTTP_THREADS": "auto"}

    def _configuration(self):
        options = {
            "workers": self.workers,
            "max_cron_threads": self.cron_threads,
            "http_port": self.port,
            "gevent_port": self.websocket_port,
        }
        return configuration(**{**options, **self.config})

    def wait_until_ready(self, timeout=90):
        """Poll until Odoo serves pages of the database; fail with the end of the log if it never does."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if self.answers("/web/health") and self.answers("/web/login", timeout):
                return
            time.sleep(0.1)
        self.kill()
        raise SetupError(f"Odoo did not start, its log ({self.log}) ends with:\n{self.log_tail()}")

    def answers(self, path="/web/health?db_server_status=1", timeout=10):
        """Does the server answer 200 now? The default path asks about its database connection, too."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=timeout) as response:
                return response.status == 200
        except OSError:
            return False

    def log_tail(self, lines=30):
        """The end of the server's log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def stop(self, timeout=20):
        """Ask the server to end, as an administrator would; kill it if it does not."""
        self.signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired, AttributeError):
            self.process.wait(timeout)
        self.kill()

    def kill(self):
        """`kill -9` of the whole process group: what a crash of the machine looks like to the database."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.config_file.unlink(missing_ok=True)

    def signal(self, number):
        """Send a signal to the main process only."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exception):
        self.stop()
