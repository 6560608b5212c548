"""The command line: one file for each verb, named in ``commands.COMMANDS``, and loaded only when it is called.

Nothing is imported here: every parse worker loads this module along with the program it was started by.
"""


def main() -> None:
    """Run the verb that the command line names, and end the process with its exit code."""
    from ingestd.cli.program import app

    app(prog_name="ingestd")
