"""The company's rules, in one place: baked into the image that flows run in."""

DISCOUNTS = ((100, 0.15), (10, 0.05))  #: from so many pieces on, so much less


def quote(pieces: int, unit_price: float) -> float:
    """What an order costs."""
    discount = next((rate for least, rate in DISCOUNTS if pieces >= least), 0.0)
    return round(pieces * unit_price * (1 - discount), 2)
