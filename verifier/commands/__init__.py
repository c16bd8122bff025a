"""The sub-commands of the command line, one file each: parse, call, render, exit code (floor 4)."""
