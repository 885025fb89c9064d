"""Live loops that are killed at any moment, briefly; `python -m benchmarks.kill_loop` does it a thousand times."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_after_twenty_kills_every_refund_was_made_once():
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    call = [sys.executable, "-m", "benchmarks.kill_loop", "--kills", "20", "--seed", "3"]
    ended = subprocess.run(
        call, capture_output=True, text=True, check=False, timeout=300, env={**os.environ, "PYTHONPATH": paths}
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    figures = json.loads(ended.stdout)
    assert figures["differences"] == []
    assert figures["paid_twice"] == 0
    assert figures["refunds"] > 0
    assert figures["owed_minor"] == figures["paid_minor"] + figures["credited_minor"]
