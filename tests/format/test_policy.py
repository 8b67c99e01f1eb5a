from __future__ import annotations

import sys
import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainlog.errors import PolicyError
from chainlog.format import policy
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import VerifierKey, format_vkey

QUICK = settings(max_examples=60, deadline=None)


def key(name, kind=4, seed=None):
    public = Ed25519Signer.from_seed((seed or name).encode().ljust(32, b".")).key_id[1:]
    return VerifierKey(f"{name.lower()}.example", kind, public if kind != 6 else public * 41)


def vkey(*args):
    return format_vkey(key(*args))


NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
KEYS = {name: key(name) for name in NAMES}
# C2SP tlog-policy, "Example policy", with keys.
SPEC = f"""\
log {vkey("log", 1)}

witness X1 {vkey("X1")}
witness X2 {vkey("X2")}
witness X3 {vkey("X3")}
group X-witnesses 2 X1 X2 X3

witness Y1 {vkey("Y1")}
witness Y2 {vkey("Y2")}
witness Y3 {vkey("Y3")}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
W, V, M = (
    f"witness {name} {vkey(name.upper(), kind)}\n" for name, kind in (("w", 4), ("v", 4), ("m", 6))
)


def parse(text):
    return policy.parse_policy(text if isinstance(text, bytes) else text.encode())


def refused(text):
    with pytest.raises(PolicyError) as error:
        parse(text)
    assert error.value.code == "policy"
    assert len(error.value.message) < 300
    assert error.value.message.isprintable()
    return error.value.message


# The example of the specification


def test_the_example_of_the_specification():
    told = parse(SPEC)
    assert told.logs == (key("log", 1),)
    assert told.witnesses == KEYS
    assert told.keys == tuple(KEYS.values())
    assert told.urls == {}


def test_the_example_is_met_by_two_of_x_and_one_of_y():
    told = parse(SPEC)
    for count in range(len(NAMES) + 1):
        for names in combinations(NAMES, count):
            enough = sum(name[0] == "X" for name in names) >= 2 and any(
                name[0] == "Y" for name in names
            )
            assert told.is_met([KEYS[name] for name in names]) == enough
            # One who is not asked, and one who cosigned twice, change nothing.
            assert told.is_met([key("stranger"), *[KEYS[name] for name in names] * 2]) == enough


@QUICK
@given(st.lists(st.sampled_from(NAMES), unique=True, min_size=1), st.data())
def test_groups_count(names, data):
    least = data.draw(st.integers(1, len(names)))
    cosigned = data.draw(st.sets(st.sampled_from(NAMES)))
    lines = "".join(f"witness {name} {format_vkey(KEYS[name])}\n" for name in NAMES)
    for said, needed in ((least, least), ("all", len(names)), ("any", 1)):
        told = parse(f"{lines}group g {said} {' '.join(names)}\nquorum g\n")
        assert told.is_met({KEYS[name] for name in cosigned}) == (
            len(cosigned.intersection(names)) >= needed
        )


# Forms


def test_white_space_comments_and_urls():
    told = parse(
        f"# a comment\n\n  \t\n\t# \u0436, another one\n witness\tw \t {vkey('W')}  "
        "https://w.example/x?y=z \n"
        f"log {vkey('log', 1)} https://log.example\n\tquorum \t w\t\n# quorum none\n"
    )
    assert (told.quorum, told.urls) == (key("W"), {"w": "https://w.example/x?y=z"})


def test_a_number_sign_begins_a_comment_only_at_the_start():
    assert parse(f"{W.replace(' w ', ' #w ')}group g# any #w\nquorum g#\n").witnesses == {
        "#w": key("W")
    }
    refused(f"{W}quorum w # that is all\n")
    refused(f"{W}quorum w#\n")


def test_a_witness_of_each_type_and_a_key_that_serves_as_log_and_as_witness():
    told = parse(f"{W}{M}log {vkey('W', 1)}\ngroup g all w m\nquorum g\n")
    assert [one.type for one in told.keys] == [4, 6]
    assert told.is_met(told.keys)
    assert not told.is_met(told.keys[:1])
    assert not told.is_met(told.logs)


def test_names_are_octets():
    told = parse(W.encode().replace(b" w ", b" K ") + b"quorum K\n")
    assert list(told.witnesses) == ["K"]
    refused(W.encode().replace(b" w ", b" K ") + "quorum \u212a\n".encode())
    for name in (
        b"\xff",
        b"\xc3",
        b"\xe2\x84\xaa",
        "\u00e9".encode(),
        b"\x80\x81",
        b"\xc2\xa0",
        b"\xe2\x80\xa8",
        "\ufeff".encode(),
    ):
        told = parse(W.encode().replace(b" w ", b" %b " % name) + b"quorum " + name + b"\n")
        assert told.is_met([key("W")])
        assert refused(W.encode().replace(b" w ", b" %b " % name) + b"quorum w\n")
    # Two that a lossy reading would take for one.
    two = W.encode().replace(b" w ", b" \xff ") + V.encode().replace(b" v ", b" \xfe ")
    assert parse(two + b"group g all \xff \xfe\nquorum g\n").is_met([key("W"), key("V")])


def test_a_name_may_be_a_word_of_the_language():
    told = parse(
        f"{W.replace(' w ', ' all ')}{V.replace(' v ', ' 1 ')}group any all all 1\nquorum any\n"
    )
    assert told.is_met([key("W"), key("V")])
    assert not told.is_met([key("W")])


def test_quorum_none():
    assert parse("quorum none\n").is_met([])
    told = parse(f"{W}quorum none\n{V}")
    assert told.is_met([])
    assert told.keys == (key("W"), key("V"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no quorum line"),
        ("\n", "no quorum line"),
        (W, "no quorum line"),
        (f"{W}# quorum w\n", "no quorum line"),
        (f"{W}quorum w", "line 2: the last line is cut off"),
        ("quorum none", "line 1: the last line is cut off"),
        (f"{W}quorum w\n ", "line 3: the last line is cut off"),
        (f"{W}quorum w\nquorum w\n", "line 3: a second quorum"),
        ("quorum none\nquorum none\n", "line 2: a second quorum"),
        (f"quorum w\n{W}", "line 1: 'w' was not defined in a line above"),
        (f"{W}quorum v\n", "line 2: 'v' was not defined"),
        (f"{W}quorum W\n", "line 2: 'W' was not defined"),
        (f"{W}quorum w v\n", "no line of a policy"),
        (f"{W}quorum\n", "no line of a policy"),
        (f"{W}Quorum w\n", "no line of a policy"),
        (f"\ufeff{W}quorum w\n", "line 1: "),
        (f"{W}quorum w\n".replace("\n", "\r\n"), "line 1: a control character"),
        (f"{W}quorum w\n\x00\n", "line 3: a control character"),
        (f"# \x1b[2J\n{W}quorum w\n", "line 1: a control character"),
        (f"# \x7f\n{W}quorum w\n", "line 1: a control character"),
        (f"{W}\x0cquorum w\n", "line 2: a control character"),
        (f"{W}quorum\u00a0w\n", "no line of a policy"),
        (f"{W}{W}quorum w\n", "one key for two witnesses"),
        (f"{W}witness w2 {vkey('other', 4, 'W')}\nquorum w\n", "one key for two witnesses"),
        (f"{W}{V.replace(' v ', ' w ')}quorum w\n", "line 2: the name 'w' is taken"),
        (f"{W.replace(' w ', ' none ')}quorum none\n", "the name 'none' is taken"),
        (f"{W}group none any w\nquorum none\n", "the name 'none' is taken"),
        (f"{W}group w any w\nquorum w\n", "the name 'w' is taken"),
        (f"{W}group g any g\nquorum g\n", "'g' was not defined"),
        (f"{W}group g any none\nquorum g\n", "'none' was not defined"),
        (f"{W}group g any w w\nquorum g\n", "'w' is in a group already"),
        (f"{W}{V}group g any w\ngroup h 2 w v\nquorum h\n", "'w' is in a group already"),
        (
            f"{W}group g any w\ngroup h any g\ngroup i any g\nquorum h\n",
            "'g' is in a group already",
        ),
        (f"{W}group g\nquorum w\n", "no line of a policy"),
        (f"{W}group g any\nquorum w\n", "no line of a policy"),
        (f"{W}group g 0 w\nquorum g\n", "'0' of 1 members"),
        (f"{W}group g 2 w\nquorum g\n", "'2' of 1 members"),
        (f"{W}group g 01 w\nquorum g\n", "'01' of 1 members"),
        (f"{W}group g -1 w\nquorum g\n", "'-1' of 1 members"),
        (f"{W}group g 1.0 w\nquorum g\n", "'1.0' of 1 members"),
        (f"{W}group g \u0661 w\nquorum g\n", "of 1 members"),
        (f"{W}group g {'9' * 4000} w\nquorum g\n", "of 1 members"),
        (f"{W}group g w w\nquorum g\n", "'w' of 1 members"),
        ("witness w\nquorum none\n", "no line of a policy"),
        (f"witness w {vkey('W')} url more\nquorum w\n", "no line of a policy"),
        (f"witness w {vkey('W')[:-1]}\nquorum w\n", "line 1: "),
        (f"witness w {vkey('W', 1)}\nquorum w\n", "cosigns with type 4 or 6"),
        (f"log {vkey('W', 4)}\nquorum none\n", "a log signs with type 1"),
        ("log\nquorum none\n", "no line of a policy"),
        (f"log {vkey('W', 1)} url more\nquorum none\n", "no line of a policy"),
        (f"log {vkey('W', 1)}\nlog {vkey('other', 1, 'W')}\nquorum none\n", "one key for two logs"),
        ("log \ud800+00000000+AA==\nquorum none\n".encode("utf-8", "surrogatepass"), "line 1: "),
    ],
)
def test_what_is_no_policy_is_refused(text, why):
    assert why in refused(text)


def test_two_witnesses_with_one_name_and_one_hash(monkeypatch):
    text = f"{W}{V}group g all w v\nquorum g\n".replace("v.example", "w.example")
    monkeypatch.setattr(VerifierKey, "key_hash", property(lambda _: b"same"))
    monkeypatch.setattr(
        policy,
        "parse_vkey",
        lambda text: VerifierKey("same.example", 4, key("W" if text == vkeys[0] else "V").public),
    )
    vkeys = [line.split()[2] for line in text.splitlines()[:2]]
    assert "one name and one key hash" in refused(text)


# Any of those who are admitted


def test_any_of():
    w, v, m = key("W"), key("V"), key("M", 6)
    told = policy.any_of([w, v, m, w])
    assert set(told.keys) == {w, v, m}
    assert all(told.is_met([one]) for one in (w, v, m))
    assert not told.is_met([])
    assert not told.is_met([key("X1")])
    assert told.logs == ()


def test_any_of_none_is_never_met():
    told = policy.any_of([])
    assert told.keys == ()
    assert not told.is_met([])
    assert not told.is_met([key("W")])


def test_any_of_two_with_one_name_and_one_hash_hides_neither(monkeypatch):
    w = key("W")
    other = VerifierKey(w.name, 4, key("V").public)
    monkeypatch.setattr(VerifierKey, "key_hash", property(lambda _: b"same"))
    assert policy.any_of([w, other]).keys == (w, other)


def test_a_group_that_is_always_met_cannot_be_made():
    for least in (0, -1):
        with pytest.raises(PolicyError):
            policy.Group(least, (key("W"),))


# Limits


def test_at_least_as_much_as_the_specification_asks_for():
    lines = [f"log {vkey(f'log{n}', 1)}" for n in range(32)]
    lines += [f"witness w{n} {vkey(f'w{n}')}" for n in range(32)]
    lines += [
        "group g0 any w0",
        *(f"group g{n} all g{n - 1} w{n}" for n in range(1, 32)),
        "quorum g31",
    ]
    told = parse("\n".join(lines) + "\n")
    assert (len(told.logs), len(told.keys)) == (32, 32)
    assert told.is_met(told.keys)
    assert not told.is_met(told.keys[1:])


def test_groups_within_groups_stay_shallow_enough_for_whoever_walks_through_them():
    lines = [
        W.rstrip(),
        "group g1 any w",
        *(f"group g{n} any g{n - 1}" for n in range(2, policy.DEPTH_LIMIT + 1)),
    ]
    text = "\n".join([*lines, f"quorum g{policy.DEPTH_LIMIT}"]) + "\n"
    one, same = parse(text), parse(text)

    def deep(frames):
        if frames:
            return deep(frames - 1)
        return (
            one.is_met(one.keys)
            and one == same
            and hash(one.quorum) == hash(same.quorum)
            and repr(one) == repr(same)
        )

    assert deep(sys.getrecursionlimit() // 2)
    lines.append(f"group more any g{policy.DEPTH_LIMIT}")
    assert "within each other" in refused("\n".join(lines) + "\nquorum more\n")


def test_the_number_of_names_and_of_logs_is_limited():
    limit = policy.NAMES_LIMIT
    witnesses = [f"witness w{n} {vkey(f'w{n}')}\n" for n in range(limit + 1)]
    logs = [f"log {vkey(f'log{n}', 1)}\n" for n in range(limit + 1)]
    told = parse("".join(witnesses[:-1] + logs[:-1]) + "quorum w0\n")
    assert (len(told.keys), len(told.logs)) == (limit, limit)
    assert f"more than {limit} witnesses" in refused("".join(witnesses) + "quorum w0\n")
    assert f"more than {limit} logs" in refused("".join(logs) + "quorum none\n")


@pytest.mark.parametrize(
    "unit",
    [
        b"\n",
        b"a",
        b" ",
        b"#\n",
        b" \n",
        b"\t \n",
        b"quorum none\n",
        b"\xff",
        b"group g any w\n",
        b"witness w w\n",
    ],
    ids=repr,
)
def test_ten_megabytes_and_all_that_fits_are_refused_at_once(unit):
    began = time.process_time()
    refused(unit * (10_000_000 // len(unit)))
    refused(unit * (policy.POLICY_LIMIT // len(unit)))
    assert time.process_time() - began < 1


def test_many_lines():
    assert parse("#\n" * (policy.LINES_LIMIT - 1) + "quorum none\n").quorum is None
    assert f"more than {policy.LINES_LIMIT} lines" in refused(
        "#\n" * policy.LINES_LIMIT + "quorum none\n"
    )


def test_a_long_line():
    assert f"the limit is {policy.LINE_LIMIT}" in refused(
        b"# " + b"x" * policy.LINE_LIMIT + b"\nquorum none\n"
    )
    assert parse(b"#" + b"x" * (policy.LINE_LIMIT - 1) + b"\nquorum none\n").quorum is None


# Whatever comes


@QUICK
@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                W,
                V,
                M,
                *"1wmg#",
                "quorum",
                "group",
                "witness",
                "log",
                "none",
                "all",
                "any",
                " ",
                "\n",
            ]
        )
    )
    .map("".join)
    .map(str.encode)
)
def test_only_policy_errors_come(data):
    try:
        told = parse(data)
    except PolicyError:
        return
    assert told.quorum is None or not told.is_met([])
    assert told.is_met(told.keys)


def test_each_byte_of_a_policy_counts_where_it_stands():
    """A changed byte is refused, or changes a name or a comment, or whom it takes.

    Never the keys.
    """
    data = f"{W}{V}group g 2 w v\nquorum g\n".encode()
    for place in range(len(data)):
        for other in (
            b"",
            b"\n",
            b" ",
            b"1",
            b"\xff",
            data[place : place + 1] * 2,
            bytes([data[place] ^ 1]),
        ):
            try:
                told = parse(data[:place] + other + data[place + 1 :])
            except PolicyError:
                continue
            assert set(told.keys) == {key("W"), key("V")}
            assert told.is_met(told.keys)
            assert not told.is_met([])
