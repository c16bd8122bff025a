"""Forms: one document model, one walk over statements, one renderer per form."""
