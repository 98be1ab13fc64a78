"""What holds secrets on its way to a cluster must not tell them when it is logged or stands in a traceback."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog_web.install.rendering import Rendering
from catalog_web.install.verbs.rolling_back import RollBack
from tests.apps import FORM as UPGRADE
from tests.unit.test_exports import FORM as INSTALL

SECRET = "correct-horse"
VALUES = f"auth:\n  password: {SECRET}\n"


@pytest.mark.parametrize(
    "holder",
    [
        replace(INSTALL, values_yaml=VALUES),
        replace(UPGRADE, values_yaml=VALUES),
        RollBack("home", "apps", "cache", 1, "carol", secret_values=VALUES),
        Rendering(Path("redis.tgz"), {"password": SECRET}, "cache", "apps", secret_values=(SECRET,)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_no_secret_stands_in_what_python_tells_of_it(holder: object) -> None:
    assert SECRET not in repr(holder)
