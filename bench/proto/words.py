"""The guest in Python, and the empty call that its calls are compared with."""


def div(x: int, y: int) -> float:
    return x / y


def concat_strings(parts: list[str]) -> str:
    return ", ".join(parts)


def empty() -> None:
    """Does nothing: `bench/host` calls it by hand."""
