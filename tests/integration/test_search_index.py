"""The index on disk: what it finds, how it follows the store, and what it survives."""

import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from search_feed import MemoryFeed, chart, world

from indexer.errors import BadQuery, SearchUnavailable, StoreUnavailable
from indexer.search import whoosh_index
from indexer.search.columns import Columns
from indexer.search.query import MAX_LENGTH
from indexer.search.request import SearchRequest
from indexer.search.whoosh_index import SearchIndex

ROOT = Path(__file__).parents[2]


@pytest.fixture
def index(tmp_path):
    opened = SearchIndex(tmp_path / "search")
    yield opened
    opened.close()


def found(index, text="", **request):
    return [f"{hit.source}/{hit.name}" for hit in index.search(SearchRequest(text, limit=100, **request)).hits]


def everything(index):
    """All that a reader can see of an index, for some questions."""
    texts = ("", "chart", "kind1", "state", "监控", "lantern2", "chart-7", "k3", "step kind2", "hopper")
    return [index.search(SearchRequest(text, limit=100)) for text in texts]


def rebuilt(tmp_path, feed):
    fresh = SearchIndex(tmp_path / "rebuilt")
    fresh.rebuild(feed)
    seen = everything(fresh)
    fresh.close()
    return seen


def wait_until(true):
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError


def built_anew(tmp_path, index, feed):
    before = (tmp_path / "search" / "current").read_text()
    index.follow(feed)
    return (tmp_path / "search" / "current").read_text() != before


SHELF = (
    chart("argo/argo-cd", "GitOps continuous delivery", ["gitops"]),
    chart("argo/argo-rollouts", "Progressive delivery"),
    chart("stable/redis", "A data store", ["database", "cache"], readme="# Redis\n\nKeeps **sorted sets** in memory."),
    chart("stable/mysql", "A relational database", ["database"]),
    chart("stable/rabbit", "用于集群监控和日志收集", ["消息队列"], readme="支持高可用数据库备份"),
    chart("stable/rocket", "Ships 🚀 to 100% of “users” under_score"),
)


# -- what it finds


def test_a_chart_is_found_by_name_keyword_description_readme_and_maintainer(index):
    index.follow(MemoryFeed(*SHELF))
    assert found(index, "redis") == ["stable/redis"]
    assert set(found(index, "database")) == {"stable/redis", "stable/mysql", "stable/rabbit"}
    assert found(index, "progressive") == ["argo/argo-rollouts"]
    assert found(index, "sorted sets") == ["stable/redis"]
    assert len(found(index, "grace hopper")) == len(SHELF)
    assert found(index, "argo/argo-cd")[0] == "argo/argo-cd"


@pytest.mark.parametrize("text", ["监控", "日志收集", "集群监控", "数据库备份", "队列", "消"])
def test_chinese_is_found_in_the_middle_of_a_run(index, text):
    index.follow(MemoryFeed(*SHELF))
    assert found(index, text)[0] == "stable/rabbit"


def test_english_and_chinese_words_find_each_other(index):
    index.follow(MemoryFeed(*SHELF))
    assert found(index, "缓存") == ["stable/redis"]
    assert found(index, "关系型数据库") == ["stable/mysql"]
    assert found(index, "log collect") == found(index, "message queue") == ["stable/rabbit"]
    assert found(index, "redis缓存") == ["stable/redis"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('"continuous delivery"', "argo-cd"),
        ('"delivery continuous"', ""),
        ("delivery -gitops", "argo-rollouts"),
        ("delivery -argo-cd", "argo-rollouts"),
        ("databases", "mysql redis rabbit"),
        ("keyword:cache", "redis"),
        ("source:argo -name:argo-cd", "argo-rollouts"),
        ("argoCD", "argo-cd"),
        ("argocd", "argo-cd"),
    ],
)
def test_a_query_means_what_it_says(index, text, name):
    index.follow(MemoryFeed(*SHELF))
    assert {title.partition("/")[2] for title in found(index, text, exact=True)} == set(name.split())


def test_a_word_of_several_terms_is_found_where_all_of_them_are(index):
    index.follow(MemoryFeed(chart("one", "A load balancer"), chart("two", "load only"), chart("three", "lb")))
    assert found(index, "lb ") == ["sample/three", "sample/one"]


