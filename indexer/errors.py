"""The one error tree of Chartroom.

Every error names what failed and where in its parameters, and carries a stable ``id``, a ``cause`` and a ``remedy``.
``cause_text`` and ``remedy_text`` are templates over ``params``: the id and the parameters are what is stored and sent,
so a page can show the same error in the reader's language.

::

    ChartroomError
    ├── ConfigError                     the configuration file or environment has mistakes
    ├── UsageError                      the caller asked for something that cannot be meant
    │   ├── BadAddress  MailUnset  TooManySubscriptions
    │   └── BadQuery  TooManySearches  TooManyRules  PasswordsDiffer
    ├── NotFound
    │   ├── SourceNotFound
    │   ├── ChartNotFound
    │   ├── VersionNotFound
    │   ├── InstallNotFound
    │   ├── ObjectNotFound  RevisionNotFound
    │   ├── ProvenanceAbsent
    │   ├── ClusterNotFound
    │   ├── UserNotFound  BindingNotFound  SessionNotFound  TokenNotFound
    │   ├── SearchNotFound
    │   └── TeamNotFound  RequestNotFound
    ├── SignInNeeded                    nobody is signed in, or not any more
    ├── SignInError                     a sign-in did not work out
    │   ├── PasswordWrong  AccountDisabled  SignInStale  OneTimeKeyUsed
    │   └── ProviderDown  ProviderRefused  IdTokenRefused
    ├── TooManyTries                    so often within a time
    ├── Forbidden                       ``may`` said no
    │   └── VersionNotYet               above what the person's team may use
    ├── ApprovalWanted                  nothing went wrong: an administrator decides about it first
    ├── Conflict                        somebody was faster, or the name is taken
    │   ├── NameTaken                   of an account
    │   ├── LeaseLost                   another process has taken over
    │   ├── AppChanged                  somebody else changed the app meanwhile
    │   ├── TeamChanged  RequestDecided
    │   ├── ManagedElsewhere  SourceUnknown  DecisionsNeeded
    │   ├── ArchiveNotKept  ArchiveOutOfReach
    │   └── SecretsNeeded  SecretValuesGone
    ├── SourceError                     one source's failure is that source's result
    │   ├── FetchError                  (has ``permanent``: the same request will fail again)
    │   │   ├── ConnectionFailed  NameNotResolved  AddressRefused  WebhookRefused  ProxyFailed
    │   │   ├── TlsUnusable  TlsFailed  TlsAbsent  TimedOut  TooSlow
    │   │   ├── AuthenticationFailed  RealmRefused  HttpStatus  ArchiveAbsent  ServerFailed  RateLimited
    │   │   │   └── LoginRefused  ProjectRefused      (of a Harbor)
    │   │   └── TooLarge  ArchiveTooLarge  CutOff  BadEncoding  BadRedirect  BadAnswer
    │   ├── BadUrl  CredentialsUnreadable
    │   ├── RegistryInvalid             a registry's answer is not what one answers
    │   │   └── NotARegistry  RegistryTooLarge  RealmUnencrypted
    │   ├── RepositoryAbsent  ManifestAbsent  RepositoriesUnknown  ProjectsAbsent
    │   ├── IndexInvalid                the bytes arrived and are no index
    │   │   ├── NotAnIndex  IndexRefused  IndexCutOff
    │   │   └── HarborWithoutIndex
    │   ├── DirectoryUnreadable
    │   └── RemovalsHeld                the index arrived, and what it would remove waits
    │       ├── FallHeld  EmptyHeld  UnprovenHeld
    │       └── ProjectsHeld  NoProjectsHeld
    ├── ArchiveError                    one version's archive cannot be had or read
    │   ├── BadArchive                  not a chart archive, or over a limit
    │   ├── ArchiveNotYet  ProvenanceNotYet
    │   ├── ArchiveQuarantined          a process died of it
    │   └── DigestMismatch
    ├── EntryError                      one entry of an index cannot be read
    ├── SecretsLocked                   no key opens what the store keeps
    ├── SecretKeyUnusable
    ├── RenderError                     what a chart makes cannot be shown
    │   ├── HelmAbsent  HelmUnusable
    │   └── RenderRefused  RenderTooLarge
    ├── MailFailed                      the server for e-mail did not take a message
    ├── SearchUnavailable
    ├── StoreUnavailable
    │   └── DatabaseUnreachable  DatabaseAbsent  StoreDamaged  DataFolderUnusable
    └── ClusterError
        ├── ClusterUnreachable  ClusterTimedOut
        ├── ClusterRefused              401, 403
        │   ├── RightMissing            known before anything was sent
        │   └── OwnTokenRefused         401 to a person's own token
        ├── ClusterBusy                 429, with the seconds to wait
        ├── CaptainAbsent               the CRD is not served
        ├── NotServed                   a kind that is not captain's is not served
        ├── ImpersonationRefused        nobody of that name can be acted as
        ├── OwnTokenAbsent              the person has no token of their own
        ├── OwnTokenUnavailable         it cannot be had now
        ├── WatchExpired                410
        ├── WebhookDown                 a webhook could not be asked
        ├── ObjectConflict              409
        └── ObjectInvalid               422, with a cause per field
            ├── ManifestInvalid         the same for what is no HelmRequest
            └── AdmissionDenied         a webhook said no
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, TypedDict, TypeGuard


def N_(text: str) -> str:  # noqa: N802 -- gettext's own name for it
    """Mark ``text`` for translation where it is written; it is translated where it is shown."""
    return text


class Phrase(TypedDict):
    """A template with its facts, of plain JSON values: what a parameter may be that has to be translated as well."""

    text: str
    params: dict[str, Any]


def phrase(text: str, /, **params: Any) -> Phrase:
    """A ``text`` that is marked with ``N_``, with the facts that it names."""
    return {"text": text, "params": params}


_MAY_COME_BACK = (429, 503)
"""The statuses that RFC 9110 and RFC 6585 give the header ``Retry-After``."""


class ChartroomError(Exception):
    """Root of the tree. ``params`` are the facts that the texts name; they never hold a secret."""

    id: ClassVar[str] = "internal"
    cause_text: ClassVar[str] = N_("Something went wrong inside Chartroom.")
    remedy_text: ClassVar[str] = N_("Look into the log for the details and report them.")
    status: ClassVar[int] = 500
    """The HTTP status with which this error leaves a route."""

    def __init__(self, **params: Any) -> None:
        self.params: dict[str, Any] = params
        super().__init__(self.cause)

    @property
    def cause(self) -> str:
        """What went wrong, in English, as log and API show it."""
        return fill(self.cause_text, self.params)

    @property
    def remedy(self) -> str:
        """What the reader can do about it, in English."""
        return fill(self.remedy_text, self.params)

    @property
    def come_back(self) -> int | None:
        """After how many seconds the same request may go well, as the header ``Retry-After`` says it; None: that header
        does not belong to it."""
        after = self.params.get("retry_after", self._come_back)
        return int(after) if after is not None and self.status in _MAY_COME_BACK else None

    _come_back: ClassVar[int | None] = None


def fill(text: str, params: Mapping[str, Any], translate: Callable[[str], str] = str) -> str:
    """Put ``params`` into the translated ``text``; a parameter that is a Phrase is filled in the same way.

    A parameter that is absent (written by another version) shows as ``?``.
    """
    words = {
        key: fill(value["text"], value["params"], translate) if _is_phrase(value) else value
        for key, value in params.items()
    }
    return translate(text).format_map(_Lenient(words))


def _is_phrase(value: object) -> TypeGuard[Phrase]:
    return isinstance(value, dict) and value.keys() == Phrase.__required_keys__


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


# -- configuration and usage


class ConfigError(ChartroomError):
    """All mistakes of the configuration at once: ``mistakes`` is a tuple of sentences, ``file`` where they are."""

    id = "config"
    cause_text = N_("The configuration in {file} has mistakes:\n{listing}")
    remedy_text = N_("Correct them and start again; config/chartroom.yaml in the project explains every option.")

    def __init__(self, file: str, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        super().__init__(file=file, listing="\n".join(f"  - {one}" for one in mistakes))


class UsageError(ChartroomError):
    """``what`` cannot be meant; ``remedy`` says what can."""

    id = "bad-request"
    cause_text = N_("{what}")
    remedy_text = N_("{hint}")
    status = 400


class PasswordsDiffer(UsageError):
    """A new password was typed twice, each time another one."""

    id = "passwords-differ"
    cause_text = N_("The two passwords are not the same.")
    remedy_text = N_("Type the new password twice.")


class BadQuery(UsageError):
    """A search or list parameter outside what is allowed."""

    id = "bad-query"


class TooManyPresets(UsageError):
    """A chart has as many kept values as one may."""

    id = "too-many-presets"
    cause_text = N_("{limit} presets of {chart} are kept already, all their numbers together, and no more are taken.")
    remedy_text = N_("Delete a name that nobody needs any longer, then keep this one again.")
    status = 409


class TooManySearches(UsageError):
    """A person keeps as many searches as one may."""

    id = "too-many-searches"
    cause_text = N_("You keep {limit} searches already, and no more are taken.")
    remedy_text = N_("Delete one that you no longer need, then save this one again.")
    status = 409


class TooManyRules(UsageError):
    """A team has as many rules as one may."""

    id = "too-many-rules"
    cause_text = N_("The team {team} has {limit} rules already, and no more are taken.")
    remedy_text = N_("Say several of them in one, with * in the names of sources and charts.")
    status = 409


class BadAddress(UsageError):
    """No e-mail address, or one that is not the person's own."""

    id = "bad-address"
    cause_text = N_("“{address}” is no e-mail address that notices may go to.")
    remedy_text = N_("Write one address, as in ann@example.org; where people sign in, the one of your account.")


