"""What a pull request's comments should be, given what they are and what a review found. Pure: values in, actions out.

    values      what stands on a pull request, and what can be done to it
    terms       what a plan is made under: links, what fails, what the token may do
    words       what people's replies and commands mean
    markers     the hidden lines by which our comments are known
    settle      a report, after what people decided
    anchors     where a finding can be commented
    escape      text of a model or a repository, made harmless
    texts       the bodies: comment, answers, cut to the host's limits
    summary     the comment that is edited in place
    memory      what the summary remembers for the next push, in a hidden line
    status      the check's conclusion and details
    answers     replies to commands
    plan        what is there, what should be there -> what to do

A host (`guard/integrations/hosting/`) fills in the values and performs the actions; nothing here knows which one it is. It calls:

    speakers(conversation) -> frozenset[str]          whose permission to ask for, before `Conversation.writers` is filled in
    settle(report, conversation) -> Settled           `.report` without what people decided to live with (listed as suppressed)
    plan(settled, change, conversation, terms) -> tuple[Action, ...]
                                                      idempotent: after all of it was performed and read again, it is empty
    overview(settled, change, conversation, terms) -> str
                                                      the summary's text alone, for a step summary or a dry run
    commands(conversation) -> tuple[Command, ...]     commands of people who may write, oldest first
    answers(conversation, explain) -> tuple[Action, ...]
                                                      what to answer to them, each once; `explain(name)` gives a rule's page or ""
"""

from guard.conversation.answers import answers
from guard.conversation.plan import overview, plan
from guard.conversation.settle import Settled, settle
from guard.conversation.terms import Links, Terms
from guard.conversation.words import Command, commands, speakers

__all__ = ["Command", "Links", "Settled", "Terms", "answers", "commands", "overview", "plan", "settle", "speakers"]
