"""What happens to one object: who holds it, who changes it, how long it gets."""
