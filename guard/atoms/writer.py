"""An atom, compiled: the files that Prime's compiler (v0.1.0) writes for a rule, byte for byte.

A rule's own fields are its description, checks, label and edges; what other kinds have is not written here.
Token counts are a quarter of the UTF-16 code units, rounded up; the content hash covers id, kind and the three projections.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby
from xml.sax.saxutils import escape

from msgspec import Struct

VERB_ORDER = (
    "related", "compatible", "conflicts", "see-also", "extends", "derived-from", "requires", "enhances", "validates-with",
    "supplies-to", "specializes", "contradicts", "relationships", "includes",
)  # fmt: skip
_IN_RELATIONS = ("specializes", "enhances", "requires", "contradicts", "relationships")
"""Verbs whose edges Prime lists under `## Relations`, in this order; with the spelling that it writes, others are missing there."""
_UNSEEN = frozenset({"related"})
"""Verbs that no projection shows."""
_INDEX_TEXT = 80


class RuleSource(Struct, frozen=True):
    """What the author of a rule wrote. `edges` are (verb, target) in the order of the source."""

    id: str
    name: str
    description: str
    checks: tuple[str, ...]
    label: str = ""
    domain: str = ""
    version: str = "1.0.0"
    edges: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    quality: float = 4.0
    created_at: str = "1970-01-01"

    @property
    def relations(self) -> tuple[tuple[str, str], ...]:
        """The edges in the order of the compiled files, each once."""
        return tuple(dict.fromkeys(sorted(self.edges, key=lambda edge: VERB_ORDER.index(edge[0]))))


def compile_rule(source: RuleSource) -> dict[str, str]:
    """The files of the atom's folder, by their paths in it."""
    levels = projections(source)
    sizes = {level: count(text) for level, text in levels.items()}
    return {
        "atom.yaml": _atom_yaml(source, levels, sizes),
        "graph.yaml": _graph_yaml(source),
        "quality.yaml": f"overall: {_number(source.quality)}\n",
        "index.xml": _atom_xml(source, sizes),
        **{f"chunks/{level}.md": text + "\n" for level, text in levels.items()},
    }


def projections(source: RuleSource) -> dict[str, str]:
    """The three projections of a rule, without a last newline."""
    summary = [f"# {source.name} [rule] v{source.version}", source.description]
    summary += [f"tags: {', '.join(source.tags)}"] * bool(source.tags) + [f"domain: {source.domain}"] * bool(source.domain)
    label = ["", "## Label", source.label] if source.label else []
    core = [*summary, *_section("Checks", (f"- [ ] {check}" for check in source.checks)), *label]
    full = [*core, *_section("Relations", _relation_lines(source)), *label]
    for verb, targets in _by_verb(source).items():
        if verb not in _UNSEEN:
            full += _section(verb.replace("-", " ").title(), (f"- {target}" for target in targets))
    return {level: "\n".join(lines) for level, lines in (("summary", summary), ("core", core), ("full", full))}


def _section(heading: str, lines: Iterable[str]) -> list[str]:
    content = list(lines)
    return ["", f"## {heading}", *content] if content else []


def _relation_lines(source: RuleSource) -> Iterable[str]:
    edges = _by_verb(source)
    return (f"{verb}: [{', '.join(edges[verb])}]" for verb in _IN_RELATIONS if verb in edges)


def _by_verb(source: RuleSource) -> dict[str, list[str]]:
    return {verb: [target for _, target in edges] for verb, edges in groupby(source.relations, key=lambda edge: edge[0])}


