"""The configuration: one typed table, all mistakes at once."""

import json
from pathlib import Path

import pytest
import yaml

from indexer import config
from indexer.errors import ConfigError

SHIPPED = Path(__file__).parents[2] / "config" / "chartroom.yaml"


def write(folder: Path, text: str) -> Path:
    file = folder / "chartroom.yaml"
    file.write_text(text)
    return file


def mistakes(folder: Path, text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config.load(write(folder, text), environ)
    return caught.value.cause


def test_the_shipped_file_tells_every_option_with_its_default() -> None:
    values = yaml.safe_load(SHIPPED.read_text())
    assert set(values) == set(config.Options.model_fields)
    for name in ("listen", "public_url", "allow_unauthenticated", "sources_only_configured"):
        assert values[name] == config.Options.model_fields[name].default
    assert Path(values["data_dir"]).name == config.Options.model_fields["data_dir"].default.name


@pytest.mark.parametrize("options", [config.SourceOptions, config.ClusterOptions, config.MirrorOptions])
def test_the_shipped_file_names_every_option_of_what_it_lists(options: type[config.SourceOptions]) -> None:
    text = SHIPPED.read_text()
    assert [name for name in options.model_fields if f"{name}:" not in text] == []


def test_the_shipped_file_has_the_sample_repository_as_its_one_source() -> None:
    loaded = config.load(SHIPPED, {})
    assert [(one.name, one.kind, one.configured) for one in loaded.sources] == [("sample", "directory", True)]
    assert loaded.clusters == ()


def test_relative_paths_count_from_the_file(tmp_path: Path) -> None:
    shop = "{name: b, url: 'https://x.example', password_file: p, username: u, ca_file: c}"
    file = write(tmp_path, f"data_dir: here\nsources: [{{name: a, url: charts}}, {shop}]\n")
    loaded = config.load(file, {})
    assert loaded.data_dir == tmp_path / "here"
    assert loaded.sources[0].url == str(tmp_path / "charts")
    assert (loaded.sources[1].password_file, loaded.sources[1].ca_file) == (str(tmp_path / "p"), str(tmp_path / "c"))


def test_the_kind_follows_from_the_address_where_it_is_not_given(tmp_path: Path) -> None:
    urls = ("https://x.example}", "./folder}", "oci://x.example/charts}", "https://x.example, kind: index}")
    listed = ", ".join(f"{{name: s{number}, url: {url}" for number, url in enumerate(urls))
    file = write(tmp_path, f"sources: [{listed}]")
    found = [(one.kind, one.kind_given) for one in config.load(file, {}).sources]
    assert found == [("index", False), ("directory", True), ("oci", True), ("index", True)]


def test_times_may_be_written_with_a_unit(tmp_path: Path) -> None:
    file = write(tmp_path, "sources: [{name: a, url: 'https://x.example', interval: 2h, timeout: 90}]")
    assert (config.load(file, {}).sources[0].interval, config.load(file, {}).sources[0].timeout) == (7200, 90)


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    file = write(tmp_path, "listen: 127.0.0.1:1\n")
    assert config.load(file, {"CHARTROOM_LISTEN": "127.0.0.1:2"}).listen_port == 2
    assert config.load(file, {"CHARTROOM_LISTEN": "127.0.0.1:2"}, listen="[::1]:3").listen_host == "::1"


def test_lists_in_the_environment_are_json(tmp_path: Path) -> None:
    environ = {"CHARTROOM_SOURCES": '[{"name": "a", "url": "https://x.example"}]'}
    assert config.load(write(tmp_path, ""), environ).sources[0].name == "a"
    assert "CHARTROOM_SOURCES: lists are written as JSON" in mistakes(tmp_path, "", CHARTROOM_SOURCES="a,b")


def test_all_mistakes_are_reported_at_once_with_their_path(tmp_path: Path) -> None:
    text = "lisen: x\nsources: [{name: A, url: 'https://x.example', intervall: 5}]\nclusters: [{name: c}]\n"
    told = mistakes(tmp_path, text)
    assert "lisen: there is no such option" in told
    assert "sources.0.name" in told
    assert "sources.0.intervall: there is no such option" in told
    assert "clusters.0: give either kubeconfig or in_cluster: true" in told


def test_mistakes_of_one_option_do_not_hide_those_between_options(tmp_path: Path) -> None:
    told = mistakes(tmp_path, "lisen: x\nsources: [{name: a, url: u, username: me}, {name: a, url: v}]\n")
    assert "lisen: there is no such option" in told
    assert "sources: the name a stands there twice" in told
    assert "sources.0: username and password_file belong together" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("listen: nowhere", "write it as ADDRESS:PORT"),
        ("listen: 127.0.0.1:70000", "write it as ADDRESS:PORT"),
        ("public_url: example.org", "write it as https://"),
        ("- a", "must hold options"),
        ("a: [", "not valid YAML"),
        ("sources: [{name: a, url: u}, {name: a, url: v}]", "the name a stands there twice"),
        ("sources: [{name: a, url: u, username: me}]", "username and password_file belong together"),
        ("sources: [{name: new, url: u}]", "the name new is taken by a page"),
        ("sources: [{name: a, url: u, interval: 1}]", "sources.0.interval: it must be at least 10"),
        ("sources: [{name: a, url: u, interval: 3x}]", "write it as seconds, or as 90s, 30m, 2h, 1d"),
        ("sources: [{name: a, url: 'ftp://x/y'}]", "write an address with http://, https:// or oci://"),
        ("sources: [{name: a, url: 'https://me:secret@x.example'}]", "no user name or password in the address"),
        ("sources: [{name: A b, url: u}]", "at most 63 lower-case letters"),
        ("sources: [{name: a}]", "sources.0.url: it must be given"),
        ("sources: [{name: a, url: u, content: some}]", "it must be one of 'latest', 'all' or 'none'"),
        ("sources: a", "sources: it must be a list"),
        ("allow_unauthenticated: perhaps", "it must be true or false"),
        ("listen: 0000-01-01", "not valid YAML"),
    ],
)
def test_a_mistake_says_what_would_be_right(tmp_path: Path, text: str, told: str) -> None:
    assert told in mistakes(tmp_path, text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path / "absent.yaml", {})
    assert "absent.yaml" in caught.value.cause


