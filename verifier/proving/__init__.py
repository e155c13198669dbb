"""Whether what the tables of deprecated APIs say is so: read from the releases around each change, and written down."""