def test_a_hit_tells_where_it_matched(index):
    index.follow(MemoryFeed(*SHELF))
    [hit] = index.search(SearchRequest("sorted ")).hits
    assert [(match.field, match.snippet) for match in hit.matched] == [("readme", "Redis Keeps sorted sets in memory.")]
    assert ("sorted", True) in hit.matched[0].parts


def test_a_page_of_hits_goes_to_the_end(index):
    index.follow(MemoryFeed(*(chart(f"c{n:03}") for n in range(130))))
    pages = [index.search(SearchRequest(sort="name", limit=50, offset=at)) for at in (0, 50, 100, 150)]
    assert [len(page.hits) for page in pages] == [50, 50, 30, 0]
    assert {page.total for page in pages} == {130}
    assert [hit.name for page in pages for hit in page.hits] == [f"c{n:03}" for n in range(130)]


def test_H5_at_most_a_hundred_hits_are_given_whatever_is_asked(index):
    index.follow(MemoryFeed(*(chart(f"c{n:03}") for n in range(130))))
    assert len(index.search(SearchRequest(limit=10**9, offset=-1)).hits) == 100


@pytest.mark.parametrize("text", ["NOT " * 64, "(" * 256, "OR " * 85, "*a*", "a~9", "[a TO z]", "redis^999", "a AND"])
def test_H2_H3_what_would_be_a_query_language_elsewhere_is_searched_as_words(index, text):
    index.follow(MemoryFeed(*SHELF))
    result = index.search(SearchRequest(text))
    assert result.notes
    assert result.total < len(SHELF)


def test_H4_signs_are_literal_text(index):
    index.follow(MemoryFeed(*SHELF))
    assert found(index, "🚀") == found(index, "100%") == found(index, '"users"') == ["stable/rocket"]
    assert found(index, "under_score") == ["stable/rocket"]
    assert found(index, "%") == found(index, "_") == found(index, "r_dis") == found(index, "r%s") == []
    with pytest.raises(BadQuery):
        index.search(SearchRequest("a\0b"))


def test_H1_a_text_of_a_megabyte_is_refused(index):
    index.follow(MemoryFeed(*SHELF))
    with pytest.raises(BadQuery):
        index.search(SearchRequest("x" * 1_000_000))
    with pytest.raises(BadQuery):
        index.suggest("x" * 1_000_000)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    opened = SearchIndex(tmp_path_factory.mktemp("shelf") / "search")
    opened.follow(MemoryFeed(*SHELF))
    yield opened
    opened.close()


PIECES = ("image:", "crd:", "kube:1.30", "app:2", "-", '"', "redis", "argo-cd", "监控", " ", ":", "deprecated:yes", "/")
FIELDS = st.lists(st.sampled_from(PIECES), max_size=20).map("".join)


@settings(max_examples=200)
@given(st.text(max_size=MAX_LENGTH) | st.text(alphabet="argo-cd /redis监控%*~()\"':", max_size=MAX_LENGTH) | FIELDS)
def test_any_text_is_answered_or_refused_as_a_bad_query(shelf, text):
    try:
        result = shelf.search(SearchRequest(text))
        shelf.suggest(text)
    except BadQuery:
        assert "\0" in text
    else:
        assert len(result.hits) <= result.total <= len(SHELF)


NAMES = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9._-]{0,30}[a-zA-Z0-9])?", fullmatch=True)
SHORT_NAMES = st.from_regex(r"[ab.A1][ab.A1-]{0,5}", fullmatch=True).filter(lambda name: name.strip("-."))
CHINESE = st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2, max_size=30)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(NAMES | SHORT_NAMES, min_size=1, max_size=12, unique=True), st.randoms(use_true_random=False))
def test_a_charts_own_name_always_finds_it_first(tmp_path, names, rng):
    described = [chart(name, " ".join(rng.sample(names, rng.randrange(len(names) + 1))), names[:3]) for name in names]
    index = SearchIndex(tmp_path / "search")
    index.rebuild(MemoryFeed(*described))
    for name in names:
        assert found(index, name)[0] == f"sample/{name}"
    index.close()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(CHINESE, st.data())
