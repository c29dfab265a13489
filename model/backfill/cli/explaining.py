"""Asking the law: may this item go from here to there on that day, and which rule says so?"""

from __future__ import annotations

from typing import Annotated

import typer

from backfill.cli.entry import app
from backfill.cli.options import AS_JSON, PLUGINS, examples, taken
from backfill.cli.streams import answer, document


@app.command(
    epilog=examples(
        "backfill explain --from JPN --to UKR --item pac3_mse --on 2024-01-15",
        "backfill explain --from JPN --to UKR --item pac3 --on 2024-08-01 --via USA --sources",
        "backfill explain --from POL --to UKR --item leopard_2 --on 2023-01-25 --origin DEU",
    )
)
def explain(
    *,
    giver: Annotated[str, typer.Option("--from", metavar="STATE", help="Who sends, by ISO 3166 alpha-3 code.")],
    receiver: Annotated[str, typer.Option("--to", metavar="STATE", help="Who is to have it in the end.")],
    item: Annotated[str, typer.Option(metavar="ITEM", help="An item of the register, or of the scenario.")],
    day: Annotated[str, typer.Option("--on", metavar="DAY", help="The day that the law is asked about: 2024-01-15.")],
    via: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="A state through which it goes; may be repeated.")
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help="Who made it, if not the sender; repeated, whoever had it in between."),
    ] = None,
    end_user: Annotated[
        str | None,
        typer.Option("--end-user", metavar="STATE", help="For whose use it is declared, if not the receiver's."),
    ] = None,
    item_class: Annotated[
        str | None,
        typer.Option("--as", metavar="CLASS", help="Sent as parts, technology, material or service instead of whole."),
    ] = None,
    request: Annotated[
        bool,
        typer.Option("--request/--no-request", help="Whether the receiver has asked officially, as some rules demand."),
    ] = True,
    scenario: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Whose items and rules are asked; all packaged ones, if not said."),
    ] = None,
    arm: Annotated[
        str | None, typer.Option(metavar="ARM", help="An arm of the scenario, which may have other law.")
    ] = None,
    plugins: PLUGINS = None,
    sources: Annotated[bool, typer.Option("--sources", help="Name the source of every rule that spoke.")] = False,
    json: AS_JSON = False,
) -> None:
    """Ask export rules about a transfer.

    Says whether an item may go from one state to another on a day, which rule decides, and the smallest changes that
    would have let it through.
    """
    from backfill.errors import BackfillError
    from backfill.rules import explain as ask

    if arm is not None and scenario is None:
        raise BackfillError("--arm needs --scenario: the packaged law by itself has no arms")

    taken(plugins)
    verdict = ask(
        giver,
        receiver,
        item=item,
        on=day,
        via=via,
        origin=origin,
        official_request=request,
        end_user=end_user,
        item_class=item_class,
        scenario=scenario,
        arm=arm or "baseline",
    )
    if json:
        document(verdict.as_json())
    else:
        answer(verdict.in_words(sources=sources))
