"""The MCP server: a review as tools that a coding agent calls. The only room that imports the package `mcp`.

    roots.py     which paths may be read             cursors.py   pages of a long answer, without keeping anything
    answers.py   what the tools answer, as models    reviewing.py from arguments to a change, and its review
    working.py   a review beside the event loop      tools.py     the tools      resources.py  resources and the prompt
    server.py    all of it as one server             http.py      serving it over HTTP

No session is kept, neither by the protocol nor by us: every request brings all that it needs.
"""