def count(text: str) -> int:
    """Tokens of a text as Prime counts them."""
    return -(-(len(text.encode("utf-16-le")) // 2) // 4)


def content_hash(atom_id: str, kind: str, levels: Mapping[str, str]) -> str:
    """The hash by which Prime names the content of an atom."""
    content = {"id": atom_id, "kind": kind, **{level: levels[level] for level in ("summary", "core", "full")}}
    return "sha256:" + hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _number(value: float) -> str:
    return f"{value:g}"


def _atom_yaml(source: RuleSource, levels: Mapping[str, str], sizes: Mapping[str, int]) -> str:
    lines = [f"id: {_quoted(source.id)}", "kind: rule", f"version: {_quoted(source.version)}"]
    lines += [f"description: {_quoted(source.description)}"] * bool(source.description)
    lines += [f"tags: [{', '.join(map(_quoted, source.tags))}]"] * bool(source.tags) + [f"domain: {source.domain}"] * bool(
        source.domain
    )
    lines += [f"content_hash: {_quoted(content_hash(source.id, 'rule', levels))}"]
    lines += ["tokens:", *(f"  {level}: {size}" for level, size in sizes.items())]
    lines += ["projection:", *(f'  {level}: "chunks/{level}.md"' for level in levels)]
    lines += ["quality:", f"  overall: {_number(source.quality)}"]
    edges = [f"  - {{ type: {verb}, target: {_quoted(target)} }}" for verb, target in source.relations]
    lines += ["relations:", *edges] * bool(edges)
    return "\n".join([*lines, f"created_at: {_quoted(source.created_at)}"]) + "\n"


def _graph_yaml(source: RuleSource) -> str:
    edges = [line for verb, target in source.relations for line in (f"  - type: {verb}", f"    target: {_quoted(target)}")]
    return "\n".join([f"atom: {_quoted(source.id)}", "relations:", *(edges or ["  []"])]) + "\n"


def _xml(text: str) -> str:
    return escape(text, {'"': "&quot;", "'": "&apos;"})


def _atom_xml(source: RuleSource, sizes: Mapping[str, int]) -> str:
    attributes = {"id": source.id, "kind": "rule", "version": source.version, "domain": source.domain}
    attributes |= {"tokens": str(sizes["core"]), "q": f"{source.quality:.1f}"}
    lines = ["<atom"]
    lines += [f'  {name}="{_xml(value)}"' for name, value in attributes.items() if value]
    lines[-1] += ">"
    lines += [f"  <description>{_xml(source.description)}</description>"] * bool(source.description)
    lines += [f"  <tags>{_xml(', '.join(source.tags))}</tags>"] * bool(source.tags)
    lines += ["  <projection>"]
    names = {level: f'"{level}"'.ljust(9) + f' file="chunks/{level}.md"'.ljust(25) for level in sizes}
    lines += [f'    <level name={names[level]} tokens="{size}"/>' for level, size in sizes.items()]
    return "\n".join([*lines, "  </projection>", "</atom>"]) + "\n"


def index_xml(sources: Iterable[RuleSource]) -> str:
    """The `_index.xml` of a corpus of rules."""
    atoms = sorted(sources, key=lambda source: source.id)
    sizes = {source.id: count(projections(source)["core"]) for source in atoms}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines += [f'<prime_index version="1.0" total="{len(atoms)}" total_tokens="{sum(sizes.values())}">']
    for cluster, members in groupby(sorted(atoms, key=_cluster), key=_cluster):
        lines += _cluster_lines(cluster, list(members), sizes)
    return "\n".join([*lines, "</prime_index>"]) + "\n"


def _cluster(source: RuleSource) -> str:
    return source.domain or next(iter(source.tags), "general")


def _cluster_lines(cluster: str, atoms: list[RuleSource], sizes: Mapping[str, int]) -> list[str]:
    lines = [f'  <cluster name="{_xml(cluster)}" density="{_density(atoms)}">']
    for source in atoms:
        lines += [f'    <atom id="{_xml(source.id)}" kind="rule" tokens="{sizes[source.id]}" q="{source.quality:.1f}">']
        lines += [f"      {_xml(_shortened(source.description or source.id))}"]
        lines += [f'      <edge type="{verb}" target="{_xml(target)}"/>' for verb, target in sorted(source.relations)]
        lines += ["    </atom>"]
    return [*lines, "  </cluster>"]


def _density(atoms: list[RuleSource]) -> str:
    if len(atoms) == 1:
        return "1.0"
    commonest = Counter(tag for source in atoms for tag in set(source.tags)).most_common(1)
    return f"{(commonest[0][1] if commonest else 0) / len(atoms):.2f}"


def _shortened(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _INDEX_TEXT:
        return text
    return units[: 2 * (_INDEX_TEXT - 1)].decode("utf-16-le", "ignore") + "…"