class MailUnset(UsageError):
    """No server for e-mail is configured."""

    id = "mail-unset"
    cause_text = N_("Chartroom knows no server that takes e-mail.")
    remedy_text = N_("Set “smtp” in the configuration file, or choose a webhook.")
    status = 409


class TooManySubscriptions(UsageError):
    """A person or a team has as many subscriptions as one may."""

    id = "too-many-subscriptions"
    cause_text = N_("There are {limit} subscriptions already, and no more are taken.")
    remedy_text = N_("Delete one that nobody needs any longer, then make this one again.")
    status = 409


class NotFound(ChartroomError):
    """Nothing has that name here, or the person may not know of it."""

    id = "not-found"
    cause_text = N_("There is nothing at this address.")
    remedy_text = N_("Go back to the catalog and search for it.")
    status = 404


class SourceNotFound(NotFound):
    """No source of the name ``source``."""

    id = "source-not-found"
    cause_text = N_("There is no source named “{source}”.")
    remedy_text = N_("“chartroom source list” and the Sources page show the names.")


class ChartNotFound(NotFound):
    """``source`` has no chart ``chart``."""

    id = "chart-not-found"
    cause_text = N_("The source “{source}” has no chart named “{chart}”.")
    remedy_text = N_("Search for it in the catalog; it may have been removed or have another name.")


class VersionNotFound(NotFound):
    """The chart is there, this version is not."""

    id = "version-not-found"
    cause_text = N_("{source}/{chart} has no version {version}.")
    remedy_text = N_("Choose one from the list of versions.")


class InstallNotFound(NotFound):
    """No HelmRequest of that name in that namespace."""

    id = "install-not-found"
    cause_text = N_("There is no HelmRequest “{name}” in namespace {namespace} of cluster {cluster}.")
    remedy_text = N_("It may have been removed since; the Apps page lists what is there.")


class RevisionNotFound(NotFound):
    """The history of an app has no such number."""

    id = "revision-not-found"
    cause_text = N_("“{name}” has no revision {number}.")
    remedy_text = N_("Its history lists those that there are.")


class ObjectNotFound(NotFound):
    """The cluster has no such object of another kind."""

    id = "object-not-found"
    cause_text = N_("There is no {kind} “{name}” in namespace {namespace} of cluster {cluster}.")
    remedy_text = N_("It may have been removed since. Look with kubectl what is there.")


class ClusterNotFound(NotFound):
    """No cluster of that name is configured."""

    id = "cluster-not-found"
    cause_text = N_("No cluster named “{cluster}” is configured.")
    remedy_text = N_("Add it to “clusters” in the configuration file, or choose one that is there.")


class SearchNotFound(NotFound):
    """Nobody keeps a search with this id, or it is somebody else's."""

    id = "search-not-found"
    cause_text = N_("There is no saved search here.")
    remedy_text = N_("It may have been deleted. Search again, and save the search anew.")


class SubscriptionNotFound(NotFound):
    """Nobody has a subscription with this id, or it is somebody else's."""

    id = "subscription-not-found"
    cause_text = N_("There is no such notice to be sent.")
    remedy_text = N_("It may have been deleted. The page of your notices lists those that there are.")


class DeliveryNotFound(NotFound):
    """No delivery has this id, or it is somebody else's."""

    id = "delivery-not-found"
    cause_text = N_("There is no such delivery.")
    remedy_text = N_("Deliveries are kept for some weeks; the page of your notices lists those that there are.")


class PresetNotFound(NotFound):
    """Nobody keeps values under this name for the chart."""

    id = "preset-not-found"
    cause_text = N_("The chart {chart} of {source} has no preset “{preset}”.")
    remedy_text = N_("It may have been deleted; the page of the chart's presets lists those that are there.")


