# /// script
# dependencies = ["cargo-list"]
# ///
