"""Everything a running Chartroom is made of, put together once and handed to pages, API and command line."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from catalog_web.answers import Answers
from catalog_web.approvals.gate import ApprovalGate
from catalog_web.approvals.service import Approvals
from catalog_web.audit import Recorder
from catalog_web.audit.origin import Origin, present_origin
from catalog_web.captain.publish import Publisher
from catalog_web.captain.secrets import KubernetesSecrets
from catalog_web.catalog import Catalog
from catalog_web.comparisons import Comparisons
from catalog_web.examples import SearchExamples
from catalog_web.helm.credentials import HelmCredentials
from catalog_web.helm.indexes import HelmIndexes
from catalog_web.helm.kept import KeptArchives
from catalog_web.hooks.calls import Calls
from catalog_web.hooks.keys import HookKeys, hook_text
from catalog_web.install.helm_program import HelmProgram
from catalog_web.install.rendering import Renderer
from catalog_web.install.service import Installs
from catalog_web.inventory import Inventory
from catalog_web.metrics.meters import Meters
from catalog_web.metrics.scrape import Scrape
from catalog_web.notices.approvals import event_of
from catalog_web.notices.service import Notices
from catalog_web.person_tokens import PersonTokens
from catalog_web.pictures import PictureLinks
from catalog_web.popular import PopularSearches
from catalog_web.presets import Fits
from catalog_web.previews import Previews
from catalog_web.process import Process
from catalog_web.signatures import Signatures
from catalog_web.teams.service import Teams
from catalog_web.turns import Turns
from catalog_web.upgrades import Upgrades
from indexer.access import Accesses
from indexer.archive import ArchiveCache
from indexer.config import Config
from indexer.errors import ChartroomError, DataFolderUnusable
from indexer.mirrors import Mirrors
from indexer.model import Approval
from indexer.pictures import Pictures
from indexer.search.whoosh_index import SearchIndex
from indexer.sources.registry import Hosts, open_source
from indexer.store import Store
from indexer.sync import Syncer


@dataclass(frozen=True, slots=True)
class Services:
    """The rooms of one process."""

    config: Config
    store: Store
    accesses: Accesses
    cache: ArchiveCache
    search: SearchIndex
    syncer: Syncer
    catalog: Catalog
    installs: Installs
    inventory: Inventory
    kept: KeptArchives
    helm: HelmIndexes
    helm_credentials: HelmCredentials
    publisher: Publisher
    hooks: Calls
    pictures: Pictures
    picture_links: PictureLinks
    signatures: Signatures
    turns: Turns
    """Of those who test connections."""
    answers: Answers
    """Of the API's search."""
    comparisons: Comparisons
    upgrades: Upgrades
    previews: Previews
    mirrors: Mirrors
    """Of images."""
    popular: PopularSearches
    examples: SearchExamples
    preset_fits: Fits
    teams: Teams
    approvals: Approvals
    process: Process
    meters: Meters
    metrics: Scrape
    audit: Recorder
    notices: Notices
    person_tokens: PersonTokens

    def close(self) -> None:
        """Give back what is held open."""
        self.notices.close()
        self.pictures.close()
        with suppress(ChartroomError):
            self.popular.write()
        self.inventory.close()
        self.installs.close()
        self.catalog.close()
        self.search.close()
        self.store.close()


def open_services(config: Config, *, locked: bool = False, origin: Callable[[], Origin] = present_origin) -> Services:
    """Open the store (created or migrated where needed) and what stands on it. ``locked``: also where no key opens its
    secrets. ``origin``: who is behind what is done, for the audit log.

    Raises StoreUnavailable, SecretsLocked, SecretKeyUnusable.
    """
    from catalog_web.signin.ways import asks_who  # late: signing in stands on the services

    try:
        store = Store(config.data_dir, config.secret_keys, url=config.database_url, locked=locked)
        cache = ArchiveCache(config.data_dir / "archives", config.archive_cache_bytes)
    except OSError as error:
        raise DataFolderUnusable.at(config.data_dir, error) from error
    search = SearchIndex(config.data_dir / "search")
    spool = config.data_dir / "spool"
    kept = KeptArchives(store, cache, config.helm_url, asks_who=asks_who(config) and not config.helm_host)
    audit, notices = Recorder(store.audit, origin), Notices(store, config)
    person_tokens = PersonTokens()

    def tell(approval: Approval) -> None:
        notices.tell(event_of(approval))

    installs = Installs(
        config.clusters,
        store.revisions,
        archives=kept,
        secret_globs=config.secret_fields,
        gate=ApprovalGate(store, tell),
        recorded=audit.recorded,
        groups_of=partial(_groups_of, store),
        token_of=person_tokens.of,
    )
    accesses = Accesses(store.secrets, KubernetesSecrets(installs), config.network_allow)
    syncer = Syncer(store, cache, lambda source: open_source(source, accesses.of(source), spool), Hosts(accesses.of))
    process, meters = Process(), Meters()
    catalog = Catalog(store, search, syncer, searched=meters.search)
    helm = HelmIndexes(store, config.data_dir / "helm", kept)
    comparisons = Comparisons(catalog)
    credentials = HelmCredentials(store.secrets)
    publisher = Publisher(store, installs, accesses.of, credentials, config.helm_url)
    pictures = Pictures(config.data_dir / "pictures", accesses.of_pictures, store.signer, remote=config.remote_pictures)
    inventory = Inventory(installs, store)
    hooks = Calls(HookKeys(store.sources.registered, partial(hook_text, store.secrets)), store.sources)
    return Services(
        config=config,
        store=store,
        accesses=accesses,
        cache=cache,
        search=search,
        syncer=syncer,
        catalog=catalog,
        installs=installs,
        inventory=inventory,
        kept=kept,
        helm=helm,
        helm_credentials=credentials,
        publisher=publisher,
        hooks=hooks,
        pictures=pictures,
        picture_links=PictureLinks(pictures, store.signer),
        signatures=Signatures(store, syncer, config.keyring),
        turns=Turns(),
        answers=Answers(),
        comparisons=comparisons,
        upgrades=Upgrades(catalog, installs, comparisons),
        previews=Previews(catalog, cache, installs, Renderer(HelmProgram(config.helm_binary)), config.helm_url),
        mirrors=Mirrors(config.image_mirrors),
        popular=PopularSearches(store.searches),
        examples=SearchExamples(store),
        preset_fits=Fits(),
        teams=Teams(store),
        approvals=Approvals(store, installs, catalog, tell),
        process=process,
        meters=meters,
        metrics=Scrape(store, catalog, installs, process, meters),
        audit=audit,
        notices=notices,
        person_tokens=person_tokens,
    )


def _groups_of(store: Store, person: str) -> tuple[str, ...]:
    """The groups that were last told of a person; nobody has any where people do not sign in."""
    user = store.users.find(person)
    return user.groups if user else ()
