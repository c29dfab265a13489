"""Stored figures inside a page: drawn shapes alone, with ids of their own and words for those who do not see them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from backfill.errors import BackfillError
from backfill.report.html import Html, element

SVG, LINKS = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
SHAPES = frozenset(
    {"svg", "g", "defs", "path", "use", "clipPath", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
    | {"text", "tspan", "pattern", "linearGradient", "radialGradient", "stop", "image"}
)
_OWN = re.compile(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)")
_AWAY = re.compile(r"url\(\s*['\"]?(?!#)|expression|@import", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=\s]+\Z")
BROAD = 500
"""Points from which on a figure is a wide one."""
DIGITS = re.compile(r"(\d+\.\d)\d+")
"""A tenth of a point is finer than a screen or a printer shows."""


class UnreadableFigure(BackfillError):
    """A stored figure that is not as this program draws it."""


def figure(path: Path, prefix: str) -> Html:
    """A stored SVG as an element of a page.

    prefix: goes before every id, so that several figures share a page
    Raises UnreadableFigure.
    """
    root = _read(path)
    words = _words(root)
    said = "".join(_shapes(root, prefix, attributes=f' role="img" aria-label="{_quoted(words)}"'))
    return element("figure", element("div", Html(said), **_scrolling(words)), id=prefix, class_=_breadth(root))


def _breadth(root: ET.Element) -> str:
    """A class for a figure that is drawn on the wide page, so that a phone does not shrink it too far."""
    found = re.match(r"\d+", root.get("width", ""))
    return "broad" if found and int(found[0]) > BROAD else ""


def _scrolling(words: str) -> dict[str, str]:
    return {"class_": "wide", "role": "region", "aria_label": f"Figure: {words.partition('. ')[0]}", "tabindex": "0"}


def _read(path: Path) -> ET.Element:
    raw = path.read_text(encoding="utf-8")
    if "<!ENTITY" in raw:
        raise UnreadableFigure(f"{path} is no figure of this program: it declares entities")
    try:
        parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))  # noqa: S314 - without entities it is safe
        parser.feed(raw)
        return parser.close()
    except ET.ParseError as broken:
        raise UnreadableFigure(f"{path} is cut off or damaged; draw it again") from broken


def _words(root: ET.Element) -> str:
    """What stands on the figure's page: its title, what is drawn, its source; matplotlib leaves texts as comments."""
    page = [group for group in root.iter(f"{{{SVG}}}g") if (group.get("id") or "").startswith("figure_")]
    title, others = (_lines(page, begin) for begin in ("finding_", "text_"))
    said = " ".join(f"{line.rstrip('.')}." for line in (" ".join(title), *others) if line)
    return said or root.get("aria-label", "") or "A figure"


def _lines(page: list[ET.Element], begin: str) -> list[str]:
    """The texts of a page whose ids begin in one way."""
    groups = [child for group in page for child in group if _id(child).startswith(begin)]
    return [" ".join((node.text or "").split()) for group in groups for node in group.iter() if callable(node.tag)]


def _id(node: ET.Element) -> str:
    return node.get("id") or "" if isinstance(node.tag, str) else ""


def _shapes(node: ET.Element, prefix: str, attributes: str = "") -> Iterator[str]:
    if not isinstance(node.tag, str) or node.tag.rpartition("}")[2] not in SHAPES:
        return
    name = node.tag.rpartition("}")[2]
    kept = "".join(f' {key}="{_quoted(value)}"' for key, value in _attributes(node, prefix))
    yield f"<{name}{kept}{attributes}>{_quoted((node.text or '').strip())}"
    for child in node:
        yield from _shapes(child, prefix)
    yield f"</{name}>"


def _attributes(node: ET.Element, prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in node.attrib.items():
        name = key.rpartition("}")[2]
        if name == "id":
            yield name, f"{prefix}-{value}"
        elif name == "href":
            if value.startswith("#"):
                yield name, f"#{prefix}-{value[1:]}"
            elif _PICTURE.match(value):
                yield name, value
        elif not name.lower().startswith("on") and not _AWAY.search(value):
            drawn = DIGITS.sub(r"\1", value) if name == "d" else value
            yield name, _OWN.sub(rf"url(#{prefix}-\1)", drawn).replace("\n", " ")


def _quoted(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
