"""stateless-guard: a reviewer of diffs that keeps processes stateless and share-nothing."""

__version__ = "0.1.0"
