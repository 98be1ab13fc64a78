"""Message catalogs: ``LANGUAGE/LC_MESSAGES/messages.po``. The compiled ones are made from them and not kept in git."""
