"""Is this webhook body really SendGrid's? ECDSA on P-256 with SHA-256, over the timestamp and the raw bytes."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

logger = logging.getLogger(__name__)

# The official package names them too, but takes 0.15 s to import; a test holds them equal.
SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"


def verify(keys: Sequence[str], signature: str | None, timestamp: str | None, body: bytes | bytearray) -> bool:
    """Whether any of `keys` signed exactly these bytes; several keys bridge a rotation.

    A key is what SendGrid shows (base64 of DER) or PEM. Call it before parsing anything. Never raises: whatever
    is missing or malformed is simply not signed.
    """
    if not signature or not timestamp:
        return False
    try:
        seal, digest = _strict_base64(signature), hashlib.sha256(timestamp.encode())
    except ValueError:
        return False
    # not joined with the timestamp first: a mail with attachments has 30 MB
    digest.update(body)
    return any(_is_signed(key, seal, digest.digest()) for key in map(_parse_key, keys) if key)


def could_be_signed(signature: str | None, timestamp: str | None) -> bool:
    """Whether these headers have the form of a signature at all, so that it is worth to read what may be signed.

    Whether anybody signed it, only `verify` tells.
    """
    try:
        decode_dss_signature(_strict_base64(signature or ""))
    except ValueError:
        return False
    return bool(timestamp) and str(timestamp).isdecimal()


def is_key(text: str) -> bool:
    """Whether this is a public key that events can be checked with."""
    return _parse_key(text) is not None


def _is_signed(key: ec.EllipticCurvePublicKey, seal: bytes, digest: bytes) -> bool:
    try:
        key.verify(seal, digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=16)
def _parse_key(text: str) -> ec.EllipticCurvePublicKey | None:
    try:
        key = _load_key(text.strip())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    logger.error("A SendGrid webhook key is not a P-256 public key; what it signed is refused")
    return None


def _load_key(text: str) -> object:
    if text.startswith("-----BEGIN"):
        return load_pem_public_key(text.encode())
    return load_der_public_key(_strict_base64(text))


def _strict_base64(text: str) -> bytes:
    """Decode, and refuse every spelling but the one that encoding gives back."""
    data = base64.b64decode(text)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not canonical base64")
    return data
