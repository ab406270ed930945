"""Tokens, their scopes, and the caller that a store is narrowed to."""
