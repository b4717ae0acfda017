"""A genome becomes a `keras.Model`: a builder an encoding, of shared layers, and how their training starts."""
