"""Is a webhook body really SendGrid's? The vector is the one in SendGrid's own tests."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail.sendgrid import SIGNATURE_HEADER, TIMESTAMP_HEADER, verify
from tests.mail.fake_sendgrid import FakeSendGrid

KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpigl"
    "SI8eNEc6wEA3F+g=="
)
OTHER_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8REntlo7aNDthvj+y7GjUuFDb"
    "/R1NGe1OPzpA=="
)
SIGNATURE = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
TIMESTAMP = "1600112502"
BODY = (
    b'[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",'
    b'"sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",'
    b'"sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",'
    b'"smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n'
)


def test_sendgrids_own_vector_is_genuine() -> None:
    assert verify([KEY], SIGNATURE, TIMESTAMP, BODY)


def test_any_of_several_keys_will_do() -> None:
    assert verify([OTHER_KEY, "rubbish", KEY], SIGNATURE, TIMESTAMP, BODY)


def test_a_pem_key_and_a_pasted_newline_will_do() -> None:
    pem = load_der_public_key(base64.b64decode(KEY)).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert verify([pem.decode()], SIGNATURE, TIMESTAMP, BODY)
    assert verify([f" {KEY}\n"], SIGNATURE, TIMESTAMP, BODY)


def _bytes_of(key: Any) -> str:
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


P384 = ec.generate_private_key(ec.SECP384R1())


def test_a_key_on_another_curve_signs_nothing() -> None:
    seal = base64.b64encode(P384.sign(TIMESTAMP.encode() + BODY, ec.ECDSA(hashes.SHA256()))).decode()
    assert not verify([_bytes_of(P384.public_key())], seal, TIMESTAMP, BODY)


def test_a_key_that_cannot_be_one_is_told_to_the_operator(caplog: pytest.LogCaptureFixture) -> None:
    assert not verify(["not a key, told once"], SIGNATURE, TIMESTAMP, BODY)
    assert not verify(["not a key, told once"], SIGNATURE, TIMESTAMP, BODY)
    assert [record.getMessage() for record in caplog.records] == [
        "A SendGrid webhook key is not a P-256 public key; what it signed is refused"
    ]


RSA_KEY = _bytes_of(rsa.generate_private_key(65537, 2048).public_key())


@pytest.mark.parametrize(
    ("keys", "signature", "timestamp", "body"),
    [
        ([OTHER_KEY], SIGNATURE, TIMESTAMP, BODY),
        ([], SIGNATURE, TIMESTAMP, BODY),
        (["", "rubbish", "-----BEGIN PUBLIC KEY-----", "\ud800", "é"], SIGNATURE, TIMESTAMP, BODY),
        ([RSA_KEY], SIGNATURE, TIMESTAMP, BODY),
        ([KEY], None, TIMESTAMP, BODY),
        ([KEY], SIGNATURE, None, BODY),
        ([KEY], "", "", BODY),
        ([KEY], SIGNATURE, "1600112503", BODY),
        ([KEY], SIGNATURE, f" {TIMESTAMP}", BODY),
        ([KEY], SIGNATURE, "\ud800", BODY),
        ([KEY], SIGNATURE + "AAAA", TIMESTAMP, BODY),  # rubbish after the padding
        ([KEY], SIGNATURE + "\n", TIMESTAMP, BODY),
        ([KEY], SIGNATURE.rstrip("="), TIMESTAMP, BODY),
        ([KEY], SIGNATURE.replace("tM=", "tN="), TIMESTAMP, BODY),  # other spelling of the same bytes
        ([KEY], "é", TIMESTAMP, BODY),
        ([KEY], base64.b64encode(b"not DER").decode(), TIMESTAMP, BODY),
        ([KEY], SIGNATURE, TIMESTAMP, BODY.removesuffix(b"\r\n")),
        ([KEY], SIGNATURE, TIMESTAMP, BODY.replace(b"\r\n", b"\n")),
        ([KEY], SIGNATURE, TIMESTAMP, json.dumps(json.loads(BODY)).encode()),
        ([KEY], SIGNATURE, TIMESTAMP, b""),
    ],
    ids=range(20),
)
def test_everything_else_is_refused(keys: list[str], signature: str | None, timestamp: str | None, body: bytes) -> None:
    assert verify(keys, signature, timestamp, body) is False


def test_a_single_flipped_bit_anywhere_is_refused(sendgrid: FakeSendGrid) -> None:
    body = b'[{"event":"open"}]\r\n'
    headers = sendgrid.sign(body)
    parts = [body, headers[TIMESTAMP_HEADER].encode(), headers[SIGNATURE_HEADER].encode()]
    assert verify([sendgrid.public_key], parts[2].decode(), parts[1].decode(), parts[0])
    for which, part in enumerate(parts):
        for bit in range(len(part) * 8):
            flipped = bytearray(part)
            flipped[bit // 8] ^= 1 << bit % 8
            changed = [*parts[:which], bytes(flipped), *parts[which + 1 :]]
            seal, stamp = changed[2].decode("latin-1"), changed[1].decode("latin-1")
            assert not verify([sendgrid.public_key], seal, stamp, changed[0])


def test_our_header_names_are_those_of_the_official_package() -> None:
    from sendgrid import EventWebhookHeader

    assert (EventWebhookHeader.SIGNATURE, EventWebhookHeader.TIMESTAMP) == (SIGNATURE_HEADER, TIMESTAMP_HEADER)


@given(st.lists(st.text(max_size=50)), st.none() | st.text(max_size=50), st.none() | st.text(max_size=50), st.binary())
def test_rubbish_is_refused_without_an_error(
    keys: list[str], signature: str | None, timestamp: str | None, body: bytes
) -> None:
    assert not verify([*keys, KEY], signature, timestamp, body)
