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
