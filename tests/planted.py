"""Secrets to plant: of each kind one, drawn anew from a seed and put together here, so that no scanner takes this file for a leak."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable

_HEX, _UPPER = "0123456789abcdef", string.ascii_uppercase + string.digits
_LOWER, _ALL = string.ascii_lowercase + string.digits, string.ascii_letters + string.digits
_URL = _ALL + "-_"
_chance = random.Random(20_261_125)  # noqa: S311 - nothing is protected by it


def drawn(number: int, of: str = _ALL) -> str:
    """Characters by chance."""
    return "".join(_chance.choice(of) for _ in range(number))


def _uuid() -> str:
    return "-".join(drawn(number, _HEX) for number in (8, 4, 4, 4, 12))


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _jwt() -> str:
    head, body = ({"alg": "HS256", "typ": "JWT"}, {"sub": "1234567890", "name": drawn(12)})
    return ".".join((_encoded(json.dumps(head)), _encoded(json.dumps(body)), drawn(43, _URL)))


_MAKERS: dict[str, Callable[[], str]] = {
    "AWS access key": lambda: "AK" + "IA" + drawn(16, _UPPER),
    "AWS temporary key": lambda: "AS" + "IA" + drawn(16, _UPPER),
    "AWS session token": lambda: "IQ" + "oJb3JpZ2luX2Vj" + drawn(200),
    "Google API key": lambda: "AI" + "za" + drawn(35, _URL),
    "Google access token": lambda: "ya" + "29.a0" + drawn(120, _URL),
    "Google client secret": lambda: "GOC" + "SPX-" + drawn(28, _URL),
    "Azure client secret": lambda: drawn(3) + "8Q" + "~" + drawn(34, _ALL),
    "Azure storage key": lambda: drawn(86) + "==",
    "Alibaba access key": lambda: "LT" + "AI5t" + drawn(20),
    "Tencent secret id": lambda: "AK" + "ID" + drawn(32),
    "DigitalOcean token": lambda: "dop" + "_v1_" + drawn(64, _HEX),
    "Heroku key": lambda: "HR" + "KU-" + _uuid(),
    "Netlify token": lambda: "nf" + "p_" + drawn(36),
    "Supabase token": lambda: "sb" + "p_" + drawn(40, _HEX),
    "PlanetScale password": lambda: "pscale" + "_pw_" + drawn(43, _URL),
    "Databricks token": lambda: "da" + "pi" + drawn(32, _HEX),
    "Tailscale key": lambda: "ts" + "key-auth-" + drawn(16) + "-" + drawn(32),
    "Vault token": lambda: "hv" + "s." + drawn(90, _URL),
    "Terraform Cloud token": lambda: drawn(14) + ".atlas" + "v1." + drawn(67, _URL),
    "Pulumi token": lambda: "pu" + "l-" + drawn(40, _HEX),
    "Doppler token": lambda: "dp" + ".pt." + drawn(43),
    "age key": lambda: "AGE-SECRET" + "-KEY-1" + drawn(58, _UPPER),
    "JWT": _jwt,
    "GitHub token": lambda: "gh" + "p_" + drawn(36),
    "GitHub app token": lambda: "gh" + "s_" + drawn(36),
    "GitHub fine-grained token": lambda: "github" + "_pat_" + drawn(22) + "_" + drawn(59),
    "GitLab token": lambda: "gl" + "pat-" + drawn(20, _URL),
    "Bitbucket password": lambda: "AT" + "BB" + drawn(32),
    "Atlassian token": lambda: "ATA" + "TT3xFfGF0" + drawn(170, _URL),
    "npm token": lambda: "np" + "m_" + drawn(36),
    "PyPI token": lambda: "py" + "pi-AgEIcHlwaS5vcmc" + drawn(150, _URL),
    "RubyGems key": lambda: "ruby" + "gems_" + drawn(48, _HEX),
    "crates.io token": lambda: "ci" + "o" + drawn(32),
    "NuGet key": lambda: "oy" + "2" + drawn(43, _LOWER),
    "Docker Hub token": lambda: "dck" + "r_pat_" + drawn(27, _URL),
    "Sonar token": lambda: "sq" + "p_" + drawn(40, _HEX),
    "Slack bot token": lambda: "xo" + "xb-" + drawn(12, string.digits) + "-" + drawn(12, string.digits) + "-" + drawn(24),
    "Slack app token": lambda: "xa" + "pp-1-A" + drawn(10, _UPPER) + "-" + drawn(13, string.digits) + "-" + drawn(64, _HEX),
    "Slack webhook": lambda: (
        "https://hooks.slack" + ".com/services/T" + drawn(8, _UPPER) + "/B" + drawn(10, _UPPER) + "/" + drawn(24)
    ),
    "Discord token": lambda: "M" + drawn(23) + "." + drawn(6) + "." + drawn(38, _URL),
    "Telegram token": lambda: drawn(10, "123456789") + ":A" + "A" + drawn(33, _URL),
    "Twilio key": lambda: "S" + "K" + drawn(32, _HEX),
    "SendGrid key": lambda: "S" + "G." + drawn(22, _URL) + "." + drawn(43, _URL),
    "Mailgun key": lambda: "ke" + "y-" + drawn(32, _HEX),
    "Mailchimp key": lambda: drawn(32, _HEX) + "-us" + "14",
    "Brevo key": lambda: "xkey" + "sib-" + drawn(64, _HEX) + "-" + drawn(16),
    "Stripe key": lambda: "sk" + "_live_" + drawn(24),
    "Stripe restricted key": lambda: "rk" + "_live_" + drawn(99),
    "webhook signing secret": lambda: "wh" + "sec_" + drawn(32),
    "Square token": lambda: "sq0" + "atp-" + drawn(22, _URL),
    "Shopify token": lambda: "shp" + "at_" + drawn(32, _HEX),
    "Braintree token": lambda: "access_" + "token$production$" + drawn(16, _LOWER) + "$" + drawn(32, _HEX),
    "OpenAI key": lambda: "sk" + "-proj-" + drawn(74, _URL) + "T3Blbk" + "FJ" + drawn(74, _URL),
    "older OpenAI key": lambda: "s" + "k-" + drawn(20) + "T3Blbk" + "FJ" + drawn(20),
    "Anthropic key": lambda: "sk" + "-ant-api03-" + drawn(93, _URL) + "AA",
    "Groq key": lambda: "gs" + "k_" + drawn(52),
    "Hugging Face token": lambda: "h" + "f_" + drawn(34, string.ascii_letters),
    "Replicate token": lambda: "r" + "8_" + drawn(37),
    "Perplexity key": lambda: "pp" + "lx-" + drawn(48),
    "LangSmith key": lambda: "ls" + "v2_pt_" + drawn(32, _HEX) + "_" + drawn(10, _HEX),
    "Pinecone key": lambda: "pc" + "sk_" + drawn(68),
    "New Relic key": lambda: "NR" + "AK-" + drawn(27, _UPPER),
    "Sentry token": lambda: "snt" + "ryu_" + drawn(64, _HEX),
    "Grafana token": lambda: "gl" + "sa_" + drawn(32) + "_" + drawn(8, _HEX),
    "Notion token": lambda: "nt" + "n_" + drawn(46),
    "Linear key": lambda: "lin" + "_api_" + drawn(40),
    "Airtable token": lambda: "pat" + drawn(14) + "." + drawn(64, _HEX),
    "Figma token": lambda: "fi" + "gd_" + drawn(40, _URL),
    "HubSpot token": lambda: "pa" + "t-na1-" + _uuid(),
    "Postman key": lambda: "PM" + "AK-" + drawn(24, _HEX) + "-" + drawn(34, _HEX),
    "password hash": lambda: "$2" + "b$12$" + drawn(53, _ALL + "./"),
}
TELLING = {kind: make() for kind, make in _MAKERS.items()}
"""What says by itself what it is."""

_password = "Tr0ub4dor-" + drawn(4)
TOLD: dict[str, tuple[str, str]] = {
    "password in Python": ("connect(host, password={!r})", drawn(12)),
    "weak password": ('DB_PASSWORD = "{}"', "letmein" + "again"),
    "Django secret key": ('SECRET_KEY = "{}"', "v8sk33sy82!uw3ty=!jjv5vp7=s2phrzw(" + drawn(8)),
    "Flask secret key": ('app.config["SECRET_KEY"] = "{}"', drawn(24)),
    "Express session secret": ("app.use(session({{ secret: '{}', resave: false }}))", "keyboard-" + drawn(5)),
    "default of a variable": ('key = os.environ.get("API_KEY", "{}")', drawn(20)),
    "default in JavaScript": ('const key = process.env.JWT_SECRET || "{}"', drawn(10)),
    "default in PHP": ("'password' => env('DB_PASSWORD', '{}'),", drawn(10)),
    "default in Ruby": ('ENV.fetch("SECRET_KEY_BASE") {{ "{}" }}', drawn(32, _HEX)),
    "default in Spring": ('@Value("${{db.password:{}}}")', drawn(10)),
    "default in a shell": ('echo "${{DB_PASSWORD:-{}}}"', drawn(10)),
    "constant in PHP": ("define('AUTH_KEY', '{}');", drawn(30) + "&^%" + drawn(30)),
    "field in Go": ('	Password: "{}",', drawn(11)),
    "constant in Java": ('private static final String PASSWORD = "{}";', drawn(11)),
    "remark": ("x = 1  # the password is {} for now", drawn(12) + "7"),
    "remark behind code": ("login()  # password: {}", "hunter" + "2xyz"),
    "JWT signed with a word": ("const x = jwt.sign(payload, '{}')", "shhhhh-its-2-" + drawn(3)),
    "login": ('smtp.login("me", "{}")', drawn(9)),
    "data source of Go": ('db, err := sql.Open("mysql", "root:{}@tcp(127.0.0.1:3306)/shop")', drawn(9)),
    "bytes of Go": ('pwd := []byte("{}")', drawn(9)),
    "wrapped": ('password=SecretStr("{}")', drawn(9)),
    "escaped quotes": ('x = "{{\\"password\\": \\"{}\\"}}"', drawn(9)),
    "quotes within": ("password = 'it\\'s-{}'", drawn(9)),
    "passphrase": ('passphrase="correct horse battery {}"', "staple"),
    "words of a wallet": ('MNEMONIC="legal winner thank year wave sausage {}"', "worthy"),
    "kubectl": ("kubectl create secret generic x --from-literal=key={}", drawn(9)),
    "Kotlin": ('environment("DB_PASSWORD" to "{}")', drawn(9)),
    "setter": ('dataSource.setPassword("{}");', drawn(11)),
    "builder": ('client = builder.withApiKey("{}")', drawn(20)),
    "comparison": ('if token == "{}":', drawn(16)),
    "attribute in XML": ('<add key="DbPassword" value="{}" />', drawn(10)),
    "element in XML": ("<password>{}</password>", drawn(10)),
    "JSON": ('{{"api_key": "{}"}}', drawn(20)),
    "JSON with name and value": ('{{"name": "DB_PASSWORD", "value": "{}"}}', drawn(10)),
    "address with a password": ('url = "postgres://app:{}@db:5432/shop"', drawn(10) + "%21"),
    "address of Redis": ("redis.from_url('redis://:{}@cache:6379/0')", drawn(14)),
    "address with a token": ('git clone "https://{}@github.com/a/b"', drawn(30)),
    "connection string": ('"Server=db;User Id=sa;Password={};TrustServerCertificate=true"', drawn(10)),
    "JDBC": ('"jdbc:mysql://db/shop?user=app&password={}"', drawn(10)),
    "storage account": ('"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={};EndpointSuffix=x"', drawn(86) + "=="),
    "authorization header": ('headers = {{"Authorization": "Bearer {}"}}', drawn(40)),
    "basic authorization": ('"Authorization: Basic {}"', base64.b64encode(b"admin:" + _password.encode()).decode()),
    "curl": ("curl -u admin:{} https://api.example.org", drawn(10)),
    "command's option": ("deploy --password {} --wait", drawn(10)),
    "mysql": ("mysql -u root -p{} shop", drawn(10)),
    "exported variable": ("export API_TOKEN={}", drawn(20)),
    "SQL user": ("CREATE USER app IDENTIFIED BY '{}';", drawn(10)),
    "SQL role": ("ALTER ROLE app WITH PASSWORD '{}';", drawn(10)),
    "npmrc": ("//registry.npmjs.org/:_authToken={}", drawn(36)),
    "drawn key without a name": ('cipher = AES.new("{}")', drawn(44)),
}
"""What a line around it tells: the line, and the secret."""

SETTINGS: dict[str, tuple[str, str, str]] = {
    "environment file, named": (".env", "SESSION_DRIVER=file\nMAIL_PASSWORD={}\n", "letmein" + "too"),
    "environment file, unnamed": (".env.production", "SESSION_DRIVER=file\nSOMETHING={}\n", drawn(9)),
    "environment file, commented out": (".env", "#OLD={}\nCACHE_STORE=file\n", drawn(14)),
    "YAML": ("config/app.yml", "database:\n  username: shop\n  password: {}\n", "corr3ct-horse"),
    "properties": ("application.properties", "spring.datasource.password={}\n", "batterystaple"),
    "INI": ("setup.ini", "[db]\npassword = {}\n", "stapl3r"),
    "Dockerfile": ("Dockerfile", "FROM python:3\nENV DB_PASSWORD {}\n", "fr1day-night"),
    "Compose": ("compose.yaml", 'services:\n  app:\n    environment:\n      - "POSTGRES_PASSWORD={}"\n', "saturdayn1ght"),
    "container's variable": ("deploy.yaml", "env:\n  - name: DB_PASSWORD\n    value: {}\n", "sunday"),
    "Kubernetes secret": ("secret.yaml", "apiVersion: v1\nkind: Secret\ndata:\n  anything: {}\n", "aHVudGVyMg=="),
    "Kubernetes secret, in words": ("s.yaml", "kind: Secret\nstringData:\n  anything: {}\n", "some words"),
    "Terraform variable": ("main.tf", 'variable "db_password" {{\n  type    = string\n  default = "{}"\n}}\n', "monday"),
    "Terraform values": ("prod.tfvars", 'db_password = "{}"\n', "tuesday"),
    "CloudFormation": ("stack.yaml", "Parameters:\n  DBPassword:\n    Type: String\n    Default: {}\n", "wednesday"),
    "Redis": ("redis.conf", "port 6379\nrequirepass {}\n", "thursday"),
    "kubeconfig": ("config", "users:\n- user:\n    client-key-data: {}\n", drawn(200)),
    "Docker login": (".docker/config.json", '{{"auths": {{"r.io": {{"auth": "{}"}}}}}}\n', base64.b64encode(b"me:" + _password.encode()).decode()),
    "netrc": (".netrc", "machine a.org login me password {}\n", "frid4y"),
    "pgpass": (".pgpass", "db:5432:shop:app:{}\n", "s4turday"),
    "Rails": ("config/secrets.yml", "production:\n  secret_key_base: {}\n", drawn(128, _HEX)),
    "WordPress": ("wp-config.php", "<?php\ndefine( 'DB_PASSWORD', '{}' );\n", "sunnyday"),
    "YAML block": ("values.yaml", "tls_private_key: |\n  {}\nother: 1\n", drawn(20)),
}  # fmt: skip
"""What a file tells: its name, its text, and the secret."""


def key_block(kind: str = "RSA PRIVATE KEY") -> tuple[str, list[str]]:
    """A private key as it stands in a file, and its lines."""
    body = [drawn(64, _ALL + "+/") for _ in range(6)] + [drawn(22) + "=="]
    return "\n".join((f"-----BEGIN {kind}" + "-----", *body, f"-----END {kind}" + "-----")), body
