"""The cost rules, one kind of work per module; each module's RULES says which function finds which rule."""
