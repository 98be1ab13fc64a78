"""Where PyYAML comes without libyaml, reading goes on, slowly and with a warning."""

import subprocess
import sys

PROGRAM = """
import logging, sys
sys.modules["yaml._yaml"] = None  # as where PyYAML was built without it
logging.basicConfig(level=logging.WARNING, stream=sys.stdout)
from indexer.parse import read_index, read_index_fully
body = b"apiVersion: v1\\nentries:\\n"
body += b"  apple:\\n  - name: apple\\n    urls: [a.tgz]\\n    version: 1.0.0\\ngenerated: x\\n"
for read in (read_index, read_index_fully):
    listing = read(body, url="http://x.example/index.yaml")
    print([(one.name, one.version) for one in listing.charts["apple"].versions], listing.end_proven)
"""


def test_an_index_is_read_and_one_warning_says_that_it_is_slow() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert [line for line in lines if "[(" in line] == ["[('apple', '1.0.0')] True"] * 2
    assert len([line for line in lines if "without libyaml" in line]) == 1