class TeamNotFound(NotFound):
    """No team of the name ``team``, or the person may not know of it."""

    id = "team-not-found"
    cause_text = N_("There is no team named “{team}”.")
    remedy_text = N_("The list of teams shows the names.")


class RequestNotFound(NotFound):
    """Nobody asked for an approval under this id, or it is somebody else's request."""

    id = "request-not-found"
    cause_text = N_("There is no request here.")
    remedy_text = N_("The Apps page lists the requests that you made.")


class UserNotFound(NotFound):
    """No account has this name."""

    id = "user-not-found"
    cause_text = N_("There is no account “{name}”.")
    remedy_text = N_("The list of people shows all accounts.")


class BindingNotFound(NotFound):
    """The role was taken away meanwhile."""

    id = "binding-not-found"
    cause_text = N_("There is no binding {number}.")
    remedy_text = N_("It may have been taken away already. Load the list again.")


class SessionNotFound(NotFound):
    """The session ended, or it is somebody else's."""

    id = "session-not-found"
    cause_text = N_("There is no such session.")
    remedy_text = N_("It may have ended by itself. Load the list again.")


class TokenNotFound(NotFound):
    """The token was revoked, or it is somebody else's."""

    id = "token-not-found"
    cause_text = N_("There is no such token.")
    remedy_text = N_("It may have been revoked already. Load the list again.")


# -- signing in


class SignInNeeded(ChartroomError):
    """Nobody is signed in, or not any more."""

    id = "sign-in-needed"
    cause_text = N_("Nobody is signed in here, or the session or token is no longer valid.")
    remedy_text = N_("Sign in; a program sends a valid token as “Authorization: Bearer …”.")
    status = 401


class SignInError(ChartroomError):
    """A sign-in did not work out."""

    id = "sign-in"
    cause_text = N_("The sign-in did not work out.")
    remedy_text = N_("Try again.")
    status = 401


class PasswordWrong(SignInError):
    """No such account, or another password: which of both is not told."""

    id = "password-wrong"
    cause_text = N_("The name or the password is wrong.")
    remedy_text = N_("Check both. An administrator can give you a one-time key that sets a new password.")


class AccountDisabled(SignInError):
    """Whoever this is proved it, and is not let in."""

    id = "account-disabled"
    cause_text = N_("The account “{name}” is disabled.")
    remedy_text = N_("Ask an administrator to enable it again.")
    status = 403


class SignInStale(SignInError):
    """What the provider sent back belongs to no sign-in that this browser began."""

    id = "sign-in-stale"
    cause_text = N_("This sign-in was begun in another browser, was used already, or took too long.")
    remedy_text = N_("Begin again. Cookies must be allowed for this address.")
    status = 400


class OneTimeKeyUsed(SignInError):
    """What may be used once is not, or no more, valid."""

    id = "one-time-key-used"
    cause_text = N_("This one-time key was used already, is too old, or was never given.")
    remedy_text = N_("Ask for a new one.")
    status = 400


class ProviderDown(SignInError):
    """The provider that signs people in cannot be asked; ``detail`` says why."""

    id = "provider-down"
    cause_text = N_("The sign-in server {issuer} cannot be asked: {detail}")
    remedy_text = N_("Try again in a moment. An administrator finds more in the log.")
    status = 503


class ProviderRefused(SignInError):
    """The provider let nobody in; ``detail`` is what it said."""

    id = "provider-refused"
    cause_text = N_("The sign-in server refused: {detail}")
    remedy_text = N_("Begin again. If it stays, ask whoever runs the sign-in server.")


class IdTokenRefused(SignInError):
    """What the provider says about a person cannot be believed."""

    id = "id-token-refused"
    cause_text = N_("What the sign-in server says cannot be believed: {detail}")
    remedy_text = N_("Begin again. If it stays, an administrator should compare the options under “oidc” with it.")


class TooManyTries(ChartroomError):
    """Something was done so often that whoever does it has to wait ``retry_after`` seconds."""

    id = "too-many-tries"
    cause_text = N_("That was tried too often.")
    remedy_text = N_("Wait {retry_after} seconds, then try again.")
    status = 429


class Forbidden(ChartroomError):
    """``person`` may not do ``action`` on ``object``; ``deed`` says it in words (a phrase)."""

    id = "forbidden"
    cause_text = N_("{person} may not {deed} here ({action} on {object}).")
    remedy_text = N_("{hint}{whom}")
    status = 403


class SourceNotYours(Forbidden):
    """``person`` may do ``action`` on ``object``, but not with a chart of ``source``."""

    id = "source-not-yours"
    cause_text = N_("{person} may not do this with a chart of the source “{source}”: {action} on {object}.")


class AddressNotListed(Forbidden):
    """``person`` may not install from an address that the chart's source does not list."""

    id = "address-not-listed"
    cause_text = N_(
        "{person} may not install from an address that was typed: it may be of a chart that an administrator has to "
        "approve first, or that your team does not use."
    )
    remedy_text = N_("Install the chart from its own page, with the address that is listed there.")


class VersionNotYet(Forbidden):
    """``version`` is above ``ceiling``, the newest that the person's ``team`` may use; ``note`` says why."""

    id = "version-not-yet"
    cause_text = N_("{source}/{chart} {version} is not yet for your team: {team} uses it up to {ceiling}. {note}")
    remedy_text = N_("Choose a version up to {ceiling}, or ask an administrator to raise it.")


class ApprovalWanted(ChartroomError):
    """Nothing was sent: the request ``request`` waits until an administrator of ``source`` decides about it."""

    id = "approval-wanted"
    cause_text = N_("Nothing was sent yet: an administrator of the source “{source}” decides about it first.")
    remedy_text = N_(
        "The Apps page lists it among your requests and tells what was decided; you may withdraw it there."
    )
    status = 202


class Conflict(ChartroomError):
    """The name is taken, or the thing changed meanwhile."""

    id = "conflict"
    cause_text = N_("{what}")
    remedy_text = N_("{hint}")
    status = 409


class NameTaken(Conflict):
    """Another account has this name."""

    id = "name-taken"
    cause_text = N_("There is already another account with the name “{name}”.")
    remedy_text = N_("Choose another name, or ask an administrator which account is meant.")


class LeaseLost(Conflict):
    """Another process has taken over what this one was at: it was paused, or cut off, for too long. ``name`` is the
    lease's."""

    id = "lease-lost"
    cause_text = N_(
        "Another process of Chartroom has taken over “{name}”; what this one would have written was left out."
    )
    remedy_text = N_("Nothing is lost: it goes on there. If it happens often, look at the load of this machine.")


