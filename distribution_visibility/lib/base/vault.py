"""Secrets at rest: Fernet (AES-128-CBC with HMAC-SHA256) under one or more master keys."""

import base64
import contextlib
import hashlib
import os
import re
import secrets as random
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from .errors import ConfigurationError

CONFIG_OPTION = "visibility_master_key"
ENVIRONMENT_VARIABLE = "VISIBILITY_MASTER_KEY"
_FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=\Z")
_MAX_KEY_FILE_BYTES = 4096
_WAIT_FOR_OTHER_PROCESS = 2.0


@dataclass(frozen=True)
class Key:
    """One secret (or public key) of a source that is valid now. ``secret`` is as the person gave it."""

    id: str
    secret: str


@dataclass(frozen=True)
class MasterKeys:
    """Fernet keys, the newest first, and where they came from (for a person): never printed."""

    keys: tuple[str, ...] = field(repr=False)
    origin: str


class Vault:
    """Encrypts the secrets of sources and subscriptions.

    The first master key encrypts; all of them decrypt. To rotate: put a new key first, call
    :meth:`rotate` on every stored token, then drop the old key. Tokens reveal when they were made.
    """

    def __init__(self, keys: Sequence[str]):
        """:raises ConfigurationError: when there is no key, or one is not a Fernet key."""
        cleaned = _cleaned(keys)
        if not cleaned:
            raise ConfigurationError(
                f"There is no master key: set {CONFIG_OPTION} in odoo.conf or {ENVIRONMENT_VARIABLE}."
            )
        self._fernet = MultiFernet([_fernet(key) for key in cleaned])
        self._first = cleaned[0]

    @property
    def key_fingerprint(self) -> str:
        """12 hexadecimal digits that tell which master key encrypts, and nothing of the key."""
        return fingerprint(self._first)

    def encrypt(self, text: str) -> str:
        """A token (ASCII) that only this vault's keys open."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """:raises ConfigurationError: when no master key opens the token, or it was altered."""
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except (InvalidToken, UnicodeError) as error:
            raise ConfigurationError(
                "A stored secret cannot be opened with any master key: it was encrypted with another key "
                "or altered. Add the earlier master key, or enter the secret again."
            ) from error

    def rotate(self, token: str) -> str:
        """The same secret under the first master key; the token's time of making is kept.

        :raises ConfigurationError: as :meth:`decrypt`.
        """
        try:
            return self._fernet.rotate(token.encode()).decode()
        except (InvalidToken, UnicodeError):
            return self.encrypt(self.decrypt(token))


def fingerprint(key: str) -> str:
    """12 hexadecimal digits of a salted-by-purpose SHA-256: safe to show and to log."""
    return hashlib.sha256(b"visibility master key:" + key.encode()).hexdigest()[:12]


def new_master_key() -> str:
    """A fresh Fernet key (32 random bytes, URL-safe base64)."""
    return base64.urlsafe_b64encode(random.token_bytes(32)).decode()


def load_master_keys(config_value: str | None, environ_value: str | None, key_file_path: str) -> MasterKeys:
    """Find the master keys: odoo.conf, else the environment, else a key file (made on first use).

    The first of the three that is set wins, even when it is malformed: falling through to another
    key would hide the mistake and lock every stored secret.

    :param config_value: the option ``visibility_master_key``: Fernet keys, comma-separated, newest first.
    :param environ_value: the variable ``VISIBILITY_MASTER_KEY``, same form.
    :param key_file_path: outside the database and its backups, on storage that all nodes share.
    :raises ConfigurationError: when keys are malformed, or the key file is unsafe or unusable.
    """
    for value, origin in (
        (config_value, f"option {CONFIG_OPTION}"),
        (environ_value, f"environment variable {ENVIRONMENT_VARIABLE}"),
    ):
        if value and value.strip():
            return MasterKeys(_checked(value, origin), origin)
    origin = f"key file {key_file_path}"
    return MasterKeys(_checked(_read_or_create(key_file_path), origin), origin)


def _checked(text: str, origin: str) -> tuple[str, ...]:
    keys = _cleaned(text.replace("\n", ",").split(","))
    try:
        for key in keys:
            _fernet(key)
    except ConfigurationError as error:
        raise ConfigurationError(f"{error} (From the {origin}.)") from None
    if not keys:
        raise ConfigurationError(f"The {origin} holds no master key.")
    return keys


def _cleaned(keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(key.strip() for key in keys if key.strip())


def _fernet(key: str) -> Fernet:
    # Checked here: Fernet's decoder skips junk, so that a key with a typing error might pass.
    if not _FERNET_KEY.match(key):
        raise ConfigurationError("A master key is malformed: it must be 32 bytes in URL-safe base64 (44 characters).")
    return Fernet(key.encode())


def _read_or_create(path: str) -> str:
    """Of several processes that start at once, one makes the file and the others read it."""
    try:
        with contextlib.suppress(FileNotFoundError):
            return _read(path)
    except OSError as error:
        raise ConfigurationError(f"The key file {path} cannot be read: {error.strerror}.") from error
    try:
        return _create(path)
    except FileExistsError:
        return _read_when_written(path)
    except OSError as error:
        raise ConfigurationError(
            f"The key file {path} cannot be made: {error.strerror}. Set {CONFIG_OPTION} in odoo.conf instead."
        ) from error


def _create(path: str) -> str:
    """Write aside, then link: whoever sees the file sees all of it, even after a crash."""
    key = new_master_key()
    aside = f"{path}.{random.token_hex(8)}.new"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(key + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.link(aside, path)
    finally:
        os.unlink(aside)
    _sync_directory(path)
    return key


def _sync_directory(path: str) -> None:
    # A key that a power cut takes away takes every secret encrypted since with it.
    directory = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _read_when_written(path: str) -> str:
    end = time.monotonic() + _WAIT_FOR_OTHER_PROCESS
    while True:
        try:
            return _read(path)
        except FileNotFoundError:
            if time.monotonic() > end:
                raise ConfigurationError(f"The key file {path} came and went: check its folder.") from None
            time.sleep(0.01)


def _read(path: str) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ConfigurationError(f"The key file {path} is not a regular file.")
        if status.st_mode & 0o077:
            raise ConfigurationError(f"The key file {path} may be read or written by others: set its mode to 0600.")
        if status.st_uid not in (os.geteuid(), 0):
            raise ConfigurationError(f"The key file {path} belongs to another user.")
        text = stream.read(_MAX_KEY_FILE_BYTES)
    try:
        return text.decode("ascii")
    except UnicodeDecodeError:
        raise ConfigurationError(f"The key file {path} does not hold Fernet keys.") from None
