"""What a model reads although no rule fired on it: added code where the heuristics are weak and something could be there.

glances.py    words in a text that tell of state        foreign.py    files of languages without a reader
choosing.py   which lines are read, squeezed            named.py      what a model named, as signals
"""