class AppChanged(Conflict):
    """Somebody else changed the HelmRequest since it was looked at. ``changes``: ``[{path, before, after}]``."""

    id = "app-changed"
    cause_text = N_("“{name}” was changed meanwhile by {who}: {paths}.")
    remedy_text = N_("Nothing was sent. Look at what it is now, and decide again.")


class TeamChanged(Conflict):
    """Somebody else changed the team since it was looked at."""

    id = "team-changed"
    cause_text = N_("Somebody changed the team {team} since you looked at it, so nothing of yours was kept.")
    remedy_text = N_("Look at it again, and make your change there.")


class RequestDecided(Conflict):
    """A request is not, or no longer, in the state that the wanted step needs. ``state``: a Phrase."""

    id = "request-decided"
    cause_text = N_("This request is decided already: {state}.")
    remedy_text = N_("Look at it again; a new request has to be made for anything else.")


class ManagedElsewhere(Conflict):
    """What the HelmRequest installs cannot be read in the version of the API that is written."""

    id = "managed-elsewhere"
    cause_text = N_("“{name}” takes its chart from somewhere that Chartroom cannot see, so it is not changed here.")
    remedy_text = N_("Change it with the tool that made it, or set api_version of the cluster to v1 if it is served.")


class ArchiveOutOfReach(Conflict):
    """A version has left its repository, its archive was kept, and captain has no way to it; ``hint``: how it gets
    one."""

    id = "archive-out-of-reach"
    cause_text = N_(
        "{chart} {version} is no longer in the source “{source}”. Chartroom has it, and captain cannot get it."
    )
    remedy_text = N_("{hint}")


class SourceUnknown(Conflict):
    """It is not known from which source an app was installed."""

    id = "source-unknown"
    cause_text = N_("Chartroom does not know from which source “{name}” was installed.")
    remedy_text = N_("Import it and say which source that is; only from there it is upgraded.")


class DecisionsNeeded(Conflict):
    """Own values whose defaults changed, in an upgrade that nobody looks at one by one."""

    id = "decisions-needed"
    cause_text = N_("{count} values of “{name}” ask for a decision: {paths}.")
    remedy_text = N_("Upgrade it on its own page, or send the decisions along.")


class SecretsNeeded(Conflict):
    """Values of an earlier revision that were never kept, or whose Secret is gone. ``paths``: a list of dotted ones."""

    id = "secrets-needed"
    cause_text = N_("Revision {number} of “{name}” needs values that are no longer there: {missing}.")
    remedy_text = N_("Give them again; they go to a Secret, as before.")


class ArchiveNotKept(Conflict):
    """A version has left its repository, and its archive was not kept."""

    id = "archive-not-kept"
    cause_text = N_("{chart} {version} is no longer in the source “{source}”, and its archive was not kept.")
    remedy_text = N_("Choose a version that is still there, or put this one back into the repository.")


class SecretValuesGone(Conflict):
    """The Secret with values that are not shown is not there any more, or holds less; ``paths`` are what is missing."""

    id = "secret-values-gone"
    cause_text = N_("These secret values are no longer kept in namespace {namespace} of cluster {cluster}: {paths}.")
    remedy_text = N_("Type them again; they go to a new Secret.")


# -- sources


class SourceError(ChartroomError):
    """A source could not be read. ``url`` never carries credentials."""

    id = "source"
    status = 502


class FetchError(SourceError):
    """An HTTP request brought nothing usable. ``retry_after`` is in seconds, where the server named it."""

    id = "fetch"
    permanent: ClassVar[bool] = False

    @property
    def retry_after(self) -> float | None:
        """Seconds the server asked to wait, already capped, or None."""
        value = self.params.get("retry_after")
        return float(value) if value is not None else None


class ConnectionFailed(FetchError):
    """No connection to ``host``: refused, reset, unreachable (``detail``)."""

    id = "connection-failed"
    cause_text = N_("No connection to {host}: {detail}.")
    remedy_text = N_("Check that the address and port are right and that a firewall lets Chartroom through.")


class NameNotResolved(FetchError):
    """DNS knows no address for ``host``."""

    id = "name-not-resolved"
    cause_text = N_("The name {host} could not be resolved: {detail}.")
    remedy_text = N_("Check the spelling, and the DNS server that Chartroom's machine uses.")


class AddressRefused(FetchError):
    """``host`` leads to ``address``, which lies in a network that this source may not reach."""

    id = "address-refused"
    cause_text = N_("{host} leads to {address}, an address that is not allowed for this source.")
    remedy_text = N_(
        "If it is meant, whoever runs Chartroom can list its network under “network_allow”. Loopback addresses are "
        "open only to sources of the configuration file and the server's own command line."
    )
    permanent = True


class WebhookRefused(AddressRefused):
    """``host``, to which somebody wants notices sent, leads to an address that nobody may have dialled. To which one is
    not told: who asks need not know what names of the inside mean."""

    id = "webhook-refused"
    cause_text = N_("{host} leads to an address to which no webhook may be sent.")
    remedy_text = N_(
        "Name a public address, or one of a network that whoever runs Chartroom lists under “network_allow”. Loopback "
        "and link-local addresses are closed to webhooks."
    )
    status = 400


class ProxyFailed(FetchError):
    """The proxy refused, did not answer, or wants to know who asks (407)."""

    id = "proxy-failed"
    cause_text = N_("The proxy between Chartroom and {host} did not let the request through: {detail}.")
    remedy_text = N_("Check the proxy's address, and that it lets Chartroom reach this host; “direct” uses none.")


class TlsUnusable(FetchError):
    """The certificates that a source was registered with cannot be used."""

    id = "tls-unusable"
    cause_text = N_("No TLS connection can be made: {detail}.")
    remedy_text = N_("Give the certificates of the source anew, as PEM text.")
    permanent = True


class TlsFailed(FetchError):
    """The TLS handshake or the certificate check failed; ``detail`` names the check."""

    id = "tls-failed"
    cause_text = N_("The TLS connection to {host} failed: {detail}.")
    remedy_text = N_("Check the server's certificate: its name, its dates and who signed it.")


class TlsAbsent(TlsFailed):
    """An https:// address at whose port no TLS is spoken."""

    id = "tls-absent"
    cause_text = N_("{host} answers without TLS, and the address begins with https://.")
    remedy_text = N_(
        "Is it http://? Write that if it is meant, or give the port at which the server speaks TLS, such as 443."
    )


class TimedOut(FetchError):
    """No whole answer within ``seconds``."""

    id = "timed-out"
    cause_text = N_("{url} did not answer in full within {seconds} seconds.")
    remedy_text = N_("The server is slow or hangs. Try it from Chartroom's machine, or raise “timeout” of the source.")


