"""`python -m guard`, and what the commands `guard` and `stateless-guard` start."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """Run one command line; gives the exit status."""
    import gc

    from guard.cli import run

    gc.set_threshold(200_000, 20, 20)  # a review makes many small values and keeps them: collecting often only costs time
    return run(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
