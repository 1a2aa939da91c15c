"""GitHub: reads a pull request and writes to it, through REST and GraphQL."""
