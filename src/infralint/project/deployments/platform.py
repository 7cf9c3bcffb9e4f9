"""Variables that a platform gives to every container, whatever its files say.

Cloud Run, "Container runtime contract" (2025); Kubernetes, "Containers: Container environment" (1.31); Docker,
"docker run: Env" (28); GitHub, "Default environment variables" (2025); Cloud Build, "Build step environment" (2025);
Amazon ECS, "Task metadata endpoint" (2025); AWS Lambda, "Defined runtime environment variables" (2025); App Engine,
"Python 3 runtime: environment variables" (2025); Cloud Run functions, "Configure environment variables" (2025).
"""

from __future__ import annotations

import re

# A runtime starts every process with these.
_EVERYWHERE = r"PATH|HOME|HOSTNAME|PWD|OLDPWD|SHLVL|TERM|_|USER|LOGNAME|SHELL|LANG|LC_\w+|TMPDIR|TZ"
_BY_KIND = {
    "kubernetes": r"KUBERNETES_\w+|[A-Z0-9_]+_SERVICE_(?:HOST|PORT)(?:_\w+)?|[A-Z0-9_]+_PORT(?:_\d+_\w+)?",
    "cloud-run-service": r"PORT|K_SERVICE|K_REVISION|K_CONFIGURATION",
    "cloud-run-job": r"CLOUD_RUN_(?:JOB|EXECUTION|TASK_INDEX|TASK_ATTEMPT|TASK_COUNT)",
    "cloud-run-worker-pool": r"CLOUD_RUN_WORKER_POOL(?:_REVISION)?",
    "cloud-build": r"BUILDER_OUTPUT",
    "workflow-job": r"CI|GITHUB_\w+|RUNNER_\w+|ACTIONS_\w+|ImageOS|ImageVersion",
    "workflow-service": r"CI|GITHUB_\w+",
    "ecs": r"ECS_\w+|AWS_(?:DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_CONTAINER_CREDENTIALS_\w+",
    "function": r"PORT|K_\w+|FUNCTION_\w+|GOOGLE_CLOUD_PROJECT|GCP_PROJECT|AWS_\w+|LAMBDA_\w+|_HANDLER",
    "app-engine": r"PORT|GAE_\w+|GOOGLE_CLOUD_PROJECT|NODE_ENV|SERVER_SOFTWARE",
}
_PATTERNS = {kind: re.compile(rf"{_EVERYWHERE}|{names}") for kind, names in _BY_KIND.items()}
_DEFAULT = re.compile(_EVERYWHERE)


def is_given(kind: str, name: str) -> bool:
    """Whether the platform of a deployment's kind gives a variable of this name to the container."""
    return _PATTERNS.get(kind, _DEFAULT).fullmatch(name) is not None
