"""Services that a server keeps from its start to its end: stores, publisher, followers of events, figures."""