class TooSlow(TimedOut):
    """The body comes below the least rate; given up after ``seconds``."""

    id = "too-slow"
    cause_text = N_("{url} sends its answer too slowly; given up after {seconds} seconds.")
    remedy_text = N_("The server or the network is overloaded. Chartroom keeps the last good catalog and tries again.")


class AuthenticationFailed(FetchError):
    """401 or 403."""

    id = "authentication-failed"
    cause_text = N_("{url} answered {status}: {detail}.")
    remedy_text = N_("Check user name and password of the source, and that this account may read there.")
    permanent = True


class RealmRefused(FetchError):
    """A registry has its accounts checked by ``origin``, to which the credentials may not go."""

    id = "realm-refused"
    cause_text = N_(
        "The registry {host} has accounts checked by {origin}, another server, to which the credentials of this source "
        "may not go."
    )
    remedy_text = N_("If you trust it, add {origin} to “credential_origins” of the source.")
    permanent = True


class LoginRefused(AuthenticationFailed):
    """A Harbor does not take user name and password. It would let them see what everybody sees, without a word."""

    id = "login-refused"
    cause_text = N_("{url} does not take this user name and password.")
    remedy_text = N_(
        "Check both. A robot account's name is taken whole, as Harbor shows it (robot$project+name); one that is "
        "disabled or has expired is refused in the same way."
    )


class ProjectRefused(AuthenticationFailed):
    """A Harbor's ``project`` is private or absent, which it does not tell apart, or its list may not be read."""

    id = "project-refused"
    cause_text = N_(
        "{url} answered {status} for the project “{project}”: there is none of that name, or who asks may not list it."
    )
    remedy_text = N_(
        "Give the robot account these rights on the project: repository:list, repository:pull, artifact:list, "
        "artifact:read, artifact-addition:read. With repository:pull alone nothing can be listed; then name the "
        "repositories of the charts under “repositories”."
    )


class HttpStatus(FetchError):
    """Another status than those with an error of their own."""

    id = "http-status"
    cause_text = N_("{url} answered {status} ({detail}).")
    remedy_text = N_("Open the address in a browser; a 404 often means that the path before index.yaml is wrong.")


class ArchiveAbsent(HttpStatus):
    """404 or 410 for an archive that the index lists."""

    id = "archive-absent"
    remedy_text = N_(
        "The index lists an archive that is not there. Ask who keeps the repository to put it back, or to take this "
        "version out of the index."
    )


class ServerFailed(HttpStatus):
    """A status of 500 or more: the trouble is the server's own."""

    id = "server-failed"
    remedy_text = N_("The server, or a proxy before it, has trouble of its own. Chartroom asks again by itself.")


class RateLimited(FetchError):
    """429 or 503 with Retry-After."""

    id = "rate-limited"
    cause_text = N_("{url} asks to come back later ({status}).")
    remedy_text = N_("Chartroom waits as the server asks. A longer interval for this source avoids it.")


class TooLarge(FetchError):
    """More than ``limit`` bytes, told (``size``) or counted."""

    id = "too-large"
    cause_text = N_("{url} is larger than the limit of {limit} bytes.")
    remedy_text = N_("If the size is right, raise “max_index_bytes” of the source.")
    permanent = True


class ArchiveTooLarge(TooLarge):
    """The same for a chart archive, whose limit is fixed."""

    id = "archive-too-large"
    remedy_text = N_("Other tools refuse such archives as well. Ask who publishes the chart to make it smaller.")


class CutOff(FetchError):
    """The connection ended before the body did."""

    id = "cut-off"
    cause_text = N_("The answer of {url} was cut off: {detail}.")
    remedy_text = N_("Usually a proxy or an overloaded server. Chartroom keeps the last good catalog and tries again.")


class BadEncoding(FetchError):
    """The content coding is not one asked for, broken, or a bomb."""

    id = "bad-encoding"
    cause_text = N_("The answer of {url} cannot be unpacked: {detail}.")
    remedy_text = N_("Check the compression settings of the server or of a proxy before it.")


class BadRedirect(FetchError):
    """Too many, a downgrade from https, or to something that is not http(s)."""

    id = "bad-redirect"
    cause_text = N_("{url} redirects in a way that is refused: {detail}.")
    remedy_text = N_("Enter the address to which it finally leads, if you trust it.")
    permanent = True


class BadAnswer(FetchError):
    """The server broke HTTP: headers too large, two lengths, a 304 nobody asked for."""

    id = "bad-answer"
    cause_text = N_("{url} gave an answer that is not proper HTTP: {detail}.")
    remedy_text = N_("Check the server and the proxies before it.")


class BadUrl(SourceError):
    """An address that cannot be meant or is not allowed."""

    id = "bad-url"
    cause_text = N_("The address {url} cannot be used: {detail}.")
    remedy_text = N_("Give an address such as https://charts.example.org/stable, without user name or password in it.")
    status = 400


class MailFailed(ChartroomError):
    """The server for e-mail did not take a message."""

    id = "mail-failed"
    cause_text = N_("The mail server {host} did not take the message: {detail}.")
    remedy_text = N_("Compare “smtp” in the configuration file with what the server asks for.")
    status = 502


class CredentialsUnreadable(SourceError):
    """A secret or certificate of a source is not to be had where it should be (``path``: a file or another place)."""

    id = "credentials-unreadable"
    cause_text = N_("A secret or certificate of this source cannot be read from {path}: {detail}.")
    remedy_text = N_("Check that it is there, holds nothing else, and that Chartroom's user may read it.")


class IndexInvalid(SourceError):
    """The bytes arrived whole and are not a usable index."""

    id = "index-invalid"


class NotAnIndex(IndexInvalid):
    """HTML, an empty answer, another document. ``detail`` says what was seen and where."""

    id = "not-an-index"
    cause_text = N_("{url} is not a Helm repository index: {detail}.")
    remedy_text = N_("Check the address. A sign-in page in its place means that credentials are needed.")


class IndexRefused(IndexInvalid):
    """Nesting, aliases or a scalar beyond the limits."""

    id = "index-refused"
    cause_text = N_("The index at {url} is refused: {detail}.")
    remedy_text = N_("No chart repository tool writes such an index. Ask who runs the repository.")


class IndexCutOff(IndexInvalid):
    """The index ends before its own end."""

    id = "index-cut-off"
    cause_text = N_("The index at {url} ends in the middle: {detail}.")
    remedy_text = N_("Usually an upload that did not finish. Chartroom keeps the last good catalog and tries again.")


class HarborWithoutIndex(IndexInvalid):
    """A Harbor since 2.8 answers with its portal where an index.yaml was."""

    id = "harbor-without-index"
    cause_text = N_(
        "{url} is on a Harbor{version} without index.yaml: since 2.8 it keeps charts in its registry alone."
    )
    remedy_text = N_("Choose the kind “harbor” for this source, with the address {origin}.")


