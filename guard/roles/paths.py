"""What a file is for by its name and the folders around it, where people use them for one purpose only."""

from __future__ import annotations

import re
from functools import lru_cache

from guard.regex import regex
from guard.roles.values import Decision, Role

_FOLDERS = {
    Role.TEST: "test tests testing spec specs __tests__ __mocks__ e2e cypress fixtures testdata test_data testutil testutils testhelper testhelpers testkit test_utils mocks stubs playwright"
    " integration-tests unittests test-utils test-helpers molecule regtest",
    Role.MIGRATION: "migrations migrate alembic",
    Role.COMMAND_LINE: "cli tui",
    Role.BUILD: "scripts script benchmarks benchmark bench evals evaluation .github .gitlab .circleci .buildkite .woodpecker .husky .ci ci",
    Role.DOCUMENTATION: "docs doc documentation",
    Role.GENERATED: "node_modules vendor third_party thirdparty dist .next bower_components site-packages",
    Role.DEVELOPMENT: "dev development local .dev .devcontainer devcontainer .ddev .vscode .idea vagrant minikube",
}
_FOLDER_ROLES = {folder: role for role, folders in _FOLDERS.items() for folder in folders.split()}
_CODE_ONLY = frozenset("scripts script benchmarks benchmark bench evals evaluation migrations migrate alembic".split())
"""Folders that say nothing of the configuration in them."""
_NAMES = (
    (Role.TEST, regex(r"(?:^|/)(?:test_[^/]*|tests?|[^/]*[._-](?:test|tests|spec|mock|stories)|conftest)\.[A-Za-z]+$")),
    (Role.TEST, regex(r"(?:^|/)(?:[^/]*[._-](?:tests?|testing|ci)\.(?:ya?ml|properties|env|toml|json|conf|ini)|\.env\.(?:tests?|testing|ci)(?:[._-][\w-]+)*)$")),
    (Role.TEST, regex(r"(?:^|/)tests?[_-][^/]*/|(?:^|/)(?:fake|dummy|stub)[_-][^/]*\.(?:py|[cm]?[jt]sx?)$")),
    (Role.TEST, regex(r"(?:^|/)[\w.]+[.](?:\w*Tests?|Testing|TestUtils?|TestHelpers?|Specs)(?:\.\w+)*/")),
    (Role.BUILD, regex(r"(?:^|/)(?:bench(?:mark)?s?[_-][^/]*|[^/]*[_-]bench(?:mark)?s?)\.py$")),
    (Role.TEST, regex(r"(?:^|/)(?:pytest\.ini|tox\.ini|phpunit[^/]*\.xml[^/]*|\.coveragerc)$")),
    (Role.TEST, regex(r"(?:^|/)(?:test|testing)(?:[._-][^/]*)?\.(?:ya?ml|properties|toml|json|conf|ini|env|tfvars|bicep|bicepparam|cfg)$")),
    (Role.TEST, regex(r"(?:^|/)(?:(?:docker|container)file[._-](?:tests?|testing|ci|e2e)\b[^/]*|(?:tests?|testing|ci|e2e)[._-]?(?:docker|container)file)$", re.IGNORECASE)),
    (
        Role.DEVELOPMENT,
        regex(r"(?:^|/)(?:(?:docker|container|proc)file[._-](?:dev|devel|development|local|debug)\b[^/]*|(?:dev|development|local)[._-]?(?:docker|container)file)$", re.IGNORECASE),
    ),
    (Role.BUILD, regex(r"(?:^|/)(?:\.travis|bitbucket-pipelines|azure-pipelines[^/]*|\.?appveyor|\.drone|\.woodpecker[^/]*)\.ya?ml$")),
    (
        Role.DEVELOPMENT,
        regex(r"(?:^|/)(?:(?:dev|development)(?:[._-][^/]*)?|local)\.(?:ya?ml|properties|toml|json|conf|ini|env|tfvars|bicep|bicepparam|cfg)$", re.IGNORECASE),
    ),
    (Role.NOTEBOOK, regex(r"\.ipynb$")),
    (Role.MIGRATION, regex(r"(?:^|/)management/commands/.*migrat[^/]*\.py$")),
    (Role.COMMAND_LINE, regex(r"(?:^|/)management/commands/[^/]+\.py$|(?:^|/)(?:manage|cli|__main__)\.py$|(?:^|/)cli\.[cm]?[jt]s$")),
    (Role.BUILD, regex(r"(?:^|/)(?:setup|noxfile|fabfile)\.py$|(?:^|/)(?:gulpfile|gruntfile)[^/]*$", re.IGNORECASE)),
    (Role.BUILD, regex(r"(?:^|/)(?:webpack|vite|rollup|next|nuxt|tailwind|postcss|babel|jest|vitest|eslint|playwright|svelte|astro)\.config\.[a-z]+$")),
    (
        Role.DEVELOPMENT,
        regex(
            r"(?:^|/)(?:[^/]*compose[^/]*[._-](?:override|dev|devel|development|local|debug)[^/]*\.ya?ml|[^/]*[._-](?:dev|development|local|debug)\.(?:ya?ml|"
            r"properties|toml|json|conf|ini|env|tfvars|bicep|bicepparam|cfg)|[^/]*[._-](?:dev|development|debug)\.py|(?:settings|config|conf)\w*[._-]local\.py|\.env\.(?:dev|development|local|debug)(?:\.[a-z]+)?|\.?env\.(?:dev|local)|local_?settings[^/]*\.py|"
            r"(?:dev|development|test|testing|ci)\.py|(?:settings|configs?|configuration|conf|envs?|environments?)/local\.py|(?:settings|config)_(?:dev|development|local|test|testing|ci)\.py|[^/]*skaffold[^/]*\.ya?ml|vagrantfile)$",
            re.IGNORECASE,
        ),
    ),
    (Role.BUILD, regex(r"(?:^|/)\.[\w-]+rc\.[cm]?js$")),
    (Role.BROWSER, regex(r"(?:^|/)[^/]+\.client\.[cm]?[jt]sx?$")),
    (Role.GENERATED, regex(r"\.(?:min|bundle)\.[cm]?js$|(?:^|/)[^/]*(?:\.lock|-lock\.json|\.lock\.yaml)$|_pb2(?:_grpc)?\.py$")),
    (Role.DOCUMENTATION, regex(r"\.(?:md|mdx|rst|adoc|txt)$", re.IGNORECASE)),
)  # fmt: skip