def test_an_unknown_variable_is_a_mistake(tmp_path: Path) -> None:
    assert "CHARTROOM_LISTNE: there is no option" in mistakes(tmp_path, "", CHARTROOM_LISTNE="x")


KEY, OTHER = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "_" * 43


def test_keys_of_secrets_come_from_the_file_the_environment_or_a_file_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{OTHER}\n{KEY}\n")
    assert config.load(write(tmp_path, ""), {}).secret_keys == ()
    assert config.load(write(tmp_path, f"secret_key: {KEY}"), {}).secret_keys == (bytes(32),)
    assert len(config.load(write(tmp_path, ""), {"CHARTROOM_SECRET_KEY": f"{KEY} {OTHER}"}).secret_keys) == 2
    assert config.load(write(tmp_path, "secret_key_file: key"), {}).secret_keys[1] == bytes(32)
    found = config.load(write(tmp_path, ""), {"CHARTROOM_SECRET_KEY_FILE": str(tmp_path / "key")})
    assert len(found.secret_keys) == 2
    assert KEY not in repr(found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("secret_key: canary", "secret_key: key 1 is not 32 bytes in base64"),
        (f"secret_key: {KEY}\nsecret_key_file: key", "give secret_key or secret_key_file, not both"),
        ("secret_key_file: absent", "secret_key_file: No such file"),
        ("secret_key_file: junk", "secret_key_file: key 1 is not 32 bytes in base64"),
        ("secret_key_file: empty", "secret_key_file: there is no key in it"),
        ("sources: [{name: a, url: 'https://x.example', secret: dev/ns/a}]", "sources.0.secret: no cluster named dev"),
        ("network_allow: [10.0.0.1/8]", "network_allow.0: write a network as 10.0.0.0/8"),
        ("network_allow: [everything]", "network_allow.0: write a network as 10.0.0.0/8"),
        ("network_allow: 10.0.0.0/8", "network_allow: it must be a list"),
        ("sources: [{name: a, url: 'https://x.example', ca_file: junk}]", "sources.0.ca_file: there is no certificate"),
        ("sources: [{name: a, url: 'https://x.example', versions: '>= x y'}]", "sources.0.versions: "),
        ("sources: [{name: a, url: 'https://x.example', password: canary}]", "sources.0.password: there is no such"),
    ],
)  # fmt: skip
def test_M7_a_key_a_network_or_a_certificate_that_is_none_is_told_without_being_shown(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "junk").write_text("canary")
    (tmp_path / "empty").write_text("\n")
    assert told in mistakes(tmp_path, text)
    assert "canary" not in mistakes(tmp_path, text)


