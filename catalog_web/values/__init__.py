"""A person's values: what a form makes of them, what is sent of them, what an upgrade means for them. Pure."""