_OF_THE_PROGRAM = "/src/main/"
"""What stands below it is no test, however the project is called
(https://maven.apache.org/guides/introduction/introduction-to-the-standard-directory-layout.html)."""
_PACKAGES = regex(r"(?:^|/)(?:java|kotlin|scala|groovy)/.*")
"""Below such a folder the folders are the names of packages: `dev.shop` is a domain turned around, no place for development."""
_OF_PACKAGES = (".java", ".kt", ".scala", ".groovy")
_SAYS_NOTHING_OF_PACKAGES = frozenset({Role.DEVELOPMENT, Role.DOCUMENTATION, Role.GENERATED})
_SCRIPTS = (".py", ".pyw", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts")
_OTHER_NAMES = (
    (Role.BROWSER, r"(?:^|/)(?:js|wasmJs|web)Main/"),
    (Role.DESKTOP, r"(?:^|/)(?:android|ios|macos|desktop|apple|native)Main/"),
    (Role.TEST, r"(?:^|/)[^/]*(?:Tests?|TestCase|IT|Spec|Fixture)\.(?:java|kt|cs|php|scala|groovy)$|_test\.go$|_(?:spec|test)\.rb$"),
    (Role.TEST, r"(?:^|/)[^/]*mocks?/[^/]*\.go$"),
    (Role.COMMAND_LINE, r"(?:^|/)cmd/[^/]*\bcli\b[^/]*/[^/]*\.go$|_(?:windows|darwin|wasm|js)\.go$"),
    (Role.BUILD, r"(?:^|/)[\w.]+\.(?:Benchmarks?|Build)/[^/]*\.cs$"),
    (Role.COMMAND_LINE, r"(?:^|/)(?:[Cc]onsole|[Cc]ommands?)/(?:[^/]+/)*[^/]+\.php$|(?:^|/)[^/]*Command\.php$|\.rake$|(?:^|/)lib/(?:tasks|generators|capistrano)/|(?:^|/)(?:artisan|bin/[^/]+)$"),
    (Role.MIGRATION, r"(?:^|/)(?:db/seeds?(?:/.*)?|database/(?:seeders|seeds|factories)/[^/]+)(?:\.rb|\.php)$|(?:^|/)(?:[^/]*(?:Seeder|Fixtures?|Factory)|Version\d+)\.php$"),
    (Role.BUILD, r"(?:^|/)(?:Rakefile|Capfile|Gemfile|Guardfile|Vagrantfile|Dangerfile|Fastfile|Berksfile)$|\.gemspec$|(?:^|/)config/deploy(?:/[^/]+)?\.rb$"),
    (Role.DEVELOPMENT, r"(?:^|/)environments/(?:dev\w*|local)\.rb$|(?:^|/)config/(?:packages/)?(?:dev|local)/[^/]+\.php$|(?:^|/)server\.php$"),
    (Role.TEST, r"(?:^|/)(?:spec|test)_helper\.rb$|(?:^|/)[^/]*_(?:factory|steps)\.rb$"),
)  # fmt: skip
"""What names say in projects of other languages than those of `_SCRIPTS`; compiled where such a file is met."""


@lru_cache(maxsize=1)
def _other_names() -> tuple[tuple[Role, re.Pattern[str]], ...]:
    return tuple((role, re.compile(pattern)) for role, pattern in _OTHER_NAMES)


def role_of_path(path: str, *, code: bool) -> Role | None:
    """What the name of a file says of its purpose; None if nothing."""
    found = by_path(path, code=code)
    return found.role if found else None


def by_path(path: str, *, code: bool) -> Decision | None:
    """The same, with the folder or the name that says so."""
    within = path.rpartition(_OF_THE_PROGRAM)[2] if code else path
    folders = path.lower().split("/")[:-1]
    outside = _PACKAGES.sub("/", path.lower()).split("/")[:-1] if path.endswith(_OF_PACKAGES) else folders
    for folder in folders:
        role = _FOLDER_ROLES.get(folder)
        if role is Role.TEST and folder not in within.lower().split("/")[:-1]:
            continue
        if role in _SAYS_NOTHING_OF_PACKAGES and folder not in outside:
            continue
        if role is not None and (code or folder not in _CODE_ONLY):
            return Decision(role, f"the folder {folder}/")
    names = _NAMES if path.endswith(_SCRIPTS) else (*_other_names(), *_NAMES)
    role = next((role for role, pattern in names if pattern.search(within if role is Role.TEST else path)), None)
    return None if role is None else Decision(role, f"its name and place: {path.rsplit('/', 1)[-1]}")


_SERVER_FOLDERS = frozenset(
    "server servers api apis web http rest rpc grpc handler handlers controller controllers router routers routes middleware middlewares websocket ws".split()
)


def says_server(path: str) -> bool:
    """Whether a folder or the file is named after what only servers have."""
    *folders, file = path.lower().split("/")
    return not _SERVER_FOLDERS.isdisjoint((*folders, file.rsplit(".", 1)[0]))
