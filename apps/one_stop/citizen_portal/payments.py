"""Payment gateways of the portal."""


def gateway_origins() -> list[str]:
	"""Origins that a form of ours may lead to."""
	return []
