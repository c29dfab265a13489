"""The colours of the figures by their use: one figure colours roles, or arms, never both."""

from __future__ import annotations

PAPER = "#FFFFFF"
WASH = "#F3F5F7"
INK = "#16202A"
SOFT = "#55606B"
GRID = "#E3E7EB"
EDGE = "#7F8A95"
HAIRLINE = "#AEB6BE"

DONOR = "#2A5DB0"
BACKFILLER = "#AE3A2A"
AIDED = "#C28300"
AIDED_TEXT = "#8F6100"
OTHER = "#8A939B"
OTHER_TEXT = "#5F6973"

ANSWERS = {"permit": "#2A5DB0", "consent_required": "#BFCEE7", "undetermined": "#FFFFFF", "deny": "#3B4650"}
"""What export rules answer: no red and no green, and a glyph says the same."""

CAUSES = {
    "barred by law": "#2D52A2",
    "no consent": "#95BAFA",
    "not let go": "#951B23",
    "not yet decided": "#D89DA0",
    "kept for a floor": "#748194",
    "nobody has it": "#D5DDE7",
    "lines slow or booked": "#B8730B",
    "parts run short": "#FEDDA9",
    "no money": "#0A8565",
    "under way": "#48123F",
}
"""Why not more: two shades for each kind of cause, law, politics, stock, industry, then money and procedure."""

SEQUENTIAL = ("#EDF2F8", "#C9D9EE", "#97B5DD", "#5F8AC6", "#2A5DB0", "#173A75", "#0C1F42")
DIVERGING = ("#6E1A10", "#AE3A2A", "#D58A7A", "#F0D3CC", "#F3F4F6", "#C9D9EE", "#86A9DA", "#2A5DB0", "#16366C")
"""From little to much; from a loss over nothing to a gain."""

BASELINE = INK
ARMS = ("#1C8CEB", "#AE430F", "#256B5F", "#77208A", "#BA8A28")
ARM_TEXTS = ("#0F6FC2", "#AE430F", "#256B5F", "#77208A", "#8A6410")

OUTER_BAND = 0.20
INNER_BAND = 0.42
PROMISED_TINT = 0.13
CONTRACTED_TINT = 0.38
SHIPPED_TINT = 0.68
BAR_TINT = 0.55


def tint(colour: str, strength: float, paper: str = PAPER) -> str:
    """A solid mix of a colour with the paper, so that no transparency is needed.

    >>> tint("#000000", 0.5)
    '#808080'
    """
    mixed = (
        round(strength * ink + (1 - strength) * ground) for ink, ground in zip(rgb(colour), rgb(paper), strict=True)
    )
    return "#" + "".join(f"{part:02X}" for part in mixed)


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of `#RRGGBB`.

    >>> rgb("#FF8000")
    (255, 128, 0)
    """
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def theme() -> tuple[str, ...]:
    """Every colour that a figure may hold as a flat area; these survive the reduction of a PNG exactly."""
    named = (PAPER, WASH, INK, SOFT, GRID, EDGE, HAIRLINE, DONOR, BACKFILLER, AIDED, AIDED_TEXT, OTHER, OTHER_TEXT)
    arms = tuple(dict.fromkeys(ARMS + ARM_TEXTS))
    ledger = tuple(tint(BACKFILLER, strength) for strength in (PROMISED_TINT, CONTRACTED_TINT, SHIPPED_TINT))
    bands = tuple(tint(colour, strength) for colour in (DONOR, *ARMS) for strength in (OUTER_BAND, INNER_BAND))
    bars = tuple(tint(colour, BAR_TINT) for colour in (*ARMS, DONOR, OTHER, INK))
    return (*named, *ANSWERS.values(), *arms, *ledger, *bands, *bars, *CAUSES.values())