class DirectoryUnreadable(SourceError):
    """The folder of a ``directory`` source is absent or may not be read."""

    id = "directory-unreadable"
    cause_text = N_("The folder {path} cannot be read: {detail}.")
    remedy_text = N_("Check that it exists and that the user who runs Chartroom may read it.")


class RegistryInvalid(SourceError):
    """What a registry answered cannot be taken: ``detail``."""

    id = "registry-invalid"
    cause_text = N_("The answer of the registry at {url} is refused: {detail}.")
    remedy_text = N_("Check the registry and the proxies before it. Chartroom keeps the last good catalog.")


class RealmUnencrypted(RegistryInvalid):
    """A registry behind TLS lets its tokens be fetched without, which is how it is told to be reached: ``origin``."""

    id = "realm-unencrypted"
    cause_text = N_("The registry at {url} wants the sign-in to go to {origin}, without encryption; it was not sent.")
    remedy_text = N_(
        "Tell the registry its address with https://: of a Harbor that is external_url in harbor.yml, or externalURL "
        "of its Helm chart."
    )


class NotARegistry(RegistryInvalid):
    """Something else answers at the address."""

    id = "not-a-registry"
    cause_text = N_("There is no registry at {url}: {detail}.")
    remedy_text = N_("Check host and port. A repository with an index.yaml is registered by its http(s) address.")


class RegistryTooLarge(RegistryInvalid):
    """More repositories, tags, requests or bytes than one sync may take."""

    id = "registry-too-large"
    remedy_text = N_("Give an address further down, or name the repositories with charts under “repositories”.")


class RepositoryAbsent(SourceError):
    """The registry knows no such repository."""

    id = "repository-absent"
    cause_text = N_("The registry {host} has no repository {repository}.")
    remedy_text = N_("Check its name. Some registries answer the same where the account may not read it.")


class ManifestAbsent(SourceError):
    """The registry does not have that version any more."""

    id = "manifest-absent"
    cause_text = N_("The registry {host} does not have {repository}:{tag} as it was listed any more.")
    remedy_text = N_("It was deleted or pushed anew since; the next sync shows what is there.")


class RepositoriesUnknown(SourceError):
    """The registry does not tell which repositories it has."""

    id = "repositories-unknown"
    cause_text = N_("The registry {host} does not list its repositories: {detail}.")
    remedy_text = N_(
        "Many registries never do, or only for administrators. Name the repositories with charts under “repositories” "
        "of the source, or give the address of one chart, such as oci://{host}/team/chart."
    )


class ProjectsAbsent(SourceError):
    """A Harbor shows none of the projects that are meant."""

    id = "projects-absent"
    cause_text = N_("{url} shows no project that “{projects}” means, of {of} that may be read there.")
    remedy_text = N_(
        "Check “projects” of the source; names are case-sensitive. Private projects are shown to their members and "
        "robot accounts alone."
    )


class RemovalsHeld(SourceError):
    """An index by which ``removed`` of ``of`` charts would vanish or go back waits. Never raised: a sync's outcome."""

    id = "held"
    cause_text = N_("By the last index, {removed} of {of} charts would vanish or go back to an older version.")
    remedy_text = N_(
        "If it is meant, accept it on the source's page or with “chartroom sync --accept-removals”. The same answer at "
        "least ten minutes later is carried out by itself."
    )


class FallHeld(RemovalsHeld):
    """Too many charts at once."""

    id = "held-fall"


class EmptyHeld(RemovalsHeld):
    """No chart at all; that is never carried out by itself."""

    id = "held-empty"
    cause_text = N_("The last index lists no charts any more, so all {of} would vanish.")
    remedy_text = N_(
        "If it is meant, accept it on the source's page or with “chartroom sync --accept-removals”; an empty index is "
        "never carried out by itself."
    )


class UnprovenHeld(RemovalsHeld):
    """The index may be a shorter one, or cut off."""

    id = "held-unproven"
    cause_text = N_(
        "The last index does not show its own end, so it may be cut off. By it, {removed} of {of} charts would vanish "
        "or go back to an older version."
    )


class ProjectsHeld(RemovalsHeld):
    """Too many projects of a Harbor at once."""

    id = "held-projects"
    cause_text = N_("By the last answer, {removed} of {of} projects would vanish with their charts.")


class NoProjectsHeld(RemovalsHeld):
    """None of the projects any more; that is never carried out by itself."""

    id = "held-no-projects"
    cause_text = N_("The last answer shows none of the {of} projects any more, so all their charts would vanish.")
    remedy_text = N_(
        "If it is meant, accept it on the source's page or with “chartroom sync --accept-removals”. Otherwise see "
        "whether the account lost its rights."
    )


class EntryError(ChartroomError):
    """One entry of an index cannot be read; the rest stays. ``line`` counts from 1 where it is known."""

    id = "entry"
    cause_text = N_("{detail}")
    remedy_text = N_("Ask who publishes the chart to correct its entry; the other charts are not affected.")


# -- archives


class ArchiveError(ChartroomError):
    """The archive of one version cannot be had or read."""

    id = "archive"
    status = 502


class BadArchive(ArchiveError):
    """Not a chart archive, or over one of the limits."""

    id = "bad-archive"
    cause_text = N_("The archive of {chart} {version} is refused: {detail}.")
    remedy_text = N_("Ask who publishes the chart to package it again with “helm package”.")


class ArchiveNotYet(ArchiveError):
    """It is on its way, or waits until others are there."""

    id = "archive-not-yet"
    cause_text = N_("The archive of {chart} {version} is still being fetched.")
    remedy_text = N_("Load the page again in a moment.")
    status = 503


class ProvenanceAbsent(NotFound):
    """Nobody signed that version in Helm's way."""

    id = "provenance-absent"
    cause_text = N_("No provenance file lies beside the archive of {chart} {version}.")
    remedy_text = N_("Pull it without --verify, or ask who publishes the chart to sign it.")


class ProvenanceNotYet(ArchiveError):
    """Other provenance files are being looked for just now."""

    id = "provenance-not-yet"
    cause_text = N_("Whether {chart} {version} is signed was not looked for yet; others are being looked for just now.")
    remedy_text = N_("Load the page again in a moment.")
    status = 503


class ArchiveQuarantined(ArchiveError):
    """Processes ended while they read it, ``times`` in a row."""

    id = "archive-quarantined"
    cause_text = N_(
        "A process of Chartroom was killed {times} times while it read this archive, so it is not read any more."
    )
    remedy_text = N_(
        "See whether it ran out of memory, and give it more. The archive is tried again after a week; all others are "
        "read meanwhile."
    )


class DigestMismatch(ArchiveError):
    """The bytes are not those that the index promises."""

    id = "digest-mismatch"
    cause_text = N_("The archive of {chart} {version} has the digest {actual}, the index promises {expected}.")
    remedy_text = N_("The archive was changed after it was listed. Ask the publisher before you trust it.")


