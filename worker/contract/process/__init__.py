"""Parts that every process of the service needs: settings, logs, a clean start, the tether to its parent."""
