"""Accept what stands today, so that only new findings are reported. The baseline stands beside the configuration."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from guard.cli.options import asking_a_model, asking_nobody, what_to_review

if TYPE_CHECKING:
    from guard.integrations.git import Selected

HELP = "accept what stands today; report only what is new"


def arguments(parser: ArgumentParser) -> None:
    """What to do with it, and for which findings."""
    does = parser.add_subparsers(prog=parser.prog, dest="does", metavar="create|update|prune", required=True)
    create = does.add_parser(
        "create", help="write it: everything that is found now (whole files, or a selection as review has)"
    )
    create.add_argument("--force", action="store_true", help="write it anew if it is there; reasons in it are lost")
    update = does.add_parser("update", help="add what is found now and is not in it; what is in it stays, with its reasons")
    prune = does.add_parser("prune", help="take out what is found no longer, in the whole tree")
    for one in (create, update):
        what_to_review(one)
        one.add_argument("--reason", metavar="TEXT", default="", help="why the added findings are accepted")
        asking_a_model(one)
        which = one.add_argument_group("which findings")
        which.add_argument("--select", action="append", metavar="RULE|CHECK", help="only these (repeat, or separate by commas)")
        which.add_argument("--ignore", action="append", metavar="RULE|CHECK", help="not these")
    for one in (update, prune):
        one.add_argument("--check", action="store_true", help="write nothing; end with status 1 if it would be changed")
    for one in (create, update, prune):
        one.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")
        one.set_defaults(fail_on=None, config_from="head", no_baseline=True)
    asking_nobody(prune)
    prune.set_defaults(paths=(), select=None, ignore=None, reason="")


def run(options: Namespace) -> int:
    """Do it; status 1 for a `--check` that fails, 3 where something could not be looked at."""
    from guard.cli.baselines import Baselines, created, pruned, updated

    with _selected(options) as what:
        baselines = Baselines.beside_the_settings(what, options)
        work = {"create": created, "update": updated, "prune": pruned}[options.does](baselines)
        return baselines.finish(work)


def _selected(options: Namespace) -> Selected:
    """The selection of a review if there is one, else whole files."""
    from guard.cli.selecting import selected
    from guard.integrations.files import open_files

    if any(getattr(options, name, None) for name in ("staged", "range", "base", "commit", "patch")):
        return selected(options)
    return open_files(tuple(options.paths), options.directory)
