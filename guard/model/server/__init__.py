"""An OpenAI-compatible server as a judge.

judge.py     asks it, and learns its manner        wire.py      requests and replies of both interfaces
manner.py    what a server takes, and what to      refusal.py   a failure as one line, with what may help
leave out after a refusal             bounded.py   a client that neither drowns nor waits for ever
"""
