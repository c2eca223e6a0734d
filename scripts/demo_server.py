"""`make demo` and `make serve`: a server to look at, until Ctrl-C."""

import contextlib
import importlib
import importlib.util
import threading

from scripts import databases, environment, odoo_server, postgres, settings, stamp
from scripts.console import SetupError, check_disk, say, step
from scripts.odoo_server import OdooServer


def demo():
    """a server with demo data on DEMO_PORT and events that keep coming in"""
    odoo_server.require_port(settings.DEMO_PORT, "DEMO_PORT")
    environment.ensure(quiet=True)
    with postgres.running():
        prepare()
        _serve(databases.DEMO, play=True)


def serve():
    """the same without the events, and with views that reload as you edit them"""
    odoo_server.require_port(settings.DEMO_PORT, "DEMO_PORT")
    environment.ensure(quiet=True)
    with postgres.running():
        prepare()
        _serve(databases.DEMO, options=["--dev=xml,qweb"])


def prepare():
    """The demo database is there and matches the add-ons as they are now."""
    name, ours = databases.DEMO, settings.addons()
    wanted = settings.digest(databases.versions(), ours, databases.hash_of_addons())
    with stamp.lock("demo"):
        if databases.exists(name) and stamp.read("demo") == wanted:
            return
        if not _upgraded(name, ours):
            _build(name, ours)
        stamp.write("demo", wanted)


def _upgraded(name, modules):
    """Bring an existing demo database up to date; False if it has to be made anew."""
    if not databases.exists(name) or not stamp.read("demo"):
        return False
    stamp.remove("demo")
    with contextlib.suppress(SetupError), step("upgrading the demo database"):
        databases.install(name, modules, "-i", ",".join(modules), action="-u", log="demo.log")
        return True
    return False


def _build(name, modules):
    draft = f"{name}_part"
    check_disk(1)
    with step("making the demo database: about 100 Odoo modules with demo data (2 minutes)"):
        databases.drop(name, draft)
        databases.create(draft)
        databases.install(draft, modules or ["base"], "--with-demo", log="demo.log")
        _check_demo(draft, modules)
        databases.rename(draft, name)


def _check_demo(name, modules):
    """Odoo only warns of demo data that do not load, and what they roll back may be part of the add-on's own data."""
    without = postgres.server().sql("SELECT name FROM ir_module_module WHERE state = 'installed' AND NOT demo", name)
    if failed := sorted(set(without) & set(modules)):
        raise SetupError(f"The demo data of {', '.join(failed)} did not load: see .dev/log/demo.log.")


def _serve(database, options=(), play=False):
    server = OdooServer(database, cron_threads=1, port=settings.DEMO_PORT, options=options)
    server.log.unlink(missing_ok=True)
    _tell_address(database, server.url)
    with step("starting Odoo"):
        server.start()
    try:
        _welcome(server.url)
        if play:
            _listen(server.url)
            _play(server.url)
        server.process.wait()
        raise SetupError(f"Odoo ended by itself, its log ({server.log}) ends with:\n{server.log_tail()}")
    except KeyboardInterrupt:
        say("Stopping Odoo.")
    finally:
        server.stop()


def _tell_address(database, url):
    """Odoo learns its own address when an administrator logs in; sources show it before that."""
    quoted = url.replace("'", "''")
    postgres.server().sql(
        f"UPDATE ir_config_parameter SET value = '{quoted}' WHERE key = 'web.base.url'", database=database
    )


def _hook(name, function):
    """A function of scripts/<name>.py, or None."""
    if importlib.util.find_spec(f"scripts.{name}") is None:
        return None
    return getattr(importlib.import_module(f"scripts.{name}"), function, None)


def _welcome(url):
    welcome = _hook("demo", "print_welcome")
    if welcome:
        welcome(url)
    else:
        say(f"\nOdoo runs at {url} (user admin, password admin). Ctrl-C stops everything.\n")


def _listen(url):
    """Have somebody there who is told of events."""
    listen = _hook("demo_receiver", "listen")
    if listen:
        listen(url)


def _play(url):
    """Let demo events come in beside the server, in a thread that ends with it."""
    feed = _hook("demo", "play_feed")
    if feed:
        threading.Thread(target=feed, args=(url,), daemon=True).start()
