"""What credentials look like that say by themselves what they are: the forms that their issuers document.

One line a form. A form is searched for in long words only, so it begins where a word may begin and takes what belongs to it.
"""

from __future__ import annotations

from guard.regex import regex

KINDS: tuple[tuple[str, str], ...] = (
    # clouds
    ("AWS access key", r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}"),
    ("AWS session token", r"(?:FwoG|FQoG|IQoJ)[\w/+=]{60,}"),
    ("AWS Bedrock key", r"(?:ABSK[\w+/=]{80,}|bedrock-api-key-[\w+/=]{20,})"),
    ("Google API key", r"AIza[\w-]{33,}"),
    ("Google OAuth token", r"(?:ya29|1//0)[.\w-]{20,}"),
    ("Google client secret", r"GOCSPX-[\w-]{20,}"),
    ("Azure client secret", r"[\w~.-]{3}\dQ~[\w~.-]{31,34}"),
    ("Azure shared access signature", r"sig=[\w%+/=-]{40,}"),
    ("Azure account key", r"(?<!sha512-)[A-Za-z0-9+/]{86}=="),
    ("Azure registry or DevOps key", r"[A-Za-z0-9+/]{20,80}(?:\+ACR|AZDO|\+ASt|ACDb|AzSe|AIoT|ARm|AEh|\+ASb)[\w+/=]{4,}"),
    ("Alibaba access key", r"LTAI[A-Za-z0-9]{12,30}"),
    ("Tencent secret id", r"AKID[A-Za-z0-9]{32}"),
    ("Yandex key", r"(?:AQVN[\w-]{35,}|YC[A-Z]{2}[\w-]{36,}|t1\.[A-Z0-9a-z_-]{20,}[.=\w-]*)"),
    ("DigitalOcean token", r"do[oprt]_v1_[a-f0-9]{40,}"),
    ("Heroku key", r"HRKU-[\w-]{30,}"),
    ("Scaleway access key", r"SCW[A-Z0-9]{17}"),
    ("Cloudflare key", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{100,}"),
    ("Fly.io token", r"(?:fo1_[\w-]{40,}|fm[12][ar]?_[\w+/=-]{60,})"),
    ("Netlify token", r"nf[pocu]_[\w-]{30,}"),
    ("Render key", r"rnd_[A-Za-z0-9]{28,}"),
    ("Supabase key", r"(?:sbp_[a-f0-9]{40}|sb_secret_[\w-]{20,})"),
    ("PlanetScale secret", r"pscale_(?:tkn|oauth|pw)_[\w.=-]{30,}"),
    ("Neon key", r"napi_[a-z0-9]{40,}"),
    ("MongoDB Atlas secret", r"mdb_sa_sk_[\w-]{30,}"),
    ("Aiven password", r"AVNS_[\w-]{10,}"),
    ("Databricks token", r"dapi[a-f0-9]{32}(?:-\d)?"),
    ("Tailscale key", r"tskey-[a-z]+-[\w-]{16,}"),
    # stores of secrets, infrastructure
    ("Vault token", r"(?:hv[sbr]\.[\w-]{20,}|s\.(?=[A-Za-z]*\d)[A-Za-z0-9]{24}(?![\w.]))"),
    ("Terraform Cloud token", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{50,}"),
    ("Pulumi token", r"pul-[a-f0-9]{40}"),
    ("Doppler token", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{30,}"),
    ("1Password key", r"(?:ops_eyJ[\w+/=-]{100,}|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{5,11}-?){4,})"),
    ("age key", r"AGE-SECRET-KEY-1[0-9A-Z]{40,}"),
    ("JFrog token", r"(?:AKCp[A-Za-z0-9]{50,}|cmVmd[A-Za-z0-9]{50,})"),
    ("Kubernetes or other JWT", r"ey[JI][\w-]{10,}\.ey[\w-]{8,}(?:\.[\w-]*)?"),
    # code and packages
    ("GitHub token", r"gh[pousr]_[A-Za-z0-9]{30,}"),
    ("GitHub fine-grained token", r"github_pat_\w{22,}"),
    ("GitLab token", r"gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct|wt)-[\w.-]{16,}"),
    ("GitLab registration token", r"GR1348941[\w-]{20,}"),
    ("Bitbucket or Atlassian token", r"(?:ATBB[A-Za-z0-9]{24,}|AT[A-Z]TT3[\w=-]{50,})"),
    ("npm token", r"npm_[A-Za-z0-9]{30,}"),
    ("PyPI token", r"pypi-[\w-]{50,}"),
    ("RubyGems key", r"rubygems_[a-f0-9]{40,}"),
    ("crates.io token", r"cio[A-Za-z0-9]{32}"),
    ("NuGet key", r"oy2[a-z0-9]{43}"),
    ("Docker Hub token", r"dckr_(?:pat|oat)_[\w-]{24,}"),
    ("Clojars token", r"CLOJARS_[a-z0-9]{60}"),
    ("Sonar token", r"sq[pua]_[a-f0-9]{40}"),
    ("CircleCI token", r"CCIP(?:AT|RJ)_[\w-]{40,}"),
    ("Buildkite token", r"bk(?:ua|aa|ba|pt)?_[a-f0-9]{40}"),
    ("Sourcegraph token", r"sgp_(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}"),
    ("Postman key", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    # messages and mail
    ("Slack token", r"(?:xox[a-z]-[\w.-]{10,}|xox[eo]\.[\w.-]{10,}|xapp-\d-[\w-]{20,})"),
    ("Slack webhook", r"hooks\.slack\.com/(?:services|workflows|triggers)/[\w/+-]{20,}"),
    ("Discord token", r"[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,}"),
    ("Discord webhook", r"discord(?:app)?\.com/api/webhooks/\d+/[\w-]{30,}"),
    ("Telegram token", r"\d{8,10}:A[A-Za-z][\w-]{32,}"),
    ("Teams webhook", r"webhook\.office(?:365)?\.com/webhookb2/[\w/-]{30,}"),
    ("Twilio key", r"SK[a-f0-9]{32}"),
    ("SendGrid key", r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    ("Mailgun key", r"key-[a-f0-9]{32}"),
    ("Mailchimp key", r"[a-f0-9]{32}-us\d{1,2}"),
    ("Brevo key", r"xkeysib-[a-f0-9]{50,}-\w{16}"),
    ("Resend key", r"re_[A-Za-z0-9]{6,10}_[A-Za-z0-9]{18,}"),
    ("Firebase server key", r"AAAA[\w-]{7}:[\w-]{100,}"),
    ("Asana token", r"[12]/\d{10,}:[a-f0-9]{32}"),
    ("Amazon MWS token", r"amzn\.mws\.[0-9a-f-]{36}"),
    ("encoded key", r"MI[I-K][A-Za-z0-9+/=]{56,}"),
    # money
    ("Stripe key", r"[spr]k_(?:live|test|prod)_[A-Za-z0-9]{16,}"),
    ("webhook signing secret", r"whsec_[\w+/=]{20,}"),
    ("Square token", r"(?:sq0(?:atp|csp)-[\w-]{20,}|EAAA[\w-]{55,})"),
    ("Braintree token", r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}"),
    ("Shopify token", r"shp(?:at|ca|pa|ss|tka)_[a-fA-F0-9]{32}"),
    ("Adyen key", r"AQE[\w+/]{50,}[\w+/=.-]*"),
    ("Plaid token", r"access-(?:sandbox|development|production)-[0-9a-f-]{36}"),
    ("Razorpay key", r"rzp_(?:live|test)_[A-Za-z0-9]{14,}"),
    ("Flutterwave secret", r"FLWSECK(?:_TEST)?-[\w-]{12,}"),
    ("Lob or EasyPost key", r"(?:EZ[AT]K[A-Za-z0-9]{54}|(?:live|test)_(?:pub_)?[a-f0-9]{35})"),
    # models
    ("OpenAI or Anthropic key", r"sk-(?:[a-z0-9]+-)*[\w-]{16,}"),
    ("Groq key", r"gsk_[A-Za-z0-9]{40,}"),
    ("Hugging Face token", r"(?:hf_[A-Za-z]{30,}|api_org_[A-Za-z]{30,})"),
    ("Replicate token", r"r8_[A-Za-z0-9]{36,}"),
    ("Perplexity key", r"pplx-[A-Za-z0-9]{40,}"),
    ("xAI key", r"xai-[A-Za-z0-9]{60,}"),
    ("LangSmith key", r"ls(?:v2_(?:pt|sk)|__)_?[a-f0-9]{32}(?:_[a-f0-9]{10})?"),
    ("Pinecone key", r"pcsk_\w{40,}"),
    ("Nvidia key", r"nvapi-[\w-]{50,}"),
    ("Tavily key", r"tvly-[\w-]{20,}"),
    ("ElevenLabs key", r"sk_[a-f0-9]{40,}"),
    # watching and products
    ("New Relic key", r"NR(?:AK|II|JS|RA|AA)-[\w-]{19,}"),
    ("Sentry token", r"sntry[su]_[\w+/=-]{40,}"),
    ("Grafana token", r"(?:glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|glc_[\w+/=]{32,}|eyJrIjoi[\w+/=]{30,})"),
    ("Honeycomb key", r"hc[a-z]{1,2}[ki][kc]?_[a-z0-9]{26,}"),
    ("Dynatrace token", r"dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{60,}"),
    ("Mapbox token", r"sk\.ey[\w-]{20,}\.[\w-]{16,}"),
    ("Contentful token", r"CFPAT-[\w-]{40,}"),
    ("Notion token", r"(?:secret_[A-Za-z0-9]{40,}|ntn_[A-Za-z0-9]{40,})"),
    ("Linear key", r"lin_(?:api|oauth)_[A-Za-z0-9]{30,}"),
    ("Airtable token", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{50,}"),
    ("Figma token", r"fig[dou][a-z]?_[\w-]{36,}"),
    ("HubSpot token", r"pat-(?:na|eu|ap)\d-[0-9a-f-]{36}"),
    ("Typeform token", r"tfp_[\w-]{40,}"),
    ("Dropbox token", r"sl\.(?:u\.)?[\w-]{100,}"),
    ("Facebook token", r"EAA[A-Za-z0-9]{60,}"),
    ("Twitter bearer", r"A{18,}[\w%]{40,}"),
    ("LaunchDarkly key", r"(?:sdk|mob|api)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    ("Prefect key", r"pn[ub]_[A-Za-z0-9]{36}"),
    ("Readme key", r"rdme_[a-z0-9]{60,}"),
    ("Shippo token", r"shippo_(?:live|test)_[a-f0-9]{40}"),
    ("Duffel token", r"duffel_(?:live|test)_[\w=-]{40,}"),
    ("Frame.io token", r"fio-u-[\w=-]{60,}"),
    ("WakaTime key", r"waka_[0-9a-f-]{36}"),
    ("Harness token", r"(?:pat|sat)\.[\w-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}"),
    ("Ngrok token", r"(?:ak|cr|ngrok)_[A-Za-z0-9]{25,}"),
    ("Deno token", r"dd[pow]_[A-Za-z0-9]{36}"),
    # what passwords are kept as
    ("password hash", r"(?:\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$(?:[156y]|apr1)\$[\w./=-]{1,60}\$[\w./]{20,}|\$(?:argon2(?:id|i|d)|pbkdf2(?:-\w+)?|scrypt)\$[\w./+=$,-]{16,})"),
    ("Django password hash", r"pbkdf2_sha(?:1|256|512)\$\d+\$[\w./+=$-]{20,}"),
)  # fmt: skip
"""The issuer or the name, and the form."""

_LONG_WORD = regex(r"[\w.~+/=:$%,-]{16,}")
_KNOWN = regex("(?<![A-Za-z0-9])(?:" + "|".join(form for _, form in KINDS) + ")", 0)


def known_in(line: str) -> list[tuple[int, int]]:
    """Where, in a line, credentials of a known form stand."""
    return [
        (word.start() + found.start(), word.start() + found.end())
        for word in _LONG_WORD.finditer(line)
        for found in _KNOWN.finditer(word[0])
    ]
