"""A request to a witness as the specification has it, and what is none."""

from __future__ import annotations

from chainlog.format.witness_request import REQUEST_LIMIT

# C2SP tlog-witness, "Example request body" of add-checkpoint.
EXAMPLE = b"""old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\xe2\x80\x94 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4U\
RYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
\xe2\x80\x94 example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlC\
um2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""

HEAD, NOTE = EXAMPLE.split(b"\n\n", 1)

SPOILT = [
    b"",
    b"\n",
    b"old 1\n",
    NOTE,
    b"\n\n" + NOTE,
    b"old\n\n" + NOTE,
    b"old 01\n\n" + NOTE,
    b"old -1\n\n" + NOTE,
    b"old +1\n\n" + NOTE,
    b"old  1\n\n" + NOTE,
    b"old 1 \n\n" + NOTE,
    b"Old 1\n\n" + NOTE,
    b"old \xd9\xa1\n\n" + NOTE,
    b"old 9007199254740992\n\n" + NOTE,
    b"old 1\r\n\r\n" + NOTE,
    HEAD + b"\n" + NOTE,
    HEAD + b"\n \n" + NOTE,
    HEAD[:-1] + b"\n\n" + NOTE,
    HEAD.replace(b"PlRN", b"P\xffRN") + b"\n\n" + NOTE,
    HEAD.replace(b"kaw=", b"kax=") + b"\n\n" + NOTE,
    HEAD + b"\nAAAA\n\n" + NOTE,
    b"\n".join([b"old 1", *[b"A" * 43 + b"="] * 64]) + b"\n\n" + NOTE,
    EXAMPLE[:-1],
    EXAMPLE + b"x" * REQUEST_LIMIT,
    b"old 1\n\n" + b"x" * 1000,
]
