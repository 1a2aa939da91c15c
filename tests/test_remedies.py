"""A remedy names what the repository has already: its client, its cache, its bucket, in every language."""

from __future__ import annotations

import pytest

from guard.change import ChangeSet, Texts, parse
from guard.finding import Signal
from guard.pipeline import observe
from guard.project import project_from

_ANY = "Keep it in a backing service that all instances share (Redis, the database), written and read by key."
_FILE = "Put it into an object store (S3, GCS) and keep its key in the database."
_WORK = "Put the work into a queue outside of the process, with a broker."


@pytest.mark.parametrize(
    ("path", "manifest", "text", "told"),
    [
        ("app.js", "package.json", '{"dependencies": {"ioredis": "^5"}}', "You already depend on ioredis: keep it there"),
        ("app.ts", "package.json", '{"dependencies": {"redis": "^5", "ioredis": "^5"}}', "depend on ioredis: "),
        ("app.py", "requirements.txt", "flask\nredis==5.0\n", "depend on redis: "),
        ("app.py", "pyproject.toml", '[project]\ndependencies = ["django>=5"]\n', "depend on django: `django.core.cache`"),
        ("main.go", "go.mod", "module m\nrequire github.com/redis/go-redis/v9 v9.0.0\n", "depend on github.com/redis/go-redis/v9: "),
        ("A.java", "pom.xml", "<artifactId>spring-boot-starter-data-redis</artifactId>", "depend on spring-boot-starter-data-redis: "),
        ("A.java", "pom.xml", "<artifactId>spring-boot-starter-cache</artifactId>", "Spring's `CacheManager`"),
        ("A.kt", "build.gradle.kts", 'implementation("io.lettuce:lettuce-core:6.3")', "depend on lettuce-core: "),
        ("A.kt", "gradle/libs.versions.toml", '[libraries]\nlettuce = { module = "io.lettuce:lettuce-core", version = "6" }', "depend on lettuce-core: "),
        ("app/a.rb", "Gemfile", "gem 'rails'\n", "depend on rails: `Rails.cache`"),
        ("app/a.rb", "Gemfile", "gem 'rails'\ngem \"redis\", '~> 5'\n", "depend on redis: "),
        ("app/A.php", "composer.json", '{"require": {"predis/predis": "^2"}}', "depend on predis/predis: "),
        ("app/A.php", "composer.json", '{"require": {"laravel/framework": "^11"}}', "the `Cache` facade"),
        ("Shop/A.cs", "Shop/Shop.csproj", '<PackageReference Include="StackExchange.Redis" Version="2" />', "depend on stackexchange.redis: "),
        ("Shop/A.cs", "Directory.Packages.props", '<PackageVersion Include="Microsoft.Extensions.Caching.StackExchangeRedis" />', "depend on"),
        ("k8s.yaml", "package.json", '{"dependencies": {"ioredis": "^5"}}', "depend on ioredis: "),
    ],
)  # fmt: skip
def test_a_client_is_named_in_every_language(path: str, manifest: str, text: str, told: str) -> None:
    """What the manifests of the file's language declare is what the remedy uses."""
    assert told in project_from({manifest: text}).has(_ANY, "memory-cache", path)


@pytest.mark.parametrize(
    ("path", "manifest", "text", "told"),
    [
        (
            "app.js",
            "package.json",
            '{"dependencies": {"@aws-sdk/client-s3": "3"}}',
            "@aws-sdk/client-s3: put it into the bucket",
        ),
        ("app.py", "requirements.txt", "boto3\n", "boto3: put it into the bucket"),
        ("app.py", "requirements.txt", "django-storages[s3]\n", "`default_storage`"),
        ("main.go", "go.mod", "require cloud.google.com/go/storage v1\n", "cloud.google.com/go/storage: "),
        ("A.java", "build.gradle", "implementation 'software.amazon.awssdk:s3:2.25'", "depend on s3: "),
        ("A.kt", "pom.xml", "<artifactId>azure-storage-blob</artifactId>", "azure-storage-blob: "),
        ("app/a.rb", "Gemfile", "gem 'aws-sdk-s3', require: false\n", "Active Storage"),
        ("app/A.php", "composer.json", '{"require": {"league/flysystem-aws-s3-v3": "^3"}}', "Storage::disk('s3')"),
        ("Shop/A.cs", "Shop/Shop.csproj", '<PackageReference Include="Azure.Storage.Blobs" />', "azure.storage.blobs: "),
    ],
)
def test_a_bucket_is_named_in_every_language(path: str, manifest: str, text: str, told: str) -> None:
    """An SDK of an object store is where files go."""
    assert told in project_from({manifest: text}).has(_FILE, "local-disk", path)


