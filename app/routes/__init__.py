"""The routes of the API, one file per thing that they are about."""
