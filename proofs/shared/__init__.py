"""What several theorem files share; each module says what it is for."""
