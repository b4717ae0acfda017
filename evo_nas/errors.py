"""The one exception that is meant to be read by a person.

Whatever a user can get wrong (a file, a key, a value, a folder) ends as a `UserError`: one clear sentence that
says what was expected, what came, where, and what to do. The command line prints it and exits with 2.
"""


class UserError(Exception):
    """Something the user gave cannot be used; the text says what, where, and what to do."""
