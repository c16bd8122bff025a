"""One example's exact moments under every law that has rational ones."""
