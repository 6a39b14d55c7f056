"""Runs programs so that whatever a sanitizer reports is found, in children of theirs, too.

Programs of a build without sanitizers run the same way; then a crash is told by the signal alone.
"""
import os
import resource
import subprocess
import tempfile
from pathlib import Path

# Of a report by a sanitizer; no program uses it.
SANITIZER_CODE = 99
MEMORY_MB = 3000
CPU_LIMIT_S = 200


class Watched:
    """A folder for a run's files, in which no report of a sanitizer may turn up."""

    def __init__(self, prefix="octane_hostile_"):
        self.temporary = tempfile.TemporaryDirectory(prefix=prefix)
        self.folder = Path(self.temporary.name)
        self.reports_folder = self.folder / "sanitizers"
        self.reports_folder.mkdir()
        self.work = self.folder / "work"
        self.work.mkdir()

    def environment(self):
        common = f"log_path={self.reports_folder}/report:exitcode={SANITIZER_CODE}:allow_addr2line=1"
        return {**os.environ, "OCTANE_CONFIG_DIR": str(self.folder / "config"), "NO_COLOR": "1",
                "ASAN_OPTIONS": f"{common}:detect_leaks=1:hard_rss_limit_mb={MEMORY_MB}:detect_stack_use_after_return=1:"
                                "strict_string_checks=1:check_initialization_order=1",
                "UBSAN_OPTIONS": f"{common}:print_stacktrace=1"}

    def reports(self):
        """What sanitizers said, in all programs together."""
        return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in sorted(self.reports_folder.iterdir()))

    def popen(self, command, **options):
        return subprocess.Popen([str(c) for c in command], cwd=self.work, env=self.environment(), stdin=subprocess.DEVNULL,
                                preexec_fn=limit_processor_time, **options)

    def run(self, command, seconds=1200):
        """(code, standard output, standard error) as bytes; a code of None where it did not end."""
        process = self.popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=seconds)
            return process.returncode, out, err
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            return None, out, err

    def close(self):
        self.temporary.cleanup()


def limit_processor_time():
    """A program that hangs and computes is ended however slow its computer is. No core files: sanitizers map terabytes."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT_S, CPU_LIMIT_S + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
