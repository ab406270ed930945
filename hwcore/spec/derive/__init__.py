"""Facts that follow from a description: tables of levels, plan, tiles, effects, looks, estimates."""
