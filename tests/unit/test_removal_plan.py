"""What an uninstall takes away and what it leaves behind."""

from catalog_web.install.release_record import Hook, ReleaseRecord
from catalog_web.install.removal_plan import RemovalPlan, Thing, removal_plan

SET = """---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  volumeClaimTemplates:
    - metadata:
        name: data
"""
KEPT = """---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: backup
  annotations:
    "helm.sh/resource-policy": keep
"""
DEFINITION = """---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.org
"""


def plan(manifest: str, hooks: tuple[Hook, ...] = ()) -> RemovalPlan:
    record = ReleaseRecord("db", 1, "deployed", "", "", "db", "1.0.0", "", {}, manifest, hooks, None, None)
    return removal_plan(record, "apps")


def test_objects_of_the_release_go() -> None:
    assert plan(SET).goes == (Thing("StatefulSet", "apps", "db"),)


def test_volumes_that_a_stateful_set_claimed_stay() -> None:
    assert plan(SET).claims == ("data-db-",)


def test_what_the_chart_wants_to_be_kept_stays() -> None:
    found = plan(SET + KEPT)
    assert found.kept == (Thing("PersistentVolumeClaim", "apps", "backup"),)
    assert found.kept[0] not in found.goes


def test_definitions_among_the_templates_go_and_are_told_apart() -> None:
    found = plan(DEFINITION)
    assert (found.goes, found.definitions) == ((), (Thing("CustomResourceDefinition", "", "widgets.example.org"),))


def test_hooks_stay_unless_they_say_when_they_go() -> None:
    stays = Hook("migrate", "Job", ("pre-install",), "", "Succeeded", ())
    goes = Hook("test", "Pod", ("test",), "", "", ("hook-succeeded",))
    assert plan("", (stays, goes)).hooks == (Thing("Job", "apps", "migrate"),)


def test_what_cannot_be_read_makes_nothing_fail() -> None:
    assert plan("a: [\n---\n- 1\n---\nkind: StatefulSet\nspec: []\n").claims == ()
