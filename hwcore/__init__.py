"""The science of mho: cells, training for them, and the arrays they make. Usable on its own."""
