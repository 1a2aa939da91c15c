"""Questions in, verdicts out: the prompt, the judge who is asked, and what is made of the answer.

Nothing of this is imported unless a model is asked; each module imports its libraries where it uses them.

    question.py   what is asked, as values          prompt.py   questions -> requests
    judge.py      the judge: one method             openai.py   an OpenAI-compatible server as a judge
    record.py     judges that keep or repeat        answer.py   the reply, validated, as verdicts
    tokens.py     counts, without a download        asking.py   all of it, in order
    setup.py      which judge the arguments and the environment ask for
"""
