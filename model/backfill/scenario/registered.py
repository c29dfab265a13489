"""Entries whose kind stands in a registry: the class of the kind says which numbers of its own an entry may have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from backfill.errors import Problem
from backfill.reading.number import Number
from backfill.reading.number_line import KINDS
from backfill.reading.words import listed, nearest
from backfill.registry import ALLOCATION_RULES, Registry
from backfill.scenario.entry import Entry
from backfill.scenario.fields import ID, fault_in, number

if TYPE_CHECKING:
    from backfill.scenario.schema import Setting


class Registered(Entry):
    """An entry of a registered kind, with the numbers that its class declares.

    common: the fields that every kind has
    """

    model_config = ConfigDict(frozen=True, extra="allow", arbitrary_types_allowed=True)
    registry: ClassVar[Registry]
    common: ClassVar[tuple[str, ...]] = ("kind",)

    kind: ID

    @model_validator(mode="before")
    @classmethod
    def _as_declared(cls, value: Any, info: ValidationInfo) -> Any:
        """Read the numbers that the class declares; `doctrine: flow` is short for `doctrine: {kind: flow}`."""
        if isinstance(value, str):
            return {"kind": value}
        if not isinstance(value, dict):
            return value
        declared = cls.declared(value.get("kind"))
        own = declared.keys() - cls.model_fields.keys()
        return {name: _read(name, declared[name], part, info) if name in own else part for name, part in value.items()}

    @classmethod
    def declared(cls, kind: Any) -> Mapping[str, str]:
        """The numbers that the class of a kind may have; none if the kind is unknown."""
        return cls.registry.fields(kind) if isinstance(kind, str) else {}

    @classmethod
    def fields_of(cls, kind: Any) -> tuple[str, ...]:
        """The fields that an entry of a kind may have."""
        return (*cls.common, *cls.declared(kind))

    @property
    def numbers(self) -> dict[str, Number]:
        """The numbers that only its kind has, by their names."""
        return {name: said for name, said in (self.model_extra or {}).items() if isinstance(said, Number)}

    def mistakes(self, path: str) -> Iterator[Problem]:
        """A kind that nobody has registered, or fields that another kind has, or none."""
        if self.kind not in self.registry:
            near = nearest(self.kind, self.registry)
            yield Problem(path, repr(self.kind), self._expected(), near)
            return
        legal = self.fields_of(self.kind)
        for name in self.registry.required(self.kind):
            if name not in self.model_fields_set:
                expected = KINDS[self.declared(self.kind)[name]].expected
                yield Problem(path, f"{self.kind} without {name}", f"{name}: {expected}")
        for name in sorted(self.model_fields_set - set(legal)):
            owners = self.registry.with_field(name)
            if owners:
                yield Problem(f"{path}.{name}", f"{name!r} with {self.kind}", f"it with {listed(owners)} only")
            else:
                near = nearest(name, legal)
                yield Problem(f"{path}.{name}", f"the unknown field {name!r}", f"one of {listed(legal)}", near)

    def _expected(self) -> str:
        what = self.registry.what
        return f"one of {listed(self.registry)}" if len(self.registry) else f"a registered {what}: --plugin MODULE"


def _read(name: str, kind: str, value: Any, info: ValidationInfo) -> Number:
    """A number that a class declares, told at its own name if it cannot be read."""
    try:
        return number(kind, value, info)
    except PydanticCustomError as wrong:
        said = wrong.context or {}
        raise fault_in(name, said["found"], said["expected"], said["nearest"]) from None


def registered_in(value: Any) -> Iterator[Registered]:
    """Every entry of a registered kind within a part of a scenario."""
    if isinstance(value, Registered):
        yield value
    if isinstance(value, BaseModel):
        value = value.__dict__
    for part in value.values() if isinstance(value, dict) else ():
        yield from registered_in(part)


def modules_behind(setting: Setting) -> set[str]:
    """The modules of the classes that a scenario names."""
    rules = {line.allocation for maker in setting.manufacturers.values() for line in maker.lines.values()}
    named = [ALLOCATION_RULES[rule] for rule in rules if rule is not None and rule in ALLOCATION_RULES]
    return {found.__module__ for found in (*named, *(entry.registry[entry.kind] for entry in registered_in(setting)))}
