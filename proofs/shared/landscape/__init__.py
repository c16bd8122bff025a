"""The parts of the landscape theorem, one idea a module."""
