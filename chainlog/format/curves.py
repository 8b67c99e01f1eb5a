"""The points of edwards25519 and of P-256, told from their bytes (RFC 8032 5.1.3, SEC 1 2.3.4)."""

from __future__ import annotations

from typing import Final

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
# The order of the subgroup in which signatures are made: L of RFC 8032.
GROUP_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_P256_P: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_P256_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
# The y coordinate of half the points of order 8; the other half has its negative.
_Y_ORDER_8: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
# Every encoding that neither a key nor an R may have, as 32 bytes: the points of small order (order
# 1, 2, 4, 4 and four of order 8) and the nineteen y at or above p, all of it with either sign bit.
# One look-up is the whole test.
REFUSED_POINTS: Final = frozenset(
    (y | sign << 255).to_bytes(32, "little")
    for y in (0, 1, _P - 1, _Y_ORDER_8, _P - _Y_ORDER_8, *range(_P, 2**255))
    for sign in (0, 1)
)


def on_edwards25519(y: int) -> bool:
    """Tell whether a point has this y.

    Whether x² = (y² - 1) / (dy² + 1) has a root (RFC 8032 5.1.3, Euler's criterion).
    """
    square = y * y
    return pow((square - 1) * (_D * square + 1), (_P - 1) // 2, _P) != _P - 1


def on_p256(prefix: int, x: int) -> bool:
    """Tell whether a compressed point has this prefix and x.

    Whether y² = x³ - 3x + b has a root (SEC 1 2.3.4).
    """
    return (
        prefix in (2, 3)
        and x < _P256_P
        and pow(x**3 - 3 * x + _P256_B, (_P256_P - 1) // 2, _P256_P) == 1
    )
