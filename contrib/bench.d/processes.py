"""What the measuring programs of contrib/bench ask of processes. Standard library only."""
import os
import pathlib
import re
import resource
import subprocess
import sys
import time


class Process:
    """What the system tells of a process."""

    def __init__(self, pid):
        self.path = pathlib.Path(f"/proc/{pid}")
        # clock_getcpuclockid(3) of Linux: the clock of all its threads, those that ended, too.
        self.clock = ~pid << 3 | 2

    def cpu(self):
        """Seconds of user and system time since its start: /proc/PID/stat has only hundredths."""
        return time.clock_gettime(self.clock)

    def memory(self, key):
        """VmHWM or VmRSS in MB; 0 once it has ended."""
        try:
            found = re.search(rf"{key}:\s+(\d+) kB", (self.path / "status").read_text())
        except (FileNotFoundError, ProcessLookupError):
            return 0
        return int(found[1]) / 1024 if found else 0

    def forget_peak(self):
        """Has VmHWM begin anew. Only root may: the broker keeps others out of its memory."""
        try:
            (self.path / "clear_refs").write_text("5")
        except PermissionError:
            pass


def run_client(command, lines):
    """Runs a client of the server; gives what it prints, CPU seconds, peak MB, and all seconds."""
    start = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as child:
        process = Process(child.pid)
        child.stdin.write("".join(line + "\n" for line in lines))
        child.stdin.close()
        peak = 0
        while not (ended := os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)):
            # Clients that are over sooner tell their peak themselves.
            peak = max(peak, process.memory("VmHWM"))
            time.sleep(0.002)
        seconds = time.monotonic() - start
        output = child.stdout.read()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    if ended.si_status != 0:
        sys.exit(f"bench: {command[0]} ended with {ended.si_status}")
    return output, cpu, peak, seconds