def test_any_two_neighbouring_chinese_characters_of_a_description_find_it(tmp_path, description, data):
    at = data.draw(st.integers(0, len(description) - 2))
    assume(description[at : at + 2].isalnum())
    index = SearchIndex(tmp_path / "search")
    index.rebuild(MemoryFeed(chart("one", f"用 {description}."), chart("other", "logs")))
    assert "sample/one" in found(index, description[at : at + 2])
    index.close()


# -- how it follows


def test_it_follows_what_was_added_changed_and_removed(index):
    feed = MemoryFeed(chart("one", "logs"), chart("two", "logs"))
    assert index.follow(feed) == 2
    feed.put(chart("three", "logs"), chart("two", "metrics"))
    feed.remove("sample", "one")
    assert index.lag(feed) == 3
    assert index.follow(feed) == 5
    assert index.lag(feed) == 0
    assert found(index, "logs") == ["sample/three"]
    assert found(index, "metrics") == ["sample/two"]


def test_following_again_and_again_gives_the_same_as_building_anew(index, tmp_path):
    index.follow(world(0))
    for row in range(0, 120, 7):
        feed = world(row)
        assert not built_anew(tmp_path, index, feed)
    assert everything(index) == rebuilt(tmp_path, feed)


def test_many_followed_changes_leave_few_files(index, tmp_path):
    feed = MemoryFeed(*(chart(f"c{n}") for n in range(5)))
    index.follow(feed)
    for n in range(40):
        feed.put(chart(f"c{n % 5}", f"state {n}"))
        assert not built_anew(tmp_path, index, feed)
    [folder] = (tmp_path / "search").glob("index-*")
    assert len(list(folder.iterdir())) < 15


def test_nothing_new_writes_nothing(index, tmp_path):
    feed = MemoryFeed(*SHELF)
    index.follow(feed)
    before = sorted(path.name for path in (tmp_path / "search").rglob("*"))
    assert index.follow(feed) == len(SHELF)
    assert sorted(path.name for path in (tmp_path / "search").rglob("*")) == before


def test_an_empty_store_is_an_empty_catalog(index):
    index.follow(MemoryFeed())
    result = index.search(SearchRequest())
    assert (result.total, result.hits) == (0, ())
    assert index.lag(MemoryFeed()) == 0


def test_more_changes_than_are_read_at_once_are_one_commit(index, monkeypatch):
    monkeypatch.setattr(whoosh_index, "BATCH", 4)
    index.follow(MemoryFeed())
    assert index.follow(MemoryFeed(*(chart(f"c{n}") for n in range(11)))) == 11
    assert index.search(SearchRequest()).total == 11


def test_a_large_index_in_several_segments_answers_as_one_does(index, monkeypatch):
    charts = [chart(f"c{n}", f"number {n}", [f"k{n % 3}"]) for n in range(12)]
    index.rebuild(MemoryFeed(*charts))
    before = everything(index)
    monkeypatch.setattr(whoosh_index, "SEGMENT", 4)
    index.rebuild(MemoryFeed(*charts))
    assert everything(index) == before
    assert index.lag(MemoryFeed(*charts)) == 0


def test_a_reader_sees_a_newer_commit_without_being_opened_again(index, tmp_path):
    feed = MemoryFeed(*SHELF)
    index.follow(feed)
    reader = SearchIndex(tmp_path / "search")
    assert found(reader, "vault") == []
    feed.put(chart("vault"))
    index.follow(feed)
    wait_until(lambda: found(reader, "vault") == ["sample/vault"])
    feed.put(chart("vault-operator"))
    index.rebuild(feed)
    wait_until(lambda: len(found(reader, "vault")) == 2)
    reader.close()


@pytest.fixture
def gate(monkeypatch):
    """Whatever opens a commit for questions waits in it until it is let through."""
    made = Gate()
    monkeypatch.setattr(whoosh_index, "Columns", made.columns)
    yield made
    made.open.set()


class Gate:
    def __init__(self):
        self.reached, self.open, self.openers = threading.Event(), threading.Event(), 0
        self.open.set()

    def columns(self, rows):
        self.openers += 1
        self.reached.set()
        assert self.open.wait(60)
        return Columns(rows)

    def shut(self):
        self.openers = 0
        self.reached.clear()
        self.open.clear()


