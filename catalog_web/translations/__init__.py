"""Message catalogs: ``<language>/LC_MESSAGES/messages.po``; the compiled ones are made from them and not kept in git."""
