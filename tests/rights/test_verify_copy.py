"""verify.py: RFC 8032 by its vectors and by another implementation, and every change named."""

import io
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import NoteSigner, sign_text
from rights.package import verify
from rights.package.folder import About, Folder
from rights.package.forms import MANIFEST_FORM
from sources.package import KIND
from vault.envelope import Dek
from vault.spool import SpoolReader, SpoolWriter

# RFC 8032 section 7.1, TEST 1 to 3: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
SIGNER = NoteSigner("klarwert.example/log/receipts", bytes(range(32)))
FILES = {"data/account.jsonl": b'{"a":1}\n', "README.txt": "Größe".encode(), "derived/empty.jsonl": b""}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A small copy, as a zip."""
    dek, copy_id = Dek(b"i" * 16, b"k" * 32), uuid4()
    about = About("account", ("account",), "the person")
    with SpoolWriter(tmp_path / "spool", copy_id, dek) as out:
        with Folder(out, datetime(2026, 11, 20, tzinfo=UTC), lambda: None) as folder:
            for name, content in FILES.items():
                folder.add(name, "text/plain", (content,), about)
            folder.add("key.txt", "text/plain", (SIGNER.verifier_key().encode() + b"\n",), about)
            folder.finish({"package": KIND}, lambda text: sign_text(text, SIGNER), MANIFEST_FORM)
        out.finish()
    path = tmp_path / "copy.zip"
    with SpoolReader(tmp_path / "spool", copy_id, dek) as reader:
        path.write_bytes(io.BufferedReader(reader).read())
    return path


def unpacked(copy: Path) -> Path:
    folder = copy.with_suffix("")
    with zipfile.ZipFile(copy) as archive:
        archive.extractall(folder)
    return folder


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_vectors_of_rfc_8032_hold_and_nothing_near_them(key, message, signature):
    public, text, signed = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
    bent = bytes([signed[0] ^ 1]) + signed[1:]
    larger = (int.from_bytes(signed[32:], "little") + verify.L).to_bytes(32, "little")

    assert verify.is_signed(public, text, signed)
    assert not verify.is_signed(public, text + b"!", signed)
    assert not verify.is_signed(public, text, bent)
    assert not verify.is_signed(public, text, signed[:32] + larger)  # a second spelling of the same
    assert not verify.is_signed(b"\xff" * 32, text, signed)


def test_signatures_of_another_implementation_hold():
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = key.public_key().public_bytes_raw()

    for length in (0, 1, 1023):
        message = bytes(length)
        assert verify.is_signed(public, message, key.sign(message))


def test_a_copy_as_it_was_holds_packed_and_unpacked(copy):
    assert verify.check(copy)[0] == verify.SAME
    assert verify.check(unpacked(copy), SIGNER.verifier_key())[0] == verify.SAME


@pytest.mark.parametrize("path", [*FILES, "key.txt", "schemas/manifest.schema.json"])
def test_one_changed_byte_of_any_file_is_named(copy, path):
    folder = unpacked(copy)
    content = (folder / path).read_bytes()
    (folder / path).write_bytes(content[:-1] + bytes([content[-1] ^ 1]) if content else b"!")

    status, said = verify.check(folder, SIGNER.verifier_key())

    assert (status, said) == (verify.DIFFERENT, [f"changed: {path}"])


def test_one_changed_byte_of_what_a_zip_holds_packed_is_named(copy):
    content = bytearray(copy.read_bytes())
    with zipfile.ZipFile(copy) as archive:
        info = archive.getinfo("README.txt")
    content[info.header_offset + 30 + len("README.txt") + 2] ^= 1
    copy.write_bytes(content)

    assert verify.check(copy) == (verify.DIFFERENT, ["changed: README.txt"])


def test_missing_and_added_files_are_named(copy):
    folder = unpacked(copy)
    (folder / "README.txt").unlink()
    (folder / "data" / "more.txt").write_text("more")

    assert verify.check(folder) == (verify.DIFFERENT, ["missing: README.txt", "added: data/more.txt"])


def test_a_changed_list_or_another_key_does_not_pass_for_signed(copy):
    folder = unpacked(copy)
    other = NoteSigner(SIGNER.name, b"o" * 32).verifier_key()
    assert verify.check(folder, other)[0] == verify.UNSIGNED
    manifest = folder / "manifest.json"

    manifest.write_bytes(manifest.read_bytes().replace(b"text/plain", b"text/plane", 1))

    assert verify.check(folder)[0] == verify.UNSIGNED


def test_what_is_no_copy_is_said_to_be_none(tmp_path, copy):
    (tmp_path / "note.txt").write_text("not a zip")

    assert verify.check(tmp_path / "note.txt")[0] == verify.NOT_A_COPY
    assert verify.check(tmp_path / "spool")[0] == verify.NOT_A_COPY
    assert verify.check(copy, "no key")[0] == verify.NOT_A_COPY


def test_the_program_runs_alone_without_our_packages(copy, tmp_path):
    program = tmp_path / "alone" / "verify.py"
    program.parent.mkdir()
    program.write_bytes(Path(verify.__file__).read_bytes())

    done = subprocess.run(
        [sys.executable, "-I", "-S", program, copy, "--key", SIGNER.verifier_key()],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "as they were" in done.stdout
