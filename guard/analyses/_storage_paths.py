"""What paths, names and images say about the data behind a mount."""

from __future__ import annotations

import re

from guard.regex import regex

_WORD = regex(r"[a-z0-9]+")

_NO_DATA = regex(
    r"(?:^|/)(?:etc(?!/[\w-]+/(?:data|db|database|media|uploads?|storage)/?$)|tmp|temp|run|proc|sys|dev|boot|lib/modules|var/run|var/tmp|var/log|var/lib/(?:docker|containerd|containers|kubelet|cni|dpkg|apt|nginx|haproxy|systemd|lxcfs)|var/spool/cron|usr/share/zoneinfo|usr/local/bin|usr/bin|opt/bin|bin|sbin|"
    r"docker-entrypoint[\w.-]*|entrypoint[\w.-]*|conf\.d|sites-(?:enabled|available)|node_modules|bower_components|vendor|\.?venv|\.git|\.ssh|\.aws|"
    r"\.kube|\.docker|\.m2|\.gradle|\.npm|\.yarn|\.cargo|\.ollama|\.nuget|\.pnpm-store|\.composer|target|dist|build|out|__pycache__|\.next|\.nuxt|site-packages|rootfs|host)(?:/|$)"
    r"|\.(?:sock|pid|conf|cfg|ini|ya?ml|toml|xml|properties|env|sh|bash|py|rb|php|js|mjs|ts|html|css|ico|svg|png|jpe?g|gif|webp|woff2?|ttf|sql|crt|cert|pem|key|jks|p12|pub|txt|md|jar|war|lua|vcl|tmpl|j2|list|rules|htpasswd)$"
    r"|/etc/localtime|/etc/timezone",
    re.IGNORECASE,
)
_NO_DATA_WORDS = frozenset(
    "cache caches cached caching tmp temp tmpfs scratch log logs logging cert certs certificate certificates ssl tls letsencrypt acme pki ca conf config configs"
    " configuration configmap secret secrets token credentials keytab socket sock sockets run lock locks static staticfiles assets backup backups dump dumps"
    " modules migrations locale locales fonts template templates scripts script bin initdb init entrypoint plugins plugin extensions providers themes theme shm"
    " metrics nginx apache certbot env dags notebooks workspace src source code html wwwroot htdocs site www web dist build bundle gems bundler pip npm yarn"
    " pnpm gopath maven gradle cargo venv deps packages site-packages huggingface hf ollama models model weights webroot acme-challenge well known kube ssh"
    " dshm pipe pipes ipc hugepages license licenses driver drivers sdk tools tooling rootfs cgroup podinfo tz zoneinfo localtime sandbox examples example samples sample demo geoip geoip2 maxmind".split()
)  # fmt: skip
_DATA_WORDS = frozenset(
    "upload uploads uploaded uploading media mediafiles datadir wiki storage storages attachment attachments avatar avatars image images photo photos picture pictures video videos"
    " document documents file files filestore userfiles logo logos data database databases db sqlite sqlite3 h2 bolt leveldb badger rocksdb store stores persist"
    " persistent persistence persisted content contents wp-content state session sessions repository repositories repos mail library wallet wallets records recordings"
    " userdata appdata wwebjs baileys blob blobs objects artifacts jobs queue queues spool inbox projects import export exports reports drive sites instance saves".split()
)
_STRONG_WORDS = frozenset(
    "upload uploads uploaded wwebjs baileys media mediafiles attachment attachments avatar avatars photos pictures videos documents userfiles filestore files storage sqlite sqlite3"
    " database db logo logos session sessions wallet recordings data persist persistent persistence content repositories state filestorage images".split()
)
_SURE_WORDS = frozenset(
    {
        "upload",
        "uploads",
        "uploaded",
        "media",
        "mediafiles",
        "attachments",
        "avatars",
        "sqlite",
        "sqlite3",
        "database",
        "documents",
        "userfiles",
        "storage",
        "sessions",
        "wallet",
    }
)
_ROOTS = regex(
    r"/?(?:app|apps|code|src|srv|usr/src/app|usr/src|usr/src/[\w-]+|var/www|var/www/html|var/www/[\w-]+|usr/share/nginx/html|usr/local/apache2/htdocs|workspace|workspaces?/[\w-]+|"
    r"work|project|home/node/app|home/node|opt/app|opt/[\w-]+|www|site|server|backend|frontend|client|api|web|application|home/\w+|root|home|opt|usr/local/[\w-]+|go/src/.*|)/?",
    re.IGNORECASE,
)
_DATA_ROOT_IMAGES = frozenset(
    "wordpress nextcloud owncloud drupal joomla moodle matomo piwik prestashop magento mediawiki dokuwiki humhub phpbb freescout limesurvey bookstack espocrm"
    " suitecrm dolibarr kimai invoiceninja".split()
)
_TOOLS = frozenset(
    "setup bootstrap provision traefik nginx caddy haproxy envoy certbot letsencrypt acme jwilder watchtower portainer cadvisor fluentd fluent fluentbit logstash filebeat metricbeat"
    " heartbeat promtail vector telegraf collectd datadog netdata autoheal ofelia registrator restic duplicity borg borgmatic dind adminer docker"
    " phpmyadmin pgadmin pgadmin4 mailhog mailpit mailcatcher maildev selenium chrome chromium browserless grafana kibana chronograf kapacitor"
    " dozzle swag oauth2 authelia ddns ddclient wireguard openvpn gluetun pihole adguard coredns unbound bind9 ntp tor socat swarm"
    " otel opentelemetry sonarqube jenkins renovate redisinsight dbgate cloudbeaver"
    " csi kubelet calico flannel cilium weave metallb ingress busybox alpine migrate migration migrator seed seeder test tests"
    " webpack vite mkcert livereload devcontainer vscode jupyter notebook kaniko buildkit ollama vllm httpd apache2".split()
)  # fmt: skip
_HELPERS = frozenset(
    {
        "exporter",
        "agent",
        "runner",
        "proxy",
        "backup",
        "backups",
        "collector",
        "operator",
        "controller",
        "provisioner",
        "init",
        "migrations",
        "tests",
    }
)


