"""JSON Schemas of the files marketing writes, for editors: completion, explanations and red lines while typing.

`nurture validate` remains the judge: a schema knows less (it cannot read a condition), but what is valid is never
refused by it.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from nurture.content.rehearsal import RehearsalFile
from nurture.core.project import ProjectConfig
from nurture.core.sequence import SequenceFile

#: the draft that editors know
DIALECT = "http://json-schema.org/draft-07/schema#"


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a file that is read as `model`."""
    return {"$schema": DIALECT} | model.model_json_schema(schema_generator=_ForEditors)


def schema_files() -> dict[str, str]:
    """The schemas as they stand in a project: path -> text."""
    models: dict[str, type[BaseModel]] = {"sequence": SequenceFile, "tests": RehearsalFile, "nurture": ProjectConfig}
    return {f"schemas/{name}.schema.json": _text(schema_of(model)) for name, model in models.items()}


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


class _ForEditors(GenerateJsonSchema):
    """Says what may be written in a file, where pydantic says what may come of it."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """A key may be left out; written without a value it is refused."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Only what a person could have written."""
        inner, default = self.generate_inner(schema["schema"]), schema.get("default")
        return inner | {"default": default} if isinstance(default, str | int) and default != "" else inner

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Names that do not fit the pattern are refused."""
        written = super().dict_schema(schema)
        return written | {"additionalProperties": False} if "patternProperties" in written else written

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """With oneOf, yaml-language-server stops to offer every kind of step once the first letter is typed."""
        return {"anyOf": super().tagged_union_schema(schema)["oneOf"]}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Editors show the title: in words."""
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", schema["cls"].__name__).lower()
        return super().model_schema(schema) | {"title": words}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False
