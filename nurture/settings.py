"""How this installation runs: from the environment (NURTURE_*) and .env. What the business wants is in nurture.yaml."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from nurture.errors import SetupError
from nurture.mail.registry import Provider

_SQLITE = "sqlite:///"


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

    @property
    def webhook_keys(self) -> tuple[str, ...]:
        return tuple(key.strip() for key in self.webhook_key.split(",") if key.strip())


class Settings(BaseSettings):
    """Everything an operator sets. Paths are relative to the project (where nurture.yaml is)."""

    model_config = SettingsConfigDict(env_prefix="NURTURE_", env_nested_delimiter="__", extra="ignore")

    database_url: str = Field(default="sqlite:///nurture.db", description="sqlite:///FILE or postgresql://...")
    public_url: str = Field(
        default="http://localhost:8000", description="where `nurture serve` is reached from outside"
    )
    state_dir: Path = Field(default=Path(".nurture"), description="what must not get lost with the database")
    mail: MailSettings = MailSettings()
    sendgrid: SendGridSettings = SendGridSettings()
    webhook_secrets: dict[str, SecretStr] = Field(
        default={}, description="by webhook (NURTURE_WEBHOOK_SECRETS__CRM): what its events are signed with, whsec_..."
    )

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


def _explain(error: object) -> str:
    assert isinstance(error, dict)
    name = variable(error["loc"])
    seen = "" if "KEY" in name or "SECRET" in name else f" (it is {error['input']!r})"
    return f"{name}: {error['msg'].removeprefix('Value error, ')}{seen}"


def _absolute(url: str, root: Path) -> str:
    path = url.removeprefix(_SQLITE)
    if path == url or path in ("", ":memory:") or path.startswith("/"):
        return url
    return f"{_SQLITE}{root / path}"