_STATE_FOLDER = regex(r"^/var/(?:lib|opt)/|^/(?:root|home/[\w-]+)/\.[\w-]+/?$|/var/?$|_home/?$")
"""Where programs keep state by custom: of the system, of a user, of their own."""


_OWN_STATE = regex(r"/(?:root|home/[\w-]+)/\.(?P<name>[\w-]+)/?")
_OF_A_DEVELOPER = frozenset(
    "bash history zsh gnupg local vscode server netrc pgpass gitconfig profile bashrc zshrc bundle gem gems terraform azure gcloud pypirc rbenv nvm ivy2 sbt"
    " mozilla jupyter ipython oh my gitignore editorconfig claude cursor codex".split()
)
"""Words of hidden files and folders at home that people share with a container."""


def words(text: str) -> frozenset[str]:
    """The words of a path or name, in lower case, also those that camel case joins."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text)
    return frozenset(_WORD.findall(spaced.lower()))


def is_no_data(target: str) -> bool:
    """Whether a path in a container is for something other than an app's data: configuration, sockets, logs, caches, code."""
    if _NO_DATA.search(target):
        return True
    last = words("/".join(target.rstrip("/").split("/")[-2:]))
    return bool(words(target.rstrip("/").rsplit("/", 1)[-1]) & _NO_DATA_WORDS) or (
        bool(last & _NO_DATA_WORDS) and not last & _STRONG_WORDS
    )


def is_no_data_name(name: str) -> bool:
    """Whether a volume's name says that it holds something other than data."""
    found = words(name.replace("_", " "))
    return bool(found & _NO_DATA_WORDS) and not found & (_STRONG_WORDS - {"data"})


def is_of_a_tool(volume: str) -> bool:
    """Whether a volume's name begins with that of a proxy, an agent, an admin page."""
    return bool(frozenset(re.split(r"[^a-z0-9]+", volume.lower())[:1]) & _TOOLS)


def says_data(text: str) -> bool:
    """Whether a path or name has a word for data that is kept."""
    return bool(words(text.replace("_", " ")) & _DATA_WORDS) or _STATE_FOLDER.search(text) is not None


def is_own_state(target: str) -> bool:
    """Whether a path is where a program keeps its state at home: `/home/node/.n8n`."""
    found = _OWN_STATE.fullmatch(target)
    if found is None or found["name"].endswith(("rc", "config", "history", "profile", "ignore")):
        return False
    return not words(found["name"].replace("_", " ")) & _OF_A_DEVELOPER


def says_kept_data(text: str) -> bool:
    """The same for words that hardly mean anything else."""
    return bool(words(text.replace("_", " ")) & _STRONG_WORDS)


def says_surely_kept_data(target: str) -> bool:
    """The same for words that no scratch folder has."""
    return bool(words(target.replace("_", " ")) & _SURE_WORDS)


def is_root(target: str) -> bool:
    """Whether a path is where an app's code lies, or one above all."""
    return _ROOTS.fullmatch(target) is not None


def keeps_data_in_its_root(image: str) -> bool:
    """Whether an image is known to keep its users' files below its web root."""
    return bool(words(image) & _DATA_ROOT_IMAGES)


def is_tool(image_or_name: str) -> bool:
    """Whether a container is not the app: proxies, agents, admin pages, runners, one-shot helpers."""
    last = image_or_name.rsplit("/", 1)[-1].partition(":")[0].lower()
    found = re.findall(r"[a-z0-9]+", last)
    return bool(found) and (last in _TOOLS or found[0] in _TOOLS or found[-1] in _HELPERS)
