"""Questions in, verdicts out: the prompt, the judge who is asked, and what is made of the answer.

Nothing of this is imported unless a model is asked; each module imports its libraries where it uses them.

    question.py      what is asked, as values          prompt.py    questions -> requests (templates in prompts/)
    judge.py         the judge: one method             answer.py    a reply, validated, as verdicts
    server/          a server as a judge               quote.py     whether a quote is true, and where it stands
    patience.py      a judge that asks again           text.py      text of others, made harmless to carry
    record.py        judges that keep or repeat        tokens.py    counts, without a download
    asking.py        all of it, in order               crew.py      several calls at once, up to a deadline
    remembering.py   what was answered before          verdicts.py  the file of what was paid for
    budget.py        what may be spent                 prices.py    what a model costs (prices.toml)
    preview.py       what would be sent, counted       inquiry.py   whom to ask and within which limits, as values
    setup.py         which judge the arguments and the environment ask for
"""
