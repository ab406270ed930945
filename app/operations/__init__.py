"""Operations of the service: method, path, scope and body of each, in one table."""
