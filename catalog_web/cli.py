"""``chartroom``: every verb of the command line.

The modules of ``commands`` import nothing heavy before a verb runs, so that ``--help`` answers at once and ``sync``
never loads the web.
"""

import click

from catalog_web.commands import (
    apps,
    backup,
    compare,
    doctor,
    history,
    install,
    rollback,
    search,
    serve,
    source,
    sync,
    token,
    uninstall,
    upgrade,
    user,
)
from catalog_web.commands.common import Verbs, with_config


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@with_config
@click.version_option(package_name="chartroom")
def main() -> None:
    """Chartroom: find Helm charts in all your repositories, and install them through captain."""


for verb in (
    serve.serve,
    serve.web,
    serve.index,
    sync.sync,
    search.search,
    search.show,
    compare.compare,
    source.source,
    install.install,
    apps.apps,
    upgrade.upgrade,
    history.history,
    rollback.rollback,
    uninstall.uninstall,
    user.user,
    token.token,
    doctor.doctor,
    backup.backup,
    backup.restore,
    backup.migrate_store,
    sync.reindex,
):
    main.add_command(verb)
