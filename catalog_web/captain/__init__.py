"""Which chart repositories captain of a cluster knows, and which of them Chartroom knows.

``chartrepo`` (a source to captain's objects and back, pure), ``limits`` (where captain cannot follow a source, pure),
``objects`` (one ChartRepo and its Secret made, mended, removed), ``publish`` (what is wanted kept in step),
``discover`` (ChartRepos that others made, offered as sources), ``secrets`` (Secrets that sources refer to).
"""
