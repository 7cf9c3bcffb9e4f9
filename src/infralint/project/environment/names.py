"""Names of variables: which one is a slip of another, and which are meant for others than the project's code."""

from __future__ import annotations

import re
from collections.abc import Iterable

from infralint.likeness import distance

# Read by the interpreter, the C library, package managers and libraries by themselves. Sources: CPython 3.14
# "Environment variables"; Requests and httpx on proxies; OpenTelemetry's SDK configuration; Celery, Flask, Gunicorn,
# Uvicorn, boto3, google-auth and Sentry in their documentation of settings.
_OF_LIBRARIES = re.compile(
    r"PYTHON\w*|PIP_\w+|UV_\w+|POETRY_\w+|VIRTUAL_ENV|CONDA_\w+|LD_\w+|MALLOC_\w+|OMP_\w+|OPENBLAS_\w+|MKL_\w+|NUMEXPR_\w+"
    r"|(?i:https?_proxy|no_proxy|all_proxy|ftp_proxy)|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NODE_\w+|NPM_\w+"
    r"|OTEL_\w+|SENTRY_\w+|DD_\w+|NEW_RELIC_\w+|ELASTIC_APM_\w+|AWS_\w+|GOOGLE_\w+|CLOUDSDK_\w+|GCLOUD_\w+|AZURE_\w+|MSI_\w+"
    r"|OPENAI_\w+|ANTHROPIC_\w+|LANGCHAIN_\w+|LANGSMITH_\w+|HF_\w+|HUGGING\w*|TRANSFORMERS_\w+|TOKENIZERS_\w+|CUDA_\w+|NVIDIA_\w+"
    r"|WANDB_\w+|MLFLOW_\w+|RAY_\w+|TORCH_\w+|TF_\w+|TIKTOKEN_\w+|NLTK_\w+|MPL\w+|COHERE_\w+|GROQ_\w+|MISTRAL_\w+|TAVILY_\w+"
    r"|FLASK_\w+|UVICORN_\w+|GUNICORN_\w+|HYPERCORN_\w+|GRANIAN_\w+|WEB_CONCURRENCY|FORWARDED_ALLOW_IPS|CELERY\w*|C_FORCE_ROOT"
    r"|DJANGO_\w+|PG[A-Z]+|MYSQL_\w+|POSTGRES_\w+|MARIADB_\w+|MONGO_INITDB_\w+|REDISCLI_AUTH|STREAMLIT_\w+|GRADIO_\w+|CHAINLIT_\w+"
    r"|PREFECT_\w+|AIRFLOW\w*|DAGSTER_\w+|DBT_\w+|SUPERSET_\w+|JUPYTER\w*|PLAYWRIGHT_\w+|PUPPETEER_\w+|SELENIUM_\w+|CHROME_\w+"
    r"|GRPC_\w+|PROTOCOL_BUFFERS_\w+|KAFKA_\w+|SPARK_\w+|JAVA_\w+|DASK_\w+|NUMBA_\w+|PYDANTIC_\w+|RICH_\w+|FORCE_COLOR|NO_COLOR"
    r"|\w*_EMULATOR_HOST|DOCKER_\w+|COMPOSE_\w+|BUILDKIT_\w+|DEBIAN_FRONTEND|LC_\w+|LANG|LANGUAGE|TZ|TERM|PATH|HOME|USER|SHELL"
    r"|HOSTNAME|PORT|PUID|PGID|UID|GID|UMASK|S6_\w+|TINI_\w+|VIRTUAL_HOST|LETSENCRYPT_\w+|INFISICAL_\w+|DOPPLER_\w+|VAULT_\w+"
)
# Names that platforms, shells and continuous integration set by themselves, wherever the code runs: "Container runtime
# contract" of Cloud Run, "Container environment" of Kubernetes, "Default environment variables" of GitHub, "Defined
# runtime environment variables" of AWS Lambda, "Config vars" of Heroku, "App Service" of Azure; Fly.io, Render and
# Railway.
_OF_PLATFORMS = re.compile(
    r"PATH|HOME|HOSTNAME|PWD|OLDPWD|SHLVL|TERM|USER|USERNAME|LOGNAME|SHELL|LANG|LC_\w+|TMPDIR|TEMP|TMP|TZ|EDITOR|DISPLAY|XDG_\w+"
    r"|PORT|K_\w+|CLOUD_RUN_\w+|GAE_\w+|FUNCTION_\w+|GOOGLE_CLOUD_PROJECT|GCP_PROJECT|KUBERNETES_\w+|\w+_SERVICE_(?:HOST|PORT)\w*"
    r"|\w+_PORT_\d+_\w+|AWS_\w+|ECS_\w+|LAMBDA_\w+|_HANDLER|_X_AMZN_\w+|DYNO|HEROKU_\w+|FLY_\w+|RENDER\w*|RAILWAY_\w+|VERCEL\w*"
    r"|WEBSITE_\w+|WEBSITES_\w+|AZURE_\w+|IDENTITY_\w+|CI|GITHUB_\w+|GITLAB_\w+|RUNNER_\w+|CI_\w+|BUILD_\w+|APPDATA|USERPROFILE"
    r"|LOCALAPPDATA|SYSTEMROOT|COMSPEC|PROGRAMFILES|PYTEST_\w+|TOX_\w+|READTHEDOCS|COLAB_\w+|SPACE_\w+|MODAL_\w+|SLURM_\w+"
    r"|RANK|LOCAL_RANK|WORLD_SIZE|MASTER_ADDR|MASTER_PORT|PS1|COLUMNS|LINES|VIRTUAL_ENV|CONDA_\w+|PYTHON\w*|SSH_\w+|SUDO_\w+"
)
# Pairs of words that one who knows the other writes by mistake; nothing else of so few letters is a slip.
_DIGITS = re.compile(r"\d+")
_SHORT = 5


