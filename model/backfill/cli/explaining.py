"""Asking the law: may this item go from here to there on that day, and which rule says so?"""

from __future__ import annotations

from typing import Annotated

import typer

from backfill.cli.entry import app
from backfill.cli.options import AS_JSON, examples
from backfill.cli.streams import answer, document


@app.command(
    epilog=examples(
        "backfill explain --from JPN --to UKR --item pac3_mse --on 2024-01-15",
        "backfill explain --from JPN --to UKR --item pac3 --on 2024-08-01 --via USA --sources",
    )
)
def explain(
    *,
    giver: Annotated[str, typer.Option("--from", metavar="STATE", help="Who sends, by ISO 3166 alpha-3 code.")],
    receiver: Annotated[str, typer.Option("--to", metavar="STATE", help="Who is to have it in the end.")],
    item: Annotated[str, typer.Option(metavar="ITEM", help="An item of the scenario.")],
    day: Annotated[str, typer.Option("--on", metavar="DAY", help="The day that the law is asked about: 2024-01-15.")],
    via: Annotated[str | None, typer.Option(metavar="STATE", help="A state through which it goes.")] = None,
    request: Annotated[
        bool,
        typer.Option("--request/--no-request", help="Whether the receiver has asked officially, as some rules demand."),
    ] = True,
    scenario: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Whose items and rules are asked; all packaged ones, if not said."),
    ] = None,
    sources: Annotated[bool, typer.Option("--sources", help="Name the source of every rule that spoke.")] = False,
    json: AS_JSON = False,
) -> None:
    """Ask export rules about a transfer.

    Says whether an item may go from one state to another on a day, and which rule decides.
    """
    from backfill.rules import explain as ask

    verdict = ask(giver, receiver, item=item, on=day, via=via, official_request=request, scenario=scenario)
    if json:
        document(verdict.as_json())
    else:
        answer(verdict.in_words(sources=sources))
