"""What the measurements were made on."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load() -> float | None:
    """Processes that wanted a processor in the last minute, None where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def description() -> str:
    """Processor, memory, system and Python in one line."""
    system = f"{platform.system()} {platform.release()} ({platform.machine()})"
    return f"{cores()} cores of {_model()}, {_memory()}{system}, Python {platform.python_version()}"


def _memory() -> str:
    """`24 GiB, `; "" where the system does not tell."""
    try:
        pages = os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return ""
    return f"{os.sysconf('SC_PAGE_SIZE') * pages / 2**30:.0f} GiB, "


def _model() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    elif platform.system() == "Darwin":
        done = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False)
        return done.stdout.strip() or platform.processor()
    return platform.processor() or "an unnamed processor"
