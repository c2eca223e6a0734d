"""Proof of where a request comes from: one scheme a file, one line a scheme below."""

from collections.abc import Mapping

from pydantic import ValidationError

from ...base.errors import ConfigurationError
from .addresses import is_allowed, parse_networks
from .base import Key, Scheme, SignedRequest, Verified
from .bearer import Bearer
from .hmac_body import HmacBody
from .plain_hash import PlainHash
from .presets import PRESETS, Preset
from .primitives import dummy_verify
from .rsa_keys import RsaKeys
from .standard_webhooks import StandardWebhooks
from .token_signature import TokenSignature
from .unsigned import Unsigned

SCHEMES: Mapping[str, type[Scheme]] = {
    scheme.name: scheme for scheme in (StandardWebhooks, HmacBody, RsaKeys, PlainHash, TokenSignature, Bearer, Unsigned)
}

__all__ = [
    "PRESETS",
    "SCHEMES",
    "Key",
    "Preset",
    "Scheme",
    "SignedRequest",
    "Verified",
    "dummy_verify",
    "get_preset_scheme",
    "get_scheme",
    "is_allowed",
    "parse_networks",
]


def get_scheme(name: str, options: Mapping | None = None) -> Scheme:
    """The scheme of that name with its options.

    :raises ConfigurationError: when there is no such scheme, or its options cannot work. A source
        whose scheme is unknown is thereby closed, never open.
    """
    if name not in SCHEMES:
        raise ConfigurationError(f"There is no verification scheme named {name!r}.")
    try:
        return SCHEMES[name](options)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "options"
        raise ConfigurationError(f"The verification's {where} cannot work: {first['msg']}.") from None


def get_preset_scheme(name: str) -> Scheme:
    """The scheme that a preset names, with the preset's options.

    :raises ConfigurationError: when there is no such preset.
    """
    if name not in PRESETS:
        raise ConfigurationError(f"There is no verification preset named {name!r}.")
    return get_scheme(PRESETS[name].scheme, PRESETS[name].options)
