"""Print exactly what a model would be asked about a change, with its token counts. Sends nothing."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from guard.cli.options import own_atoms, sweeping, what_to_review

if TYPE_CHECKING:
    from guard.model.preview import Preview

HELP = "what a model would be asked about a change; sends nothing"
_ANY_MODEL = "gpt-5"
"""Whose tokens are counted where no model is named."""


def arguments(parser: ArgumentParser) -> None:
    """The selections of `review`, and how to print."""
    what_to_review(parser)
    parser.add_argument("--model", metavar="NAME", default="", help="the model that would be asked, whose tokens are counted")
    sweeping(parser)
    own_atoms(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print")
    short = parser.add_mutually_exclusive_group()
    short.add_argument("--statistics", action="store_true", help="the token counts alone")
    short.add_argument(
        "--explain", action="store_true", help="what the prompt is made of: which atoms, why, and the tokens of each part"
    )
    short.add_argument("--cost", action="store_true", help="what asking would cost")


def run(options: Namespace) -> int:
    """Print the prompt."""
    from guard.cli.output import write
    from guard.cli.selecting import selected
    from guard.config import Overrides
    from guard.integrations.configured import configuration_for
    from guard.model.inquiry import SWEEP
    from guard.pipeline import catalogue_for, observe, readings_for
    from guard.pipeline.gathering import Site
    from guard.pipeline.questions import prompt_for

    with selected(options) as what:
        configuration = configuration_for(
            what, overrides=Overrides(model=options.model, atoms=tuple(options.atom or ())), file=options.config
        )
        settings = configuration.root
        catalogue = catalogue_for(configuration)
        seen = observe(
            what.change,
            what.source,
            excluded=configuration.excludes,
            max_file_size=settings.max_file_size,
            catalogue=catalogue,
        )
        site = Site(what.change, what.source)
        how = options.sweep or settings.sweep or SWEEP
        reading = readings_for(how, configuration, what.change, what.source, seen, catalogue)
        write(_told(prompt_for(seen, settings.model or _ANY_MODEL, site=site, reading=reading), options))
    return 3 if seen.failures else 0


def _told(preview: Preview, options: Namespace) -> str:
    import json

    from guard.model.preview import cost_text, counts_text, explained_text, preview_text, preview_values

    if options.format == "json":
        return json.dumps(preview_values(preview), ensure_ascii=False, indent=2) + "\n"
    if options.cost:
        return cost_text(preview)
    if options.explain:
        return explained_text(preview)
    return counts_text(preview) if options.statistics else preview_text(preview)
