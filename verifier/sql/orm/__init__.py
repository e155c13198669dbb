"""What SQLAlchemy and Django models declare and their queries ask, put into SQL so that SQLite can judge it."""