# -- clusters


def kubeconfig(folder: Path, *contexts: object, name: str = "kube") -> None:
    (folder / name).write_text(json.dumps({"contexts": [{"name": one} for one in contexts], "users": ["s3cret"]}))


def test_every_context_of_a_kubeconfig_can_be_a_cluster_of_its_name(tmp_path: Path) -> None:
    kubeconfig(tmp_path, "kind-dev", "arn:aws:eks:eu:1:cluster/Prod", "admin@home")
    more = "impersonate: true, api_version: v1"
    loaded = config.load(write(tmp_path, f"clusters: [{{kubeconfig: kube, contexts: all, {more}}}]"), {})
    assert [(one.name, one.context) for one in loaded.clusters] == [
        ("kind-dev", "kind-dev"),
        ("arn-aws-eks-eu-1-cluster-prod", "arn:aws:eks:eu:1:cluster/Prod"),
        ("admin-home", "admin@home"),
    ]
    assert {(one.kubeconfig, one.impersonate, one.api_version) for one in loaded.clusters} == {
        (str(tmp_path / "kube"), True, "v1")
    }


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{contexts: all, in_cluster: true}", "contexts: all needs a kubeconfig"),
        ("{name: a, contexts: all, kubeconfig: kube}", "leave out name and context"),
        ("{contexts: all, context: b, kubeconfig: kube}", "leave out name and context"),
        ("{kubeconfig: kube}", "clusters.0: give it a name"),
        ("{contexts: some, kubeconfig: kube}", "clusters.0.contexts"),
        ("{contexts: all, kubeconfig: nowhere}", "nowhere cannot be read: no such file or directory"),
        ("{contexts: all, kubeconfig: .}", "cannot be read: is a directory"),
        ("{contexts: all, kubeconfig: empty}", "is no kubeconfig with 1 to 500 contexts"),
        ("{contexts: all, kubeconfig: broken}", "is no kubeconfig"),
        ("{contexts: all, kubeconfig: kube}, {name: dev, in_cluster: true}", "the context Dev has no name of its own"),
        ("{contexts: all, kubeconfig: odd}", "the context 开发 has no name of its own"),
    ],
)
def test_contexts_that_make_no_clusters_are_told(tmp_path: Path, entry: str, told: str) -> None:
    kubeconfig(tmp_path, "Dev")
    kubeconfig(tmp_path, name="empty")
    kubeconfig(tmp_path, "开发", name="odd")
    (tmp_path / "broken").write_text("contexts: [{name: s3cret")
    found = mistakes(tmp_path, f"clusters: [{entry}]")
    assert told in found
    assert "s3cret" not in found


def test_contexts_that_are_none_are_left_out(tmp_path: Path) -> None:
    kubeconfig(tmp_path, "dev", 3, None, "")
    loaded = config.load(write(tmp_path, "clusters: [{kubeconfig: kube, contexts: all}]"), {})
    assert [one.name for one in loaded.clusters] == ["dev"]


def test_a_secret_of_a_cluster_that_is_named_after_a_context_is_believed(tmp_path: Path) -> None:
    kubeconfig(tmp_path, "dev")
    sources = "sources: [{name: a, url: 'https://x.example', secret: dev/tools/login}]"
    loaded = config.load(write(tmp_path, f"{sources}\nclusters: [{{kubeconfig: kube, contexts: all}}]"), {})
    assert [one.name for one in loaded.clusters] == ["dev"]
