"""How this installation runs: from the environment (NURTURE_*) and .env. What the business wants is in nurture.yaml."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from nurture import redaction
from nurture.errors import SetupError
from nurture.mail.registry import Provider
from nurture.netguard import LOOPBACK, Reach, read_networks

_SQLITE = "sqlite:///"


def secret_path(secret: SecretStr | None) -> SecretStr | None:
    """A secret that is a part of an address. Raises ValueError for one that is short or does not fit there."""
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{16,200}", secret.get_secret_value()):
        raise ValueError("16 or more letters, digits, - and _ are expected")
    return secret


class MailSettings(BaseModel):
    """NURTURE_MAIL__*: who carries the mail."""

    provider: Provider = Field(default="outbox", description="outbox (files), null (nothing), or sendgrid")
    outbox: Path = Field(default=Path("outbox"), description="where the outbox mailer writes its .eml files")


class SendGridSettings(BaseModel):
    """NURTURE_SENDGRID__*: the account at SendGrid."""

    api_key: SecretStr | None = Field(default=None, description="key with the Mail Send permission")
    host: str = Field(default="https://api.sendgrid.com", description="https://api.eu.sendgrid.com for EU accounts")
    connections: int = Field(default=10, ge=1, le=100, description="mails in flight at once")
    webhook_key: str = Field(default="", description="public key of the signed Event Webhook; several with commas")
    webhook_insecure: bool = Field(default=False, description="take unsigned events; for development only")
    webhook_max_age: int = Field(
        default=90_000, ge=0, description="seconds after which a signed request is refused as played back; 0: never"
    )

    @property
    def webhook_keys(self) -> tuple[str, ...]:
        return tuple(key.strip() for key in self.webhook_key.split(",") if key.strip())


class SiteSettings(BaseModel):
    """NURTURE_SITE__*: what the site shows us, so that we believe what it tells of its visitors."""

    write_key: str = Field(default="", description="stands in the site's pages; with it visits are told")
    server_key: SecretStr | None = Field(
        default=None, description="for the site's server alone; with it strangers become leads"
    )
    origins: str = Field(
        default="", description="whose pages may tell us, https://www.example.com; several with commas"
    )

    @model_validator(mode="after")
    def _are_two_keys(self) -> SiteSettings:
        if self.write_key and self.server_key and self.write_key == self.server_key.get_secret_value():
            raise ValueError("SERVER_KEY and WRITE_KEY are the same: whoever reads a page could make leads")
        return self

    @property
    def allowed_origins(self) -> frozenset[str]:
        return frozenset(origin.strip().rstrip("/") for origin in self.origins.split(",") if origin.strip())


class InboundSettings(BaseModel):
    """NURTURE_INBOUND__*: the domain that answers come back to, and what tells the provider from others."""

    domain: str = Field(default="", description="mails ask for replies at reply+...@this; left out: at the sender")
    secret_path: SecretStr | None = Field(
        default=None, description="the end of /webhooks/inbound/..., known to the provider alone; 16 letters or more"
    )
    key: str = Field(default="", description="public key of the signature policy; several with commas")

    @field_validator("domain")
    @classmethod
    def _is_domain(cls, domain: str) -> str:
        if domain and not re.fullmatch(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+", domain):
            raise ValueError("a domain in small letters is expected, such as in.example.com")
        return domain

    @field_validator("secret_path")
    @classmethod
    def _is_secret(cls, path: SecretStr | None) -> SecretStr | None:
        return secret_path(path)

    @model_validator(mode="after")
    def _can_be_answered(self) -> InboundSettings:
        if self.domain and not self.secret_path and not self.keys:
            raise ValueError("with a DOMAIN, set SECRET_PATH or KEY too: else every answer is refused, and lost")
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key.strip() for key in self.key.split(",") if key.strip())


class Settings(BaseSettings):
    """Everything an operator sets. Paths are relative to the project (where nurture.yaml is)."""

    model_config = SettingsConfigDict(env_prefix="NURTURE_", env_nested_delimiter="__", extra="ignore")

    database_url: str = Field(default="sqlite:///nurture.db", description="sqlite:///FILE or postgresql://...")
    public_url: str = Field(
        default="http://localhost:8000", description="where `nurture serve` is reached from outside"
    )
    state_dir: Path = Field(default=Path(".nurture"), description="what must not get lost with the database")
    erasure_key: SecretStr | None = Field(
        default=None, description="by which erased addresses are recognized; left out: a file in the state folder"
    )
    mail: MailSettings = MailSettings()
    sendgrid: SendGridSettings = SendGridSettings()
    site: SiteSettings = SiteSettings()
    inbound: InboundSettings = InboundSettings()
    webhook_secrets: dict[str, SecretStr] = Field(
        default={}, description="by webhook (NURTURE_WEBHOOK_SECRETS__CRM): what its events are signed with, whsec_..."
    )
    alert_channels: dict[str, SecretStr] = Field(
        default={}, description="by channel (NURTURE_ALERT_CHANNELS__SALES_SLACK): its address, as apprise has them"
    )
    prefect_events: bool = Field(
        default=False, description="tell Prefect of each promotion: `true` where its flows run"
    )
    webhook_networks: str = Field(
        default="", description="networks of ours that webhooks may be posted to, with commas; else the internet only"
    )
    trusted_proxies: str = Field(
        default="127.0.0.1,::1", description="proxies whose X-Forwarded-For is believed; with commas, networks too"
    )
    metrics_token: SecretStr | None = Field(default=None, description="what Prometheus shows to read /metrics")
    report_token: SecretStr | None = Field(
        default=None, description="the end of /report/..., for whoever may read it; 16 letters or more"
    )

    @property
    def reach(self) -> Reach:
        """Where webhooks may be posted to; on a developer's machine, to that machine as well."""
        at_home = urlsplit(self.public_url).hostname in ("localhost", "127.0.0.1")
        return Reach(read_networks(self.webhook_networks) + (LOOPBACK if at_home else ()))

    @field_validator("webhook_networks", "trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        read_networks(text)
        return text

    @field_validator("report_token")
    @classmethod
    def _cannot_be_guessed(cls, token: SecretStr | None) -> SecretStr | None:
        return secret_path(token)

    @field_validator("public_url")
    @classmethod
    def _no_slash(cls, url: str) -> str:
        return url.rstrip("/")


def load_settings(root: Path) -> Settings:
    """The settings for the project at `root`. Raises SetupError naming the variable that does not fit."""
    try:
        settings = Settings(_env_file=root / ".env")  # type: ignore[call-arg]
    except ValidationError as error:
        raise SetupError("\n".join(_explain(one) for one in error.errors())) from None
    except SettingsError as error:
        parts = "NURTURE_MAIL__PROVIDER or NURTURE_WEBHOOK_SECRETS__CRM"
        raise SetupError(f"{error}. What has parts is set part by part, such as {parts}.") from None
    redaction.remember(_secrets(settings))
    return settings.model_copy(
        update={
            "database_url": _absolute(settings.database_url, root),
            "state_dir": root / settings.state_dir,
            "mail": settings.mail.model_copy(update={"outbox": root / settings.mail.outbox}),
        }
    )


def variable(path: tuple[str | int, ...]) -> str:
    """The environment variable for a setting: ("mail", "provider") -> NURTURE_MAIL__PROVIDER."""
    return "NURTURE_" + "__".join(str(part) for part in path).upper()


def source_of(path: tuple[str, ...], root: Path) -> str:
    """Where a setting comes from: the environment, .env, or the default."""
    name = variable(path)
    if name in os.environ:
        return "environment"
    dotenv = root / ".env"
    lines = dotenv.read_text().splitlines() if dotenv.exists() else []
    named = any(line.partition("=")[0].replace("export ", "").strip().upper() == name for line in lines)
    return ".env" if named else "default"


def _secrets(settings: BaseModel) -> Iterator[str]:
    """Every secret in them, so that none is ever logged."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        for one in value.values() if isinstance(value, dict) else (value,):
            if isinstance(one, BaseModel):
                yield from _secrets(one)
            elif isinstance(one, SecretStr):
                yield from one.get_secret_value().split(",")
    if isinstance(settings, Settings):
        yield urlsplit(settings.database_url).password or ""


def _explain(error: object) -> str:
    assert isinstance(error, dict)
    name, told = variable(error["loc"]), error["input"]
    # what has parts may hold a secret in one of them
    hidden = isinstance(told, dict) or any(word in name for word in ("KEY", "SECRET", "TOKEN", "ALERT_CHANNELS"))
    return f"{name}: {error['msg'].removeprefix('Value error, ')}{'' if hidden else f' (it is {told!r})'}"


def _absolute(url: str, root: Path) -> str:
    path = url.removeprefix(_SQLITE)
    if path == url or path in ("", ":memory:") or path.startswith("/"):
        return url
    return f"{_SQLITE}{root / path}"