def test_questions_are_answered_while_a_followed_commit_is_made_ready(index, gate):
    feed = MemoryFeed(*SHELF)
    index.follow(feed)
    assert found(index, "vault") == []
    feed.put(chart("vault"))
    gate.shut()
    follower = threading.Thread(target=index.follow, args=[feed], daemon=True)
    follower.start()
    assert gate.reached.wait(60)
    assert found(index, "redis") == ["stable/redis"]
    assert found(index, "vault") == []
    gate.open.set()
    follower.join()
    assert found(index, "vault") == ["sample/vault"]
    assert gate.openers == 1


def test_questions_are_answered_while_a_commit_of_another_process_is_made_ready_once(index, gate, tmp_path):
    feed = MemoryFeed(*SHELF)
    index.follow(feed)
    reader = SearchIndex(tmp_path / "search")
    assert found(reader, "vault") == []
    feed.put(chart("vault"))
    index.follow(feed)
    gate.shut()
    for _ in range(5):
        assert found(reader, "redis") == ["stable/redis"]
        assert reader.lag(feed) == 0
    assert gate.reached.wait(60)
    assert gate.openers == 1
    gate.open.set()
    wait_until(lambda: found(reader, "vault") == ["sample/vault"])
    reader.close()


def test_following_opens_nothing_for_questions_that_nobody_asks(index, gate):
    feed = MemoryFeed(*SHELF)
    index.follow(feed)
    feed.put(chart("vault"))
    index.follow(feed)
    assert gate.openers == 0


def test_the_index_of_another_store_is_built_anew(index, tmp_path):
    index.follow(MemoryFeed(*SHELF))
    other = MemoryFeed(chart("vault"), store_id="store-2")
    assert index.lag(other) > 0
    assert built_anew(tmp_path, index, other)
    assert found(index) == ["sample/vault"]


def test_an_index_of_another_format_is_built_anew(index, tmp_path, monkeypatch):
    feed = MemoryFeed(*SHELF)
    index.follow(feed)
    monkeypatch.setattr(whoosh_index, "FORMAT", whoosh_index.FORMAT + 1)
    assert built_anew(tmp_path, index, feed)
    assert not built_anew(tmp_path, index, feed)


def test_an_index_behind_the_log_is_built_anew(index, tmp_path):
    feed = MemoryFeed(*SHELF)
    index.follow(feed)
    feed.put(chart("vault"), chart("consul"))
    feed.pruned = len(SHELF)
    assert not built_anew(tmp_path, index, feed)
    feed.put(chart("nomad"), chart("boundary"))
    feed.pruned = feed.last_change() - 1
    assert built_anew(tmp_path, index, feed)
    assert len(found(index)) == len(SHELF) + 4


def test_an_index_ahead_of_a_store_put_back_from_a_backup_is_built_anew(index, tmp_path):
    index.follow(MemoryFeed(*SHELF, chart("vault")))
    assert built_anew(tmp_path, index, MemoryFeed(*SHELF))
    assert found(index, "vault") == []


# -- what it survives


def test_without_an_index_a_search_says_so_and_deleting_the_folder_loses_nothing(index, tmp_path):
    with pytest.raises(SearchUnavailable):
        index.search(SearchRequest("redis"))
    feed = MemoryFeed(*SHELF)
    assert index.lag(feed) == len(SHELF) + 1
    index.follow(feed)
    before = everything(index)
    shutil.rmtree(tmp_path / "search")
    with pytest.raises(SearchUnavailable):
        index.search(SearchRequest("redis"))
    index.follow(feed)
    assert everything(index) == before


def damage(path, rng):
    size = path.stat().st_size
    at = rng.randrange(size)
    if rng.random() < 0.4:
        with path.open("r+b") as file:
            file.truncate(at)
    else:
        with path.open("r+b") as file:
            file.seek(at)
            file.write(rng.randbytes(min(200, size - at)))


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_index_is_unavailable_at_worst_and_is_then_built_anew(tmp_path, seed):
    rng = random.Random(seed)
    feed = world(60)
    index = SearchIndex(tmp_path / "search")
    index.follow(feed)
    files = [path for path in (tmp_path / "search").rglob("*") if path.is_file() and path.stat().st_size]
    damage(rng.choice(sorted(files)), rng)
    seen = []
    for _ in range(2):
        try:
            seen = everything(index)
            break
        except SearchUnavailable:
            index.follow(feed)
    assert seen
    index.rebuild(feed)
    assert everything(index) == rebuilt(tmp_path, feed)
    index.close()


