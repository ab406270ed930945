"""RFC 9457 problems: the closed list of reasons, and every exception as one of them."""
