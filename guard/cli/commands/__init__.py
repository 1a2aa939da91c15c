"""The commands, one module each; `guard/cli/__init__.py` says what a module must have."""
