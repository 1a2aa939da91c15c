"""What the repository around a change says about itself, as values: its dependencies, its programs, the services it has already."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from guard.project.manifests import Declared, Program, declared_by, document_of, manifest_paths, programs_of
from guard.project.servers import serves
from guard.project.stack import Service, named, services_in

__all__ = ["Declared", "Program", "Project", "Service", "manifest_paths", "project_from", "serves"]


class Project(Struct, frozen=True, dict=True):
    """Names of the packages that the manifests declare (lower case), the manifests that were read, and what else they say."""

    dependencies: frozenset[str] = frozenset()
    manifests: tuple[str, ...] = ()
    declared: tuple[Declared, ...] = ()
    """What each manifest declares, those of the root first."""
    programs: tuple[Program, ...] = ()
    """What is started, and what other packages load, as the manifests name it."""
    services: tuple[Service, ...] = ()
    """Backing services that it is run with: images of a Compose file, addresses in an example of its environment."""
    texts: tuple[str, ...] = ()
    """The manifests themselves, for what is only asked for now and then."""

    @cached_property
    def serves(self) -> bool:
        """Whether the project is known to answer requests, events or messages of others."""
        return serves(self.dependencies)

    def requirement(self, package: str) -> str:
        """What the manifests ask of the version of a package, as they write it; "" if they say nothing."""
        from guard.project.versions import requirement_of  # few rules ask

        return requirement_of(package, self.texts)

    def has(self, remedy: str, check: str, path: str) -> str:
        """What of the things that a remedy names is there already, in a sentence that says how to use it; "" if nothing is."""
        return named(remedy, check, path, self.declared, self.services)


def project_from(texts: Mapping[str, str]) -> Project:
    """The project that these manifests (path -> text) describe. Forgives bad syntax; versions are read where one is asked for."""
    manifests = [(path, text, document_of(path, text)) for path, text in texts.items()]
    declared = tuple(
        Declared(path, names) for path, text, document in manifests if (names := declared_by(path, text, document))
    )
    return Project(
        frozenset(name for entry in declared for name in entry.names),
        tuple(sorted(texts)),
        declared,
        tuple(program for path, text, document in manifests for program in programs_of(path, text, document)),
        tuple(service for path, text in texts.items() for service in services_in(path, text)),
        tuple(texts[entry.path] for entry in declared),
    )
