"""Commands in separate processes."""

import json
import re
from pathlib import Path

from core import jobs


def test_a_command_is_started_in_a_separate_process_with_a_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "list.log"
    process = jobs.launch(["list", "--json"], log=log)
    assert process.wait(60) == 0
    assert json.loads(log.read_text()) is not None
    refused = jobs.launch(["no-such-command"], log=log)
    assert refused.wait(60) == 2
    assert re.search("no-such-command", log.read_text())
