"""Who inherits what: a state's word before the default, a channel's or a need's word before the state's."""

from __future__ import annotations

from backfill.reading.document import Map
from backfill.scenario import tree
from backfill.scenario.schema import Channel, Setting, Stance, State

CHANNELS = ("gift", "sale")
_OF_CHANNELS = ("doctrine", "will")
_STANCE = tuple(Stance.model_fields)


def with_defaults(setting: Setting) -> Setting:
    """The setting in which every state carries what it inherits from `defaults.state`."""
    default = setting.defaults.state
    states = {code: _heir(state, default) for code, state in setting.states.items()}
    return setting.model_copy(update={"states": states})


def _heir(state: State, default: State) -> State:
    missing = {
        name: getattr(default, name)
        for name in _STANCE
        if name not in CHANNELS and getattr(state, name) is None and getattr(default, name) is not None
    }
    channels = {name: _channel(state, default, name) for name in CHANNELS if getattr(default, name) is not None}
    return state.model_copy(update={**missing, **channels}) if missing or channels else state


def _channel(state: State, default: State, name: str) -> Channel:
    """A channel with what it inherits; what the state says for both channels is nearer than a default for one."""
    own: Channel = getattr(state, name) or Channel()
    there: Channel = getattr(default, name)
    missing = {
        part: getattr(there, part)
        for part in Channel.model_fields
        if getattr(own, part) is None and getattr(there, part) is not None and getattr(state, part, None) is None
    }
    return own.model_copy(update=missing)


def shadowing(raw: Map, path: str) -> list[str]:
    """The nearer values that leave nobody to inherit a value at this path; none if somebody does."""
    steps = path.split(".")
    if path.startswith("defaults.state.") and len(steps) >= 3 and steps[2] in _STANCE:
        return _by_states(raw, steps[2:])
    if len(steps) >= 3 and steps[0] == "states" and steps[2] in _STANCE:
        return _by_channels(raw, steps) or _by_needs(raw, steps)
    return []


def _by_states(raw: Map, rest: list[str]) -> list[str]:
    """Own words of every state, one for each."""
    states = raw.get("states")
    if not isinstance(states, Map):
        return []
    nearer = []
    for code in states:
        own = f"states.{code}.{'.'.join(rest)}"
        state = states[code]
        word = [own] if tree.get(raw, own) is not None else _by_channels(raw, own.split("."))
        if not word and rest[0] in CHANNELS and len(rest) > 1 and isinstance(state, Map) and rest[1] in state:
            word = [f"states.{code}.{rest[1]}"]
        if not word:
            return []
        nearer += word[:1]
    return nearer


def _by_channels(raw: Map, steps: list[str]) -> list[str]:
    """Words of both channels, which are nearer than the state's."""
    if steps[2] not in _OF_CHANNELS:
        return []
    nearer = [f"{steps[0]}.{steps[1]}.{channel}.{steps[2]}" for channel in CHANNELS]
    return nearer if all(tree.get(raw, word) is not None for word in nearer) else []


def _by_needs(raw: Map, steps: list[str]) -> list[str]:
    """Words for every need of the world, which are nearer than the state's."""
    needs = _needs(raw)
    nearer = [f"{steps[0]}.{steps[1]}.needs.{need}.{'.'.join(steps[2:])}" for need in needs]
    return nearer if needs and all(tree.get(raw, word) is not None for word in nearer) else []


def _needs(raw: Map) -> list[str]:
    """The needs of a world: those it names, and each finished item that is in none of them."""
    named, items = raw.get("needs"), raw.get("items")
    needs = list(named) if isinstance(named, Map) else []
    worths = [tree.get(raw, f"needs.{need}.worth") for need in needs]
    met = {item for worth in worths if isinstance(worth, Map) for item in worth}
    finished = [
        item
        for item, entry in (items.items() if isinstance(items, Map) else ())
        if isinstance(entry, Map) and entry.get("kind", "finished") in ("finished", "ammunition") and item not in met
    ]
    return needs + finished
