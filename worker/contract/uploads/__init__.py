"""Files of users: rows of what was uploaded and checked."""
