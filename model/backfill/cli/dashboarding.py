"""Opening the page in which numbers are moved, rules asked and runs read."""

from __future__ import annotations

import threading
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from backfill.cli.entry import app
from backfill.cli.options import PLUGINS, QUIET, examples, taken
from backfill.cli.streams import answer, remark
from backfill.errors import BackfillError, MissingExtra

NEEDED = ("starlette", "uvicorn", "plotly")
USUAL_PORT = 8765


@app.command(
    epilog=examples(
        "backfill dashboard", "backfill dashboard --scenario mine.yaml", "backfill dashboard --port 0 --no-browser"
    )
)
def dashboard(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="N", help=f"Where to listen ({USUAL_PORT}); 0: any free port.")
    ] = USUAL_PORT,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Another address than this machine's own.")
    ] = "127.0.0.1",
    expose: Annotated[
        bool, typer.Option("--expose", help="Let other machines ask; needed for another --host.")
    ] = False,
    results: Annotated[Path, typer.Option(metavar="DIR", help="The folder whose studies the page may read.")] = Path(
        "results"
    ),
    scenarios: Annotated[
        list[Path] | None,
        typer.Option("--scenario", metavar="FILE", help="A scenario of yours, beside the packaged ones; repeatable."),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
    plugins: PLUGINS = None,
    quiet: QUIET = False,
) -> None:
    """Open a page in the browser: move the numbers of a scenario, ask its rules, read stored runs.

    The page is served by this machine to this machine; nothing leaves it. Ctrl-C ends it.
    """
    _require_installed()
    from backfill.dashboard.security import is_loopback

    if not is_loopback(host) and not expose:
        raise BackfillError(f"--host {host} lets other machines run simulations here; add --expose if that is meant")
    taken(plugins)
    from backfill.dashboard.app import create_app
    from backfill.dashboard.serving import bound, serve

    page = create_app(results, files=scenarios or (), exposed=expose and not is_loopback(host))
    with bound(host, port) as listener:
        address = f"http://{_shown(host)}:{listener.getsockname()[1]}/"
        answer(address)
        remark("Ctrl-C ends it.", quiet=quiet)
        if browser:
            threading.Timer(0.5, webbrowser.open, (address,)).start()
        threading.Thread(target=page.state.desk.warm_up, daemon=True).start()
        serve(page, listener)


def _require_installed() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise MissingExtra(f"the dashboard needs {', '.join(missing)}: pip install 'backfill[dashboard]'")


def _shown(host: str) -> str:
    """The host as an address bar takes it; every address at once is this machine for whoever sits here."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - only compared with; `--expose` has allowed it
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
