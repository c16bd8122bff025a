"""What each command says: its document, its record, its screen."""
