"""Key files: what is refused, and that no message gives a key away."""

import os
from pathlib import Path

import pytest

from vault.envelope import expand
from vault.errors import EnvelopeInvalid, KeyFileRefused
from vault.keys import KeyEncryptionKey, create_missing_keys, load_keks, load_keys


@pytest.fixture
def secrets_directory(tmp_path: Path) -> Path:
    create_missing_keys(tmp_path / "secrets")
    return tmp_path / "secrets"


def test_fresh_keys_are_five_different_files_only_the_owner_can_read(secrets_directory):
    ring = load_keys(secrets_directory)

    files = sorted(path.name for path in secrets_directory.iterdir())
    assert files == ["index.key", "kek.key", "log.key", "receipt.key", "web.key"]
    assert {path.stat().st_mode & 0o777 for path in secrets_directory.iterdir()} == {0o600}
    assert len({ring.index, ring.log, ring.receipt, ring.web}) == 4
    assert list(load_keks(secrets_directory)) == [1]


def test_making_keys_again_changes_none(secrets_directory):
    before = load_keys(secrets_directory)

    made = create_missing_keys(secrets_directory)

    assert made == ()
    assert load_keys(secrets_directory) == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o666])
def test_a_key_file_others_may_read_is_refused_by_name_and_mode(secrets_directory, mode):
    path = secrets_directory / "kek.key"
    path.chmod(mode)

    with pytest.raises(KeyFileRefused) as refused:
        load_keys(secrets_directory)

    assert "kek.key" in refused.value.detail
    assert f"{mode:04o}" in refused.value.detail
    assert_holds_no_key_bytes(refused.value.detail, path.read_bytes())


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_the_wrong_length_is_refused(secrets_directory, length):
    path = secrets_directory / "log.key"
    path.write_bytes(os.urandom(length))

    with pytest.raises(KeyFileRefused, match="exactly 32 bytes") as refused:
        load_keys(secrets_directory)

    assert_holds_no_key_bytes(refused.value.detail, path.read_bytes())


def test_a_key_used_for_two_things_is_refused(secrets_directory):
    key = (secrets_directory / "kek.key").read_bytes()
    (secrets_directory / "index.key").write_bytes(key)

    with pytest.raises(KeyFileRefused, match="same key") as refused:
        load_keys(secrets_directory)

    assert_holds_no_key_bytes(refused.value.detail, key)


def test_a_link_in_place_of_a_key_is_refused(secrets_directory):
    (secrets_directory / "web.key").unlink()
    (secrets_directory / "web.key").symlink_to(secrets_directory / "kek.key")

    with pytest.raises(KeyFileRefused, match=r"web\.key"):
        load_keys(secrets_directory)


def test_a_missing_key_is_refused(secrets_directory):
    (secrets_directory / "receipt.key").unlink()

    with pytest.raises(KeyFileRefused, match=r"receipt\.key"):
        load_keys(secrets_directory)


def test_a_wrapped_key_opens_only_for_what_it_was_wrapped_for():
    kek = KeyEncryptionKey(os.urandom(32))
    wrapped = kek.wrap(b"k" * 32, b"subject 1")

    assert kek.unwrap(wrapped, b"subject 1") == b"k" * 32
    with pytest.raises(EnvelopeInvalid):
        kek.unwrap(wrapped, b"subject 2")
    with pytest.raises(EnvelopeInvalid):
        KeyEncryptionKey(os.urandom(32)).unwrap(wrapped, b"subject 1")


def test_expand_is_hkdf_expand_of_rfc_5869():
    # RFC 5869 appendix A.1: PRK, info and the 42 octets of OKM.
    prk = bytes.fromhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
    okm = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"

    assert expand(prk, bytes.fromhex("f0f1f2f3f4f5f6f7f8f9"), 42).hex() == okm


def assert_holds_no_key_bytes(message: str, key: bytes) -> None:
    for start in range(max(0, len(key) - 3)):
        piece = key[start : start + 4]
        assert piece.hex() not in message
        assert piece.decode("latin-1") not in message