@pytest.mark.parametrize(
    ("manifest", "text", "remedy", "told"),
    [
        (
            "docker-compose.yml",
            "services:\n  cache:\n    image: redis:7-alpine\n",
            _ANY,
            "You already have redis (docker-compose.yml): ",
        ),
        (
            "compose.yaml",
            'services:\n  s3:\n    image: "quay.io/minio/minio:latest"\n',
            _FILE,
            "have minio (compose.yaml): put it",
        ),
        (".env.example", "APP_KEY=\nREDIS_URL=redis://localhost\n", _ANY, "have REDIS_URL (.env.example): "),
        (".env.example", "AWS_BUCKET=\n", _FILE, "have AWS_BUCKET (.env.example): "),
        (".env.example", "DATABASE_URL=sqlite:///app.db\n", _ANY, ""),
        (
            ".env.example",
            "DATABASE_URL=postgres://localhost/app\n",
            _ANY,
            "have DATABASE_URL (.env.example): keep it in that database",
        ),
        ("requirements.txt", "celery\n", _WORK, "depend on celery: hand the work to it"),
        ("requirements.txt", "celery\n", _FILE, ""),
        ("requirements.txt", "flask\n", _ANY, ""),
    ],
)
def test_what_a_project_is_run_with_counts_as_well(manifest: str, text: str, remedy: str, told: str) -> None:
    """A service of a Compose file or an address in an example of the environment is there, even if no client is known."""
    sentence = project_from({manifest: text}).has(remedy, "memory-cache", "app.py")
    assert told in sentence if told else sentence == ""


def test_the_nearest_manifest_of_the_own_language_speaks() -> None:
    """In a repository of several programs, another one's client is not this one's."""
    project = project_from(
        {
            "web/package.json": '{"dependencies": {"ioredis": "5"}}',
            "api/requirements.txt": "redis\n",
            "package.json": '{"dependencies": {"@upstash/redis": "1"}}',
        }
    )
    assert "depend on redis: " in project.has(_ANY, "memory-cache", "api/app.py")
    assert "depend on ioredis: " in project.has(_ANY, "memory-cache", "web/app.ts")
    assert "depend on @upstash/redis: " in project.has(_ANY, "memory-cache", "jobs/app.ts")
    assert project.has(_ANY, "memory-cache", "jobs/app.py") == ""


def test_sessions_and_other_instances_have_words_of_their_own() -> None:
    """What is to be done with a Redis depends on what the finding is about."""
    project = project_from({"package.json": '{"dependencies": {"ioredis": "5"}}'})
    assert "keep sessions there" in project.has(_ANY, "session-store", "app.ts")
    assert "tell the others" in project.has(_ANY, "sticky-session", "app.ts")


def _signals(texts: dict[str, str]) -> tuple[Signal, ...]:
    patch = "".join(
        f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{text.count(chr(10))} @@\n"
        + "".join(f"+{line}\n" for line in text.splitlines())
        for path, text in texts.items()
        if path.startswith("src/")
    )
    change: ChangeSet = parse(patch.encode())
    return observe(change, Texts(texts)).signals


_EXPRESS = (
    "const express = require('express');\nconst app = express();\nconst carts = {};\napp.post('/cart/:user', (req, res) => {\n"
    "  carts[req.params.user] = req.body;\n  res.end();\n});\napp.get('/cart/:user', (req, res) => res.json(carts[req.params.user]));\n"
)


def test_a_finding_says_what_is_there_before_what_could_be() -> None:
    """The sentence stands before the general remedy; without a client the general one stands alone."""
    manifest = '{"dependencies": {"express": "4", "ioredis": "5"}}'
    (with_client,) = _signals({"package.json": manifest, "src/app.js": _EXPRESS})
    (without,) = _signals({"package.json": '{"dependencies": {"express": "4"}}', "src/app.js": _EXPRESS})
    assert with_client.remedy.startswith("You already depend on ioredis: keep sessions there")
    assert with_client.remedy.endswith(without.remedy)
    assert without.remedy.startswith("Keep it in a backing service")
