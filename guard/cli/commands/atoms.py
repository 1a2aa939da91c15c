"""Show the atoms that reviews are held against: the published rules, in the Prime format."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

HELP = "the published rules that reviews are held against"


def arguments(parser: ArgumentParser) -> None:
    """What to show."""
    what = parser.add_subparsers(prog=f"{parser.prog}", dest="what", metavar="WHAT", required=True)
    listing = what.add_parser("list", help="a line for each atom")
    listing.add_argument("--format", choices=("text", "json"), default="text", help="how to list them")
    showing = what.add_parser("show", help="one atom's text")
    showing.add_argument("atom", metavar="ID", nargs="?", default="", help="the atom's id (default: the one that is shipped)")
    showing.add_argument("--level", choices=("summary", "core", "full"), default="full", help="how much of it")
    showing.add_argument("--format", choices=("text", "json"), default="text", help="how to show it")
    what.add_parser("index", help="the corpus' _index.xml")


def run(options: Namespace) -> int:
    """Print what was asked for. Raises AtomError for an atom that is broken or not there."""
    from guard.cli.output import write

    write(_told(options))
    return 0


def _told(options: Namespace) -> str:
    import json

    from guard.atoms import STATELESS_PROCESSES, views
    from guard.atoms.atom import Level
    from guard.atoms.loader import load

    library = load()
    as_json = getattr(options, "format", "text") == "json"
    match options.what:
        case "index":
            return views.index_text(library)
        case "list" if as_json:
            return json.dumps(views.list_values(library), ensure_ascii=False, indent=2) + "\n"
        case "list":
            return views.list_text(library)
        case _ if as_json:
            return (
                json.dumps(views.atom_values(library, options.atom or STATELESS_PROCESSES), ensure_ascii=False, indent=2) + "\n"
            )
        case _:
            return views.show_text(library, options.atom or STATELESS_PROCESSES, Level(options.level))
