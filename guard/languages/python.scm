; What is read off the whole tree at once; scopes, names and values are followed in code.
(comment) @comment
