"""What the tests against the real binaries share: a glauxd of their own, and clients for it."""
