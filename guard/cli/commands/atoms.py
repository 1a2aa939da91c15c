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
    compiling = what.add_parser("compile", help="make an atom of your own in the Prime format (docs/own-atoms.md)")
    compiling.add_argument("source", metavar="FILE", help="the atom in TOML: id, description, checks, label")
    compiling.add_argument("--to", metavar="DIR", default="atoms", help="the folder for @team/rule-name (default: atoms)")


def run(options: Namespace) -> int:
    """Print what was asked for. Raises AtomError for an atom that is broken or not there."""
    from guard.cli.output import write

    write(_compiled(options) if options.what == "compile" else _told(options))
    return 0


def _compiled(options: Namespace) -> str:
    """Write the files of an atom; what to do with it, in a line."""
    import os

    from guard.atoms.own import own_atoms
    from guard.atoms.source import compiled_from
    from guard.errors import UsageError

    try:
        with open(options.source, encoding="utf-8") as stream:
            files = compiled_from(stream.read(), options.source)
        folder = next(iter(files)).rsplit("/", 1)[0]
        (focus,) = own_atoms(files, (folder,))  # what is written can be read
        for name, text in files.items():
            path = os.path.join(options.to, *name.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{options.source}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    place = f"{options.to.rstrip('/')}/{folder}"
    checks = "".join(f"  {check.slug}: {check.text}\n" for check in focus.atoms[0].checks)
    return f"{place}\n{checks}Review against it: stateless-guard review --model NAME --atom {place}\n"


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
