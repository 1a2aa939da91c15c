"""What most programming languages have in common, once: a reader lowers its syntax tree into few kinds of pieces, and facts come out.

    program     the pieces: declarations, statements, expressions
    scopes      which scopes a program has, and what each declares
    names       what a name or a chain of members stands for
    noting      what is done to which binding
    reading     pieces in, facts out

A language that is read this way is one module that lowers (`java.py` with `_java_lowering.py`), its own words for what changes a
container (`Dialect`), and catalogue files. Python and JavaScript, which bind names in ways of their own, have readers of their own.
"""
