"""What a model reads although no rule fired on it: added code where the heuristics are weak and something could be there.

choosing.py   which lines are read                      glances.py    words in a line that tell of state
foreign.py    files of languages without a reader       squeezing.py  lines with as little around them as they need
reading.py    the model reads on                        named.py      what it named, as signals
told.py       what signals tell already
"""
