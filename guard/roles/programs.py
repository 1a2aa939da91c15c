"""What a file is for by what the project's manifests say of it: a command, a service, a library, a program with windows."""

from __future__ import annotations

from guard.project import Program, Project, serves
from guard.project.manifests import Declared, Start, is_above
from guard.regex import regex
from guard.roles import frameworks as known
from guard.roles.paths import says_server
from guard.roles.values import Decision, Role

_BUILT = regex(r"(?:^|(?<=/))(?:dist|build|lib|out|bin)/")
_ENDING = regex(r"\.(?:[cm]?[jt]sx?|d\.ts|py)$")
_ROLES = {
    Start.COMMAND: Role.COMMAND_LINE,
    Start.ONCE: Role.BUILD,
    Start.WINDOW: Role.DESKTOP,
    Start.SERVICE: Role.SERVER,
    Start.LIBRARY: Role.LIBRARY,
}
_IMAGE = "Dockerfile"
"""Programs of all kinds are put into images: that one starts there says only that it is started."""


def named(path: str, project: Project) -> Decision | None:
    """What a manifest says that this very file is; a service counts for most."""
    found = [program for program in project.programs if program.target and _is(path, program)]
    services = [program for program in found if program.start is Start.SERVICE and not program.path.endswith(_IMAGE)]
    program = next(iter(services or [one for one in found if one.start is not Start.SERVICE]), None)
    return None if program is None else _said(program)


def around(path: str, project: Project, *starts: Start) -> Decision | None:
    """What a manifest says of all files below its folder: the nearest that says one of these."""
    found = [one for one in project.programs if not one.target and one.start in starts and is_above(one.path, path)]
    return _said(max(found, key=lambda one: one.path.count("/"))) if found else None


def in_a_front_end(path: str, project: Project) -> Decision | None:
    """Whether the nearest package.json is one of a program for browsers, with nothing that answers requests."""
    nearest = _nearest(path, project, "package.json")
    if (
        nearest is None
        or (nearest.path == "package.json" and says_server(path))
        or serves(nearest.names)
        or not known.BOTH_SIDES.isdisjoint(nearest.names)
    ):
        return None
    framework = min(nearest.names & known.BROWSER, default="")
    if framework:
        return Decision(Role.BROWSER, f"its package depends on {framework}, and on nothing that serves", manifest=nearest.path)
    server = next((one for one in project.declared if not one.path.endswith("package.json") and serves(one.names)), None)
    if server is None:
        return None
    return Decision(Role.BROWSER, f"its package depends on nothing that serves, as {server.path} does", manifest=nearest.path)


def in_a_tool(path: str, project: Project) -> Decision | None:
    """Whether the nearest manifest is one of a command: it installs one, reads a command line, and depends on nothing that serves."""
    for program in (one for one in project.programs if one.start is Start.COMMAND):
        nearest = _nearest(path, project, program.path.rpartition("/")[2])
        if nearest is not None and nearest.path == program.path and not serves(nearest.names):
            reads = min(nearest.names & known.COMMAND_LINE, default="")
            why = f"its package installs a command, reads its line with {reads}, and depends on nothing that serves"
            return Decision(Role.COMMAND_LINE, why, manifest=program.path) if reads else None
    return None


def of_a_store(project: Project) -> Decision | None:
    """Whether the project is built on what only stores are built on."""
    package = min(project.dependencies & known.STORES, default="")
    return Decision(Role.STORE, f"the project is built on {package}", manifest=_where(package, project)) if package else None


def of_a_desktop(project: Project) -> Decision | None:
    """Whether the project is for windows alone."""
    package = "" if project.serves else min(project.dependencies & known.DESKTOP, default="")
    return (
        Decision(
            Role.DESKTOP, f"the project depends on {package}, and on nothing that serves", manifest=_where(package, project)
        )
        if package
        else None
    )


def _where(package: str, project: Project) -> str:
    return next((entry.path for entry in project.declared if package in entry.names), "")


def _nearest(path: str, project: Project, file: str) -> Declared | None:
    fitting = [entry for entry in project.declared if entry.path.endswith(file) and is_above(entry.path, path)]
    return max(fitting, key=lambda entry: entry.path.count("/"), default=None)


def _said(program: Program) -> Decision:
    return Decision(_ROLES[program.start], f"{program.path} says {program.said}", manifest=program.path)


def _is(path: str, program: Program) -> bool:
    """Whether a file is the target, or what the target is built from."""
    folder, target = program.path.rpartition("/")[0], program.target
    if target.startswith(":"):
        module = target[1:].replace(".", "/")
        below = f"{folder}/" if folder else ""
        return path in {
            f"{below}{source}{module}{ending}" for source in ("", "src/") for ending in (".py", "/__init__.py", "/__main__.py")
        }
    one, other = _ENDING.sub("", path), _ENDING.sub("", target)
    return (
        one == other
        or one == _BUILT.sub("src/", other, count=1)
        or (other.startswith(f"{folder}/") and one == other.removeprefix("/"))
    )
