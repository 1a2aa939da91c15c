"""How long this process has been running, as far as the system tells."""

from __future__ import annotations

import os
import time

_START_TIME = 22
"""The field of /proc/PID/stat with the ticks from boot to start: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html"""


def seconds_so_far() -> float:
    """Seconds since the process began, to a hundredth; 0 where the system does not say."""
    try:
        with open("/proc/self/stat", encoding="ascii", errors="replace") as stream:
            after_name = stream.read().rpartition(")")[2].split()
        started = int(after_name[_START_TIME - 3]) / os.sysconf("SC_CLK_TCK")
        return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - started)
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0
