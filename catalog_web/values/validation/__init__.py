"""Values against the schemas of a chart and its subcharts, as Helm holds them, in a process that can be killed.

::

    chart, values ──charts──▶ a schema and values each ──child──▶ program ──words──▶ problems with their lines

No schema is trusted: nothing is ever loaded for one (hostile case G1), one that costs more than a second is given up
(G2), one that is none is passed over with a note (G3).
"""