def is_for_libraries(name: str) -> bool:
    """Whether libraries or tools read a variable of this name by themselves."""
    return _OF_LIBRARIES.fullmatch(name) is not None


def is_of_platforms(name: str) -> bool:
    """Whether a platform, a shell or continuous integration may set it, although no file says so."""
    return _OF_PLATFORMS.fullmatch(name) is not None


def slip(read: str, candidates: Iterable[str]) -> str | None:
    """The only candidate that differs from a name by a prefix, a separator or a typing slip; None where there is none,
    or more than one is as near."""
    ranked = sorted((rank, each) for each in candidates if (rank := _rank(read, each)) is not None)
    if not ranked or (len(ranked) > 1 and ranked[1][0] == ranked[0][0]):
        return None
    return ranked[0][1]


def _rank(read: str, other: str) -> int | None:
    """How far a name is from another: 0 for a separator, 1 for a typing slip, 2 for a prefix; None for another name."""
    one, two = read.upper(), other.upper()
    if read == other or _DIGITS.findall(one) != _DIGITS.findall(two):
        return None
    if _joined(one) == _joined(two):
        return 0
    if _is_typing_slip(one.split("_"), two.split("_")):
        return 1
    return 2 if _is_prefixed(one.split("_"), two.split("_")) else None


def _joined(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(".", "")


def _is_typing_slip(one: list[str], two: list[str]) -> bool:
    """One word differs by one letter, or by two where it is long."""
    if len(one) != len(two):
        return False
    pairs = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    if len(pairs) != 1:
        return False
    a, b = pairs[0]
    longest = max(len(a), len(b))
    if min(len(a), len(b)) < _SHORT:
        # `HOST` and `POST` are two words; `USER` and `USRE` are one.
        return sorted(a) == sorted(b) and distance(a, b) == 1
    return distance(a, b) <= (1 if longest < 8 else 2)


def _is_prefixed(one: list[str], two: list[str]) -> bool:
    """One name is the other behind one or two more words, and two words at least are the same."""
    short, long = sorted((one, two), key=len)
    return 2 <= len(short) < len(long) <= len(short) + 2 and long[-len(short) :] == short