def test_an_index_that_cannot_be_read_is_built_anew_by_the_next_follower(index, tmp_path):
    feed = MemoryFeed(*SHELF)
    index.follow(feed)
    for segment in (tmp_path / "search").rglob("*.seg"):
        segment.write_bytes(b"\0" * 5_000)
    index.close()
    with pytest.raises(SearchUnavailable) as told:
        index.search(SearchRequest("redis"))
    assert "reindex" in told.value.remedy
    index.follow(feed)
    assert found(index, "redis") == ["stable/redis"]


def test_a_newer_commit_that_cannot_be_read_is_told_and_then_built_anew(index, tmp_path):
    feed = MemoryFeed(*SHELF)
    index.follow(feed)
    assert found(index, "redis") == ["stable/redis"]
    (tmp_path / "search" / "current").write_text("index-of-nothing")

    def is_told():
        try:
            index.search(SearchRequest("redis"))
        except SearchUnavailable:
            return True
        return False

    wait_until(is_told)
    index.follow(feed)
    assert found(index, "redis") == ["stable/redis"]


class BreakingFeed(MemoryFeed):
    """A store that goes away in the middle."""

    def documents(self, keys):
        yield from list(super().documents(keys))[:1]
        raise StoreUnavailable(detail="gone")

    def all_documents(self):
        return self.documents(list(self.charts))


def test_a_store_that_goes_away_in_the_middle_changes_nothing(index):
    feed = MemoryFeed(*SHELF)
    index.follow(feed)
    before = everything(index)
    breaking = BreakingFeed(*SHELF, chart("vault"))
    with pytest.raises(StoreUnavailable):
        index.follow(breaking)
    with pytest.raises(StoreUnavailable):
        index.follow(BreakingFeed(*SHELF, store_id="store-2"))
    assert everything(index) == before
    assert index.lag(feed) == 0
    assert index.follow(MemoryFeed(*SHELF, chart("vault"))) == len(SHELF) + 1
    assert found(index, "vault") == ["sample/vault"]


def test_what_a_killed_build_left_is_removed(index, tmp_path):
    left = tmp_path / "search" / "index-0123"
    left.mkdir(parents=True)
    (left / "MAIN_x.trm").write_bytes(b"x")
    index.follow(MemoryFeed(*SHELF))
    assert len(list((tmp_path / "search").glob("index-*"))) == 1


def test_threads_search_while_another_follows(index):
    feed = MemoryFeed(*SHELF)
    index.follow(feed)
    wrong, done = [], threading.Event()

    def search():
        while not done.is_set():
            try:
                if found(index, "redis")[:1] != ["stable/redis"] or not found(index, "监控"):
                    wrong.append("missing")
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(15):
        feed.put(chart(f"c{n}", "audits"))
        if n % 5 == 4:
            index.rebuild(feed)
        else:
            index.follow(feed)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(found(index, "audits")) == 15


def test_a_follower_killed_at_random_moments_leaves_an_index_that_others_can_use(tmp_path):
    rng = random.Random(7)
    folder, reached = tmp_path / "search", tmp_path / "reached"
    reached.write_text("0")
    reader = SearchIndex(folder)
    for _ in range(10):
        before = reached.read_text()
        follower = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(Path(__file__).parent / "search_feed.py"), str(folder), str(reached)],
            env={"PYTHONPATH": str(ROOT)},
        )
        while reached.read_text() == before:
            assert follower.poll() is None
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.4))
        follower.kill()
        follower.wait()
        row = int(reached.read_text())
        if (folder / "current").exists():
            reader.search(SearchRequest("kind1"))
            assert reader.lag(world(row)) <= row
    feed = world(row)
    reader.follow(feed)
    assert everything(reader) == rebuilt(tmp_path, feed)
    reader.close()
