"""The SQL rules, one subject each, over what `asking` knows of a file."""
