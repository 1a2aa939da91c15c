"""Ways in and out: git, patches, files. Thin: they move bytes and decide nothing about findings."""
