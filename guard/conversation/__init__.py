"""What a pull request's comments should be, given what they are and what a review found. Pure: values in, actions out.

    values      what stands on a pull request, and what can be done to it
    words       what people's replies and commands mean
    settle      a report, after what people decided
    anchors     where a finding can be commented
    texts       the bodies: comment, summary, answers, cut to the host's limits
    memory      what the summary remembers for the next push, in a hidden line
    status      the check's conclusion and details
    plan        what is there, what should be there -> what to do

A host (`guard/integrations/hosting/`) fills in the values and performs the actions; nothing here knows which one it is.
"""
