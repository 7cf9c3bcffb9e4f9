"""Which options of container commands take a value.

Docker's CLI reference (docs.docker.com/reference/cli, Docker 28) and Podman's manual pages (Podman 5). An
option that is in none of these sets makes the rest of the command unknown.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Options with their dashes: `switches` take no value (except by `=`), `values` take the next word."""

    switches: frozenset[str]
    values: frozenset[str]


def _options(switches: str, values: str) -> Options:
    return Options(frozenset(switches.split()), frozenset(values.split()))


GLOBAL = _options(
    """
        -D --debug --tls --tlsverify --remote -r
        """,
    """
        --config -c --context -H --host -l --log-level --tlscacert --tlscert --tlskey --connection
        --url
        """,
)
RUN = _options(
    """
        -d --detach --disable-content-trust --help --init -i --interactive --no-healthcheck
        --oom-kill-disable --privileged -P --publish-all -q --quiet --read-only --rm --sig-proxy -t
        --tty --use-api-socket --replace --no-hosts --tls-verify --rmi --env-host
        """,
    """
        --add-host --annotation -a --attach --blkio-weight --blkio-weight-device --cap-add
        --cap-drop --cgroup-parent --cgroupns --cidfile --cpu-count --cpu-percent --cpu-period
        --cpu-quota --cpu-rt-period --cpu-rt-runtime -c --cpu-shares --cpus --cpuset-cpus
        --cpuset-mems --detach-keys --device --device-cgroup-rule --device-read-bps
        --device-read-iops --device-write-bps --device-write-iops --dns --dns-opt --dns-option
        --dns-search --domainname --entrypoint -e --env --env-file --expose --gpus --group-add
        --health-cmd --health-interval --health-retries --health-start-interval
        --health-start-period --health-timeout -h --hostname --io-maxbandwidth --io-maxiops --ip
        --ip6 --ipc --isolation --kernel-memory -l --label --label-file --link --link-local-ip
        --log-driver --log-opt --mac-address -m --memory --memory-reservation --memory-swap
        --memory-swappiness --mount --name --net --net-alias --network --network-alias
        --oom-score-adj --pid --pids-limit --platform -p --publish --pull --restart --runtime
        --security-opt --shm-size --stop-signal --stop-timeout --storage-opt --sysctl --tmpfs
        --ulimit -u --user --userns --uts -v --volume --volume-driver --volumes-from -w --workdir
        --arch --os --pod --secret --authfile
        """,
)
PULL = _options(
    """
        --disable-content-trust --help -q --quiet --tls-verify
        """,
    """
        --platform --arch --os --authfile --creds
        """,
)
# gcloud reference, "gcloud-wide flags" (SDK 500).
GCLOUD = _options(
    "-q --quiet -h --help --log-http --no-log-http --user-output-enabled --no-user-output-enabled",
    """
        --access-token-file --account --billing-project --configuration --flags-file --flatten --format
        --impersonate-service-account --project --trace-token --verbosity
        """,
)
KUBECTL = _options(
    """
        --all --local --record -R --recursive -A --all-namespaces --insecure-skip-tls-verify
        """,
    """
        -n --namespace -f --filename -l --selector -o --output --context --kubeconfig --cluster
        --user -k --kustomize --field-manager --token -s --server --as --as-group --request-timeout
        -v --template
        """,
)
BUILD = _options(
    """
        --compress --disable-content-trust --force-rm --help --load --no-cache --pull --push -q --quiet --rm --squash
        --check --debug -D --tls-verify --layers --format-docker --always --pull-always
        """,
    """
        --add-host --allow --annotation --attest --build-arg --build-context --builder --cache-from --cache-to --call
        --cgroup-parent --cpu-period --cpu-quota -c --cpu-shares --cpuset-cpus --cpuset-mems -f --file --iidfile
        --isolation --label -m --memory --memory-swap --metadata-file --network --no-cache-filter -o --output
        --platform --policy --progress --provenance --sbom --secret --security-opt --shm-size --ssh -t --tag --target
        --ulimit --format --jobs --volume -v --authfile --ignorefile --manifest --build-arg-file --cap-add --device
        """,
)
# Azure CLI 2.7x, `az acr build`.
ACR_BUILD = _options(
    "--no-format --no-logs --no-push --no-wait --debug --verbose --only-show-errors",
    """
        -r --registry -g --resource-group -f --file -t --image --target --build-arg --secret-build-arg --platform
        --agent-pool --auth-mode --log-template --timeout --subscription -o --output --query --source-acr-auth-id
        """,
)
