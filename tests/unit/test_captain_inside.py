"""Seen from inside a cluster: the Job that looks from there, and captain's reasons in plain words."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.captain.reasons import in_words
from catalog_web.install.inside import job, job_name, job_yaml
from indexer.errors import fill

URL = "http://charts.example.org:8080/stable"


def container(made: dict[str, Any]) -> dict[str, Any]:
    (one,) = made["spec"]["template"]["spec"]["containers"]
    return dict(one)


# -- the Job


def test_the_job_ends_by_itself_and_is_gone_soon() -> None:
    spec = job("harbor.offline", 443, "captain")["spec"]
    assert (spec["activeDeadlineSeconds"], spec["backoffLimit"], spec["ttlSecondsAfterFinished"]) == (60, 0, 600)
    assert spec["template"]["spec"]["restartPolicy"] == "Never"


def test_the_job_asks_for_nothing_that_the_strictest_standard_refuses() -> None:
    made = job("harbor.offline", 443, "captain")
    pod, one = made["spec"]["template"]["spec"], container(made)
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert one["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "volumes" not in pod


def test_host_and_port_are_variables_and_never_a_part_of_the_script() -> None:
    made = container(job("harbor.offline", 8443, "captain"))
    assert made["env"] == [{"name": "HOST", "value": "harbor.offline"}, {"name": "PORT", "value": "8443"}]
    (shell, option, script) = made["command"]
    assert (shell, option) == ("sh", "-c")
    assert "harbor.offline" not in script
    assert "8443" not in script
    assert not re.search(r"(?<!\")\$(HOST|PORT)(?![^\n]*\")", script)


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("", 443),
        ("-rf", 443),
        ("a;reboot", 443),
        ("$(reboot)", 443),
        ("`reboot`", 443),
        ("a b", 443),
        ("a\nb", 443),
        ("a" * 300, 443),
        ("harbor.offline", 0),
        ("harbor.offline", 65536),
    ],
)
def test_what_is_no_host_or_port_makes_no_job(host: str, port: int) -> None:
    with pytest.raises(ValueError, match="no host"):
        job(host, port, "captain")


@given(st.text(max_size=60), st.integers(-5, 70000))
def test_whatever_makes_a_job_has_no_character_that_a_shell_or_kubernetes_would_take_for_more(
    host: str, port: int
) -> None:
    try:
        made = container(job(host, port, "captain"))
    except ValueError:
        return
    assert re.fullmatch(r"[A-Za-z0-9._:-]+", made["env"][0]["value"])
    assert not host.startswith("-")


@pytest.mark.parametrize("host", ["harbor.offline", "10.0.0.7", "fd00::7", "true", "1e3"])
def test_the_yaml_is_the_job_and_says_how_to_read_what_it_saw(host: str) -> None:
    text = job_yaml(host, 443, "captain")
    assert yaml.safe_load(text) == job(host, 443, "captain")
    assert f"kubectl logs -n captain -f --pod-running-timeout=1m job/{job_name(host, 443)}" in text


def test_the_same_server_has_one_name_and_another_one_another() -> None:
    assert job_name("a", 443) == job_name("a", 443)
    assert len({job_name("a", 443), job_name("a", 444), job_name("b", 443)}) == 3
    assert re.fullmatch(r"[a-z0-9-]{1,63}", job_name("A_b", 1))


@pytest.mark.parametrize(("known", "answers"), [(True, True), (True, False), (False, False)])
def test_the_script_says_what_it_found(tmp_path: Any, known: bool, answers: bool) -> None:
    for name, good in (("nslookup", known), ("nc", answers)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {0 if good else 1}\n")
        (tmp_path / name).chmod(0o755)
    script = container(job("harbor.offline", 443, "captain"))["command"][2]
    path = f"{tmp_path}:/usr/bin:/bin"
    environment = {"HOST": "harbor.offline", "PORT": "443", "PATH": path}
    shell = shutil.which("sh") or "/bin/sh"
    done = subprocess.run([shell, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert (f"DNS: {'ok' if known else 'FAILED'}, harbor.offline" in done.stdout, done.stderr) == (True, "")
    assert f"TCP: {'ok' if answers else 'FAILED'}, port 443" in done.stdout
    assert done.returncode == (0 if answers else 1)


# -- captain's words


@pytest.mark.parametrize(
    ("reason", "cause", "remedy"),
    [
        ("failed to fetch http://127.0.0.1:28080/index.yaml : 401 Unauthorized",
         "captain is not let in at 127.0.0.1:28080", "user name and password"),
        ('secrets "absent" not found', "The Secret that the ChartRepo names is not there", "Secret"),
        ("failed to fetch http://127.0.0.1:28081/nowhere/index.yaml : 404 Not Found",
         "captain finds no index.yaml at 127.0.0.1:28081", "address"),
        ('Get "http://127.0.0.1:28099/index.yaml": dial tcp 127.0.0.1:28099: connect: connection refused',
         "captain reaches 127.0.0.1:28099, and nothing listens", "port"),
        ('Get "not%20a%20url/index.yaml": unsupported protocol scheme ""',
         "captain can do nothing with the address", "address"),
        ("no source specified for git repo", "names no source", "index"),
        ('Get "http://captain-chartmuseum:8080/x/index.yaml": dial tcp: lookup captain-chartmuseum on 10.96.0.10:53: '
         "no such host", "captain cannot resolve the name captain-chartmuseum:8080", "coredns"),
        ('Get "http://10.1.2.3/index.yaml": dial tcp 10.1.2.3:80: i/o timeout', "captain gets no answer from 10.1.2.3",
         "firewall"),
        ("failed to fetch http://me:hunter2@h:1/index.yaml : 403 Forbidden", "captain may not read at h:1", "password"),
        ("failed to fetch http://h/index.yaml : 502 Bad Gateway", "The server at h answers captain", "two minutes"),
    ],
)  # fmt: skip
def test_the_reasons_that_captain_was_seen_to_give_are_told_in_plain_words(
    reason: str, cause: str, remedy: str
) -> None:
    told = in_words("Failed", reason, URL)
    assert told.state == "failing"
    assert fill(**told.cause).startswith(cause) or cause in fill(**told.cause)
    assert "hunter2" not in fill(**told.cause)
    assert told.remedy is not None
    assert remedy in fill(**told.remedy)


def test_a_reason_that_is_not_known_is_repeated_as_it_stands() -> None:
    told = in_words("Failed", "the moon is in the wrong house", URL)
    assert fill(**told.cause) == "captain says: the moon is in the wrong house"
    assert told.remedy is not None


@pytest.mark.parametrize(("phase", "state"), [("Synced", "ok"), ("", "waiting"), ("Pending", "waiting")])
def test_other_phases_are_told_as_well(phase: str, state: str) -> None:
    told = in_words(phase, "", URL)
    assert told.state == state
    assert fill(**told.cause)


@given(st.text(), st.text(), st.text())
def test_any_words_of_captain_are_told(phase: str, reason: str, url: str) -> None:
    assert fill(**in_words(phase, reason, url).cause)
    assert fill(**in_words("Failed", reason, url).cause)
