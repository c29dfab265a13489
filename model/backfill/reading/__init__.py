"""Files of the world: YAML with the place of every value, the number line, dates, nearest words."""

from backfill.reading.document import Items, Map, read_file, read_text
from backfill.reading.number import Number
from backfill.reading.words import nearest

__all__ = ["Items", "Map", "Number", "nearest", "read_file", "read_text"]
