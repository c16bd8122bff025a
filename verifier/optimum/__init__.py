"""The best layer of one concrete setting, exactly."""
