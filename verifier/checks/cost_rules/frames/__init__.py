"""Rules about pandas frames and NumPy arrays."""