# -- what stands behind the pages


class RenderError(ChartroomError):
    """What a chart makes of values cannot be shown."""

    id = "render"
    cause_text = N_("What the chart makes cannot be shown: {detail}.")
    remedy_text = N_("Try again; nothing else depends on it.")
    status = 503


class HelmAbsent(RenderError):
    """There is no helm program."""

    id = "helm-absent"
    cause_text = N_("What the chart makes cannot be shown: there is no helm where Chartroom runs.")
    remedy_text = N_(
        "Put helm 3.16 or newer on its PATH, or name the program as “helm_binary” in the configuration; Chartroom’s "
        "container image has one."
    )


class HelmUnusable(RenderError):
    """The helm program does not run, or does not know what is asked of it."""

    id = "helm-unusable"
    cause_text = N_("What the chart makes cannot be shown: {program} is no helm that can be used: {detail}")
    remedy_text = N_("Install helm 3.16 or newer and name it as “helm_binary” in the configuration.")


class RenderRefused(RenderError):
    """helm says that the chart makes nothing of these values."""

    id = "render-refused"
    cause_text = N_("{detail}")
    remedy_text = N_("captain would fail in the same way: correct the values, or choose another version.")
    status = 422


class RenderTooLarge(RenderError):
    """Rendering takes more time, memory or room than it is given."""

    id = "render-too-large"
    cause_text = N_("What the chart makes cannot be shown: helm needs more than {limit} for it.")
    remedy_text = N_("It may still install. Render it yourself with “helm template”.")
    status = 422


class SearchUnavailable(ChartroomError):
    """The search index cannot be read just now."""

    id = "search-unavailable"
    cause_text = N_("The search index cannot be read: {detail}.")
    remedy_text = N_("Try again in a moment; “chartroom reindex” builds it anew from the store.")
    status = 503


class StoreUnavailable(ChartroomError):
    """The database does not answer."""

    id = "store-unavailable"
    cause_text = N_("The database does not answer: {detail}.")
    remedy_text = N_("Check the disk and the data folder; nothing that was stored is lost.")
    status = 503
    _come_back = 5


class DatabaseUnreachable(StoreUnavailable):
    """The database's server does not take what it is asked, for now; ``detail`` is its own sentence."""

    id = "database-unreachable"
    remedy_text = N_(
        "Check that PostgreSQL runs, can be reached, and takes writes. What serves or syncs goes on by itself as soon "
        "as it does; a command is to be given again. Nothing that was stored is lost."
    )


class DatabaseAbsent(DatabaseUnreachable):
    """It did not answer within the ``seconds`` in which a process that starts waits for it."""

    id = "database-absent"
    cause_text = N_("The database did not answer within {seconds} seconds of the start: {detail}.")
    remedy_text = N_("Check that PostgreSQL runs, can be reached, and takes writes; then start Chartroom again.")


class StoreDamaged(StoreUnavailable):
    """The file of the database is not one any more."""

    id = "store-damaged"
    cause_text = N_("The database cannot be read: {detail}.")
    remedy_text = N_(
        "Put a copy of the data folder back. Without one, move it away and start anew: the sources of the "
        "configuration return; those added elsewhere and the history of installs do not."
    )


class StoreNotEmpty(Conflict):
    """A copy or a backup would take the place of what is there; ``held`` names it."""

    id = "store-not-empty"
    cause_text = N_("There is something in {place} already ({held}).")
    remedy_text = N_("Name an empty database. To let all of it go and put the copy in its place, say --replace.")


class StoreInUse(Conflict):
    """A process works on the store that is to be copied or replaced; ``where`` names its machine and role."""

    id = "store-in-use"
    cause_text = N_("Chartroom works on this store: {where}.")
    remedy_text = N_("End it first. After a crash try again in half a minute, when it has not been heard of any more.")


class CopyFailed(StoreUnavailable):
    """The target does not take a row, or what was written is not what was read."""

    id = "copy-failed"
    cause_text = N_("The table {table} cannot be copied: {detail}. Nothing was kept of the copy.")
    remedy_text = N_("Try again. If it stays, report it with the versions of both databases.")


class BackupInvalid(UsageError):
    """A file is not a backup that can be restored; ``detail`` says why."""

    id = "backup-invalid"
    cause_text = N_("{file} cannot be restored: {detail}.")
    remedy_text = N_("Use a whole file that “chartroom backup” of this or an earlier version has made.")


class BackupKeyMissing(UsageError):
    """The secrets in a backup were sealed with a key that is not configured."""

    id = "backup-key-missing"
    cause_text = N_("The {count} stored secrets in {file} were sealed with the key {wanted}, which is not here.")
    remedy_text = N_(
        "Configure that key as secret_key, or put its file at {own_file}. With --without-key everything else is "
        "restored, and the secrets stay locked."
    )


class DataFolderUnusable(StoreUnavailable):
    """The data folder is gone, full or not writable; ``folder`` is its path."""

    id = "data-folder-unusable"
    cause_text = N_("The data folder {folder} cannot be used: {detail}.")
    remedy_text = N_("See that it is there, has room, and may be written to by the user who runs Chartroom.")

    @classmethod
    def at(cls, folder: object, error: OSError) -> Self:
        """What ``error`` means for the data folder."""
        return cls(folder=str(folder), detail=(error.strerror or str(error)).lower())


# -- secrets at rest


class SecretsLocked(ChartroomError):
    """``count`` secrets of ``sources`` were sealed with a key that is not among those given."""

    id = "secrets-locked"
    cause_text = N_("{count} stored secrets cannot be opened with the keys that are given; they belong to: {sources}.")
    remedy_text = N_(
        "Give the key that sealed them: in “secret_key” (several, separated by spaces: the first one seals, all of "
        "them open), or as the file {file}. Nothing was changed. Where that key is lost for good, “chartroom source "
        "forget-secrets” takes these secrets away, and only these; they have to be typed again."
    )


class SecretKeyUnusable(ChartroomError):
    """The file ``path``, which holds the key of the store's secrets, cannot be read or written."""

    id = "secret-key"
    cause_text = N_("The key file {path}, which the stored secrets are sealed with, cannot be used: {detail}.")
    remedy_text = N_("Put it back from a backup, let Chartroom's user read it, or give the key as “secret_key”.")

    @classmethod
    def at(cls, path: object, error: OSError) -> Self:
        """What ``error`` means for the key file."""
        return cls(path=str(path), detail=(error.strerror or str(error)).lower())


# -- clusters


