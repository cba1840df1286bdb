"""The envelope: opens at its place with its key, and nowhere else."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from vault.envelope import OVERHEAD_BYTES, Cell, Dek, dek_id, pool, seal, unseal
from vault.errors import EnvelopeInvalid

SUBJECT = UUID(int=1)
CELL = Cell("import_batch", "record", UUID(int=2), 1, 1)
deks = st.builds(Dek, st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32))


@given(dek=deks, plaintext=st.binary(max_size=4096))
def test_what_was_sealed_opens_at_its_place_and_costs_78_bytes(dek, plaintext):
    sealed = seal(dek, SUBJECT, CELL, plaintext)

    assert unseal(dek, SUBJECT, CELL, sealed) == plaintext
    assert len(sealed) == len(plaintext) + OVERHEAD_BYTES == len(plaintext) + 78
    assert dek_id(sealed) == dek.id


@given(dek=deks, data=st.data())
def test_one_flipped_bit_anywhere_does_not_open(dek, data):
    sealed = bytearray(seal(dek, SUBJECT, CELL, b"1 reply"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(EnvelopeInvalid):
        unseal(dek, SUBJECT, CELL, bytes(sealed))


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(CELL, table="score"),
        replace(CELL, column="result"),
        replace(CELL, row=UUID(int=3)),
        replace(CELL, row_version=2),
        replace(CELL, schema_version=2),
    ],
)
def test_a_record_moved_to_another_place_does_not_open(elsewhere):
    dek = Dek(b"i" * 16, b"k" * 32)
    sealed = seal(dek, SUBJECT, CELL, b"1 reply")

    with pytest.raises(EnvelopeInvalid):
        unseal(dek, SUBJECT, elsewhere, sealed)


def test_a_record_copied_to_another_subject_does_not_open():
    dek = Dek(b"i" * 16, b"k" * 32)
    sealed = seal(dek, SUBJECT, CELL, b"1 reply")

    with pytest.raises(EnvelopeInvalid):
        unseal(dek, uuid4(), CELL, sealed)


@given(length=st.integers(0, OVERHEAD_BYTES))
def test_a_cut_record_does_not_open(length):
    dek = Dek(b"i" * 16, b"k" * 32)
    sealed = seal(dek, SUBJECT, CELL, b"")

    with pytest.raises(EnvelopeInvalid):
        unseal(dek, SUBJECT, CELL, sealed[: min(length, len(sealed) - 1)])


def test_a_ciphertext_that_opens_under_two_keys_is_refused_by_its_commitment():
    # GCM does not commit to its key; with the same id but other key bytes the commitment differs.
    one, other = Dek(b"i" * 16, b"k" * 32), Dek(b"i" * 16, b"l" * 32)
    sealed = seal(one, SUBJECT, CELL, b"1 reply")

    with pytest.raises(EnvelopeInvalid):
        unseal(other, SUBJECT, CELL, sealed)


@given(keys=st.lists(deks, min_size=2, max_size=5, unique_by=lambda dek: dek.id))
def test_a_pooled_key_needs_every_dek_in_any_order(keys):
    sealed = seal(pool(keys), SUBJECT, CELL, b"pooled")

    assert unseal(pool(keys[::-1]), SUBJECT, CELL, sealed) == b"pooled"
    with pytest.raises(EnvelopeInvalid):
        unseal(pool(keys[1:]), SUBJECT, CELL, sealed)


def test_the_ciphertext_is_aes_256_gcm_as_anyone_would_compute_it():
    # NIST GCM test case 14 (AES-256, zero key and nonce, 16 zero bytes) through the same primitive.
    sealed = AESGCM(bytes(32)).encrypt(bytes(12), bytes(16), b"")

    assert sealed.hex() == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"


def test_a_dek_does_not_show_its_key():
    shown = repr(Dek(b"i" * 16, b"secret-key-bytes-secret-key-byte"))

    assert "secret" not in shown
    assert b"secret-key".hex() not in shown
