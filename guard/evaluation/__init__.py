"""How good the reviews are: labelled commits and what a review said of them in, outcomes and rates out. Pure: nothing is read or run here.

`cases` reads the labels, `scoring` judges one case, `tally` counts, `comparison` holds two results against each other, and
`text`, `markdown` and `document` show a result.
"""