class ClusterError(ChartroomError):
    """A cluster's API server refused or did not answer."""

    id = "cluster"
    cause_text = N_("The cluster {cluster} answered {status}: {detail}.")
    remedy_text = N_("Try again; if it stays, ask who runs the cluster.")
    status = 502


class ClusterUnreachable(ClusterError):
    """No connection to the API server."""

    id = "cluster-unreachable"
    cause_text = N_("The cluster {cluster} cannot be reached: {detail}.")
    remedy_text = N_("Check that its API server runs and that the kubeconfig names the right address.")
    status = 503


class ClusterTimedOut(ClusterError):
    """The API server took longer than ``seconds``."""

    id = "cluster-timed-out"
    cause_text = N_("The cluster {cluster} did not answer within {seconds} seconds.")
    remedy_text = N_("It may be overloaded. Before you send it again, look at the Apps page: it may have arrived.")
    status = 504


class ClusterRefused(ClusterError):
    """401 or 403 from the API server."""

    id = "cluster-refused"
    cause_text = N_("The cluster {cluster} refuses it ({status}): {detail}")
    remedy_text = N_(
        "Ask who runs the cluster for the right to do this in that namespace; 401 means the token is no longer valid."
    )
    status = 403


class RightMissing(ClusterRefused):
    """The cluster would refuse it; ``role`` is YAML that grants it."""

    id = "right-missing"
    cause_text = N_("{user} may not {verb} {resource} in namespace {namespace} of cluster {cluster}.")
    remedy_text = N_("Ask who runs the cluster to apply this, and try again:\n{role}")


class CaptainAbsent(ClusterError):
    """The API server does not serve ``app.alauda.io``."""

    id = "captain-absent"
    cause_text = N_("The cluster {cluster} does not know HelmRequests ({api_version}): captain is not installed there.")
    remedy_text = N_("Install captain and its CRDs in that cluster, or choose another cluster.")
    status = 409


class ClusterBusy(ClusterError):
    """429 from the API server; ``retry_after`` is the number of seconds that it asks to wait, 0 where it names none."""

    id = "cluster-busy"
    cause_text = N_("The cluster {cluster} has too much to do ({status}): {detail}.")
    remedy_text = N_("Wait that long, then try again. Nothing was done.")
    status = 503


class NotServed(ClusterError):
    """The API server does not serve ``api_version``, which is not captain's."""

    id = "not-served"
    cause_text = N_("The cluster {cluster} does not know {api_version}.")
    remedy_text = N_("It may be too old for it, or the operator that brings it is not installed there.")
    status = 409


class ImpersonationRefused(ClusterError):
    """``person`` has a name that no person of a cluster can have."""

    id = "impersonation-refused"
    cause_text = N_("Chartroom does not act as “{person}” in the cluster {cluster}.")
    remedy_text = N_(
        "There Chartroom acts as whoever is signed in, so that the cluster decides; names that are empty or begin with "
        "“system:” belong to no person. Sign in under another name."
    )
    status = 403


class OwnTokenAbsent(ClusterError):
    """The cluster is asked with the person's own token alone, and there is none that counts; ``detail`` says why."""

    id = "own-token-absent"
    cause_text = N_(
        "The cluster {cluster} is asked only with the token of a person’s own sign-in, and {person} has none that "
        "counts: {detail}"
    )
    remedy_text = N_(
        "Sign out, sign in again at the provider, and try again. Accounts that are not the provider’s, and the command "
        "line on the server, cannot act in this cluster."
    )
    status = 403


class OwnTokenUnavailable(ClusterError):
    """The cluster is asked with the person's own token alone, and the provider cannot renew it now."""

    id = "own-token-unavailable"
    cause_text = N_(
        "The cluster {cluster} is asked only with the token of a person’s own sign-in, and that of {person} cannot be "
        "renewed now: {detail}"
    )
    remedy_text = N_("Try again in a moment. This time nothing was sent.")
    status = 503


class OwnTokenRefused(ClusterRefused):
    """401 from the API server to the token of a person's own sign-in."""

    id = "own-token-refused"
    cause_text = N_("The cluster {cluster} does not accept the sign-in of {person} ({status}).")
    remedy_text = N_(
        "Sign out and in again. If that does not help, ask who runs the cluster: its API server has to trust the "
        "provider that signs people in here, and tokens that are meant for this Chartroom’s client."
    )


class WatchExpired(ClusterError):
    """410: the cluster no longer knows what has changed since. List anew, and watch from there."""

    id = "watch-expired"
    cause_text = N_("The cluster {cluster} no longer knows what has changed since the last look.")
    remedy_text = N_("Load the page again.")


class WebhookDown(ClusterError):
    """The API server could not ask one of its admission webhooks."""

    id = "webhook-down"
    cause_text = N_("The cluster {cluster} could not ask one of its webhooks: {detail}")
    remedy_text = N_(
        "Nothing was done. The program behind that webhook does not run or cannot be reached; captain has one too. "
        "Ask who runs the cluster to look at it."
    )
    status = 503


class ObjectConflict(ClusterError):
    """409 from the API server. ``taken``: the name is in use; ``deleting``: by what is being deleted; ``stale``:
    somebody else has changed or replaced the object since it was read."""

    id = "object-conflict"
    cause_text = N_("The cluster {cluster} says that this collides with something there: {detail}")
    remedy_text = N_("Choose another name, or look at what is there.")
    status = 409


class ObjectInvalid(ClusterError):
    """400, 413 or 422 from the API server; ``detail`` has a line per field."""

    id = "object-invalid"
    cause_text = N_("The cluster {cluster} does not accept the HelmRequest: {detail}")
    remedy_text = N_("Correct what it names and try again; nothing was created.")
    status = 422


class ManifestInvalid(ObjectInvalid):
    """The same for an object of another ``kind``."""

    id = "manifest-invalid"
    cause_text = N_("The cluster {cluster} does not accept the {kind}: {detail}")
    remedy_text = N_("Correct what it names and try again.")


class AdmissionDenied(ObjectInvalid):
    """A webhook of the cluster said no."""

    id = "admission-denied"
    cause_text = N_("A rule of the cluster {cluster} does not allow it: {detail}")
    remedy_text = N_("Correct what it names, or ask who runs the cluster about that rule; nothing was changed.")


def by_id() -> dict[str, type[ChartroomError]]:
    """Every error class by its stable id, to show a stored error again in another language."""
    found: dict[str, type[ChartroomError]] = {}
    todo: list[type[ChartroomError]] = [ChartroomError]
    while todo:
        cls = todo.pop()
        found.setdefault(cls.id, cls)
        todo.extend(cls.__subclasses__())
    return found


def describe(error_id: str, params: Mapping[str, Any]) -> ChartroomError:
    """Make a stored error again, to be shown. An id of another version of Chartroom shows as an internal error."""
    return by_id().get(error_id, ChartroomError)(**params)
