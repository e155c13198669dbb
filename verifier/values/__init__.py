"""Which values the expressions of one file can have and where they came from: constants, parts of texts, taints."""
