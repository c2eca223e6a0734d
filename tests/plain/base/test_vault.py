"""Secrets at rest, and where the master keys come from."""

import os
import stat
import threading

import pytest
from cryptography.fernet import Fernet

from distribution_visibility.lib.base.errors import ConfigurationError
from distribution_visibility.lib.base.vault import (
    Vault,
    fingerprint,
    load_master_keys,
    new_master_key,
)

OLD, NEW = new_master_key(), new_master_key()


def test_a_secret_comes_back_as_it_was_and_is_not_in_the_token():
    vault = Vault([NEW])
    token = vault.encrypt("whsec_sécret")
    assert vault.decrypt(token) == "whsec_sécret"
    assert "whsec" not in token and token.isascii()


def test_after_a_change_of_master_key_old_tokens_open_and_new_ones_use_the_new_key():
    token = Vault([OLD]).encrypt("secret")
    both = Vault([NEW, OLD])
    assert both.decrypt(token) == "secret"
    assert Vault([NEW]).decrypt(both.encrypt("other")) == "other"


def test_a_rotated_token_no_longer_needs_the_old_master_key():
    token = Vault([NEW, OLD]).rotate(Vault([OLD]).encrypt("secret"))
    assert Vault([NEW]).decrypt(token) == "secret"
    with pytest.raises(ConfigurationError):
        Vault([OLD]).decrypt(token)


@pytest.mark.parametrize("token", ["", "x", "é", "\ud800", Vault([OLD]).encrypt("secret")])
def test_a_token_that_no_key_opens_says_so_to_the_administrator(token):
    for use in (Vault([NEW]).decrypt, Vault([NEW]).rotate):
        with pytest.raises(ConfigurationError, match="cannot be opened with any master key"):
            use(token)


def test_an_altered_token_is_refused():
    vault = Vault([NEW])
    token = bytearray(vault.encrypt("secret").encode())
    token[-10] ^= 1
    with pytest.raises(ConfigurationError):
        vault.decrypt(token.decode())


def test_a_fingerprint_tells_keys_apart_and_shows_none():
    assert Vault([NEW, OLD]).key_fingerprint == fingerprint(NEW) != fingerprint(OLD)
    assert len(fingerprint(NEW)) == 12 and fingerprint(NEW) not in NEW


@pytest.mark.parametrize("keys", [[], [""], ["short"], [NEW, "é" * 44], [NEW[:-2]], [NEW + "A" * 4]])
def test_a_missing_or_malformed_master_key_is_refused_without_being_quoted(keys):
    with pytest.raises(ConfigurationError) as caught:
        Vault(keys)
    assert not any(key and key in str(caught.value) for key in keys)


def test_the_configuration_file_comes_before_the_environment_and_both_before_a_key_file(tmp_path):
    path = str(tmp_path / "key")
    found = load_master_keys(f" {NEW} , {OLD},", OLD, path)
    assert found.keys == (NEW, OLD) and found.origin == "option visibility_master_key"
    found = load_master_keys(None, OLD, path)
    assert found.keys == (OLD,) and found.origin == "environment variable VISIBILITY_MASTER_KEY"
    assert load_master_keys("", "  ", path).origin == f"key file {path}"


def test_a_malformed_option_does_not_fall_through_to_another_key(tmp_path):
    with pytest.raises(ConfigurationError, match="option visibility_master_key"):
        load_master_keys("nonsense", OLD, str(tmp_path / "key"))


def test_master_keys_are_not_shown_when_printed(tmp_path):
    assert NEW not in repr(load_master_keys(NEW, None, str(tmp_path / "key")))


def test_a_first_start_makes_a_key_file_that_only_its_owner_reads(tmp_path):
    path = tmp_path / "key"
    first = load_master_keys(None, None, str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_master_keys(None, None, str(path)).keys == first.keys
    assert os.listdir(tmp_path) == ["key"]
    Fernet(first.keys[0])


def test_workers_that_start_together_agree_on_one_key(tmp_path):
    found, gate = [], threading.Barrier(12)

    def start():
        gate.wait()
        found.append(load_master_keys(None, None, str(tmp_path / "key")).keys)

    threads = [threading.Thread(target=start) for _worker in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12 and len(set(found)) == 1
    assert os.listdir(tmp_path) == ["key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
def test_a_key_file_that_others_may_use_is_refused(tmp_path, mode):
    path = tmp_path / "key"
    path.write_text(NEW)
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match="0600"):
        load_master_keys(None, None, str(path))


def test_a_key_file_that_is_a_link_a_folder_or_a_pipe_is_refused(tmp_path):
    (tmp_path / "real").write_text(NEW)
    (tmp_path / "real").chmod(0o600)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "folder").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("link", "folder", "pipe"):
        with pytest.raises(ConfigurationError):
            load_master_keys(None, None, str(tmp_path / name))


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 10_000])
def test_an_empty_or_spoilt_key_file_is_refused_and_kept(tmp_path, content):
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError):
        load_master_keys(None, None, str(path))
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_said_in_one_sentence(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be made: No such file or directory"):
        load_master_keys(None, None, str(tmp_path / "none" / "key"))
