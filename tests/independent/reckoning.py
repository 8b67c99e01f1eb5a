"""docs/audit.md, reckoned from the story's steps alone.

No ledger, no chainlog.audit, nothing of theirs.

`reckon(seeds, steps, as_of)` gives what does not add up as {(code, group): {(label, item)}}. It is
simpler than an audit: it knows that the chains are whole, that people's clocks are right but where
the seeds say otherwise, and that papers are told before their answers.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

INSPECTORS = {"inventory", "inspect", "found", "attest", "correct", "acknowledge"}
KNOWN = {
    *(
        "register",
        "advise",
        "dispatch",
        "receive",
        "transfer",
        "accept",
        "consent",
        "pack",
        "unpack",
        "expend",
        "loss",
        "destroy",
        "fund",
    ),
    *INSPECTORS,
}
ALIKE = str.maketrans("OОIІl", "00111")
DAY = 86_400_000
HOUR = DAY // 24


@lru_cache(maxsize=10_000)
def ms(text):
    return int(
        datetime.fromisoformat(text if len(text) > 10 else f"{text}T00:00:00Z").timestamp() * 1000
    )


def identity(item):
    return (
        f"uii:{item['uii']}"
        if "uii" in item
        else "/".join(item[name] for name in ("maker", "part", "serial"))
    )


def lot_of(line):
    return line["lot"]["nsn"], line["lot"]["number"], line["unit"]


class Reckoning:
    def __init__(self, seeds, steps, as_of):
        self.seeds, self.as_of = seeds, as_of
        self.steps = [step for step in steps if step.clock <= as_of]
        self.by_label = {step.label: step for step in self.steps}
        self.people = {person.name: person for person in seeds.people}
        self.names = {party.id: party.name for party in seeds.parties}
        self.inside = {self.names[person.party] for person in seeds.people} | {
            site.name for site in seeds.sites
        }
        self.in_country = {party.name for party in seeds.parties if party.in_country}
        self.found = defaultdict(set)
        self.meant = {step.label: step.fields for step in self.steps}
        self.holder, self.since, self.transit, self.ended, self.sealed = {}, {}, {}, {}, {}
        self.registered, self.monitored, self.type, self.condition = {}, {}, {}, {}
        self.arrived, self.seen, self.looked = {}, {}, {}
        self.worth, self.alike = defaultdict(dict), {}
        self.lots = defaultdict(Decimal)
        self.counted, self.whole, self.counter = {}, {}, {}
        self.named = defaultdict(list)
        self.papers, self.receipts, self.answers = (
            defaultdict(list),
            defaultdict(list),
            defaultdict(list),
        )

    def say(self, code, group, step=None, item=None):
        self.found[code, group].add((step.label if step else None, item))

    def party(self, step, fields):
        person = self.people[step.person]
        return (
            fields.get("on_behalf_of") if "recorder" in person.roles else self.names[person.party]
        )

    def run(self):
        self.correct()
        self.acts = [
            step
            for step in self.merged()
            if "." not in step.kind and self.meant[step.label] is not None
        ]
        for step in self.acts:
            fields = self.meant[step.label]
            if step.kind == "accept":
                self.answers[fields["document"]].append(step)
            elif step.kind in {"advise", "dispatch"}:
                self.papers[fields["document"]].append(step)
        for at, step in enumerate(self.acts):
            self.at = at
            self.take(step, self.meant[step.label])
        self.close()
        self.money()
        self.clocks()
        self.pictures()
        return self

    def correct(self):
        for step in self.steps:
            if step.kind != "correct":
                continue
            wrong, person = self.by_label[step.fields["entry"].label], self.people[step.person]
            owner = "owner" in person.roles and person.site in {wrong.site, "hq"}
            if owner or self.party(step, step.fields) == self.party(wrong, wrong.fields):
                self.meant[wrong.label] = step.fields.get("replacement")
            else:
                self.say("CORRECT-FOREIGN", step.label, step)

    def when(self, step):
        fields = self.meant[step.label] or step.fields
        return ms(fields["event_time"]) if "event_time" in fields else step.clock

    def merged(self):
        """By what happened first, each chain in its own order."""
        chains = defaultdict(list)
        for step in reversed(self.steps):
            chains[step.site].append(step)
        while chains:
            site = min(chains, key=lambda site: (self.when(chains[site][-1]), site))
            yield chains[site].pop()
            if not chains[site]:
                del chains[site]

    def take(self, step, fields):
        listed = fields.get("lines", [])
        items = [(identity(line["item"]), line) for line in listed if "item" in line]
        items += [(identity(fields["item"]), {})] if "item" in fields else []
        for item, line in items:
            self.named[item].append(self.at)
            self.describe(step, item, line)
        self.signed(step, fields)
        handler = getattr(self, f"on_{step.kind}", None)
        if handler:
            handler(
                step,
                fields,
                [item for item, _ in items],
                [line for line in listed if "lot" in line],
            )

    def describe(self, step, item, line):
        self.type[item] = line.get("type", self.type.get(item))
        if "value" in line:
            before = self.worth[item].setdefault(line["value"]["basis"], line["value"])
            if before != line["value"]:
                self.say("VALUE-NONE", (self.holder.get(item), self.type[item]), step, item)
        if "condition" in line and step.kind not in {"advise", "consent", "accept"}:
            if line["condition"] < self.condition.get(item, "A"):
                self.say("COND-ILL", step.label, step, item)
            self.condition[item] = line["condition"]

    def signed(self, step, fields):
        person = self.people[step.person]
        fits = "custodian" in person.roles or (
            "inspector" in person.roles and step.kind in INSPECTORS
        )
        if not fits and not ("recorder" in person.roles and fields.get("on_behalf_of")):
            self.say("KEY-ROLE", (step.person, step.kind), step)
        over = person.until and step.clock >= ms(f"{person.until + timedelta(days=1)}")
        if over or (person.since and step.time >= person.since.timestamp() * 1000):
            self.say("KEY-REVOKED", step.person, step)
        if step.kind not in KNOWN:
            self.say("SCHEMA-UNKNOWN", step.label, step)
        if step.clock - ms(step.fields["event_time"]) > 14 * DAY:
            self.say("TIME-LATE", step.label, step)
        if ms(step.fields["event_time"]) - step.clock > HOUR:
            self.say("TIME-FUTURE", step.label, step)

    # who has what

    def leave(self, step, giver, items, lots):
        for item in items:
            if item in self.ended:
                self.say("TERM-AFTER", step.label, step, item)
                continue
            if item in self.transit and step.kind != "loss":
                self.say("CUST-NONHOLDER", step.label, step, item)
            elif self.holder.get(item, giver) != giver:
                apart = (
                    self.since[item].site != step.site
                    and abs(self.when(self.since[item]) - self.when(step)) < 6 * HOUR
                )
                self.say(
                    *(("CUST-SPLIT", item) if apart else ("CUST-NONHOLDER", step.label)), step, item
                )
            if self.sealed.get(item) not in {None, *items}:
                self.say("PACK-BROKEN", step.label, step, item)
                del self.sealed[item]
        for line in lots:
            left = self.lots[lot_of(line), giver] = self.lots[lot_of(line), giver] - Decimal(
                line["quantity"]
            )
            if left < 0 or Decimal(line["quantity"]) <= 0:
                self.say("LOT-NEGATIVE", (lot_of(line), giver), step)

    def give(self, step, taker, items, lots):
        for item in items:
            self.holder[item], self.since[item] = taker, step
            self.transit.pop(item, None)
        for line in lots:
            self.lots[lot_of(line), taker] += Decimal(line["quantity"])

    def sight(self, step, fields, items):
        for item in items:
            if item in self.ended:
                self.say("RESURRECT", step.label, step, item)
            physical = fields.get("entry_mode") == "scan" or "attachments" in fields
            if physical:
                self.seen[item] = step
            if physical or step.kind != "receive":
                self.looked[item] = step, physical

    def on_register(self, step, fields, items, lots):
        for item in items:
            if item in self.registered:
                self.say("DUP-SERIAL", item, step, item)
            like = self.alike.setdefault((self.type[item], item.translate(ALIKE)), item)
            if like != item or not all(item.split("/")):
                self.say("ID-WEAK", item, step, item)
            self.registered.setdefault(item, step)
            self.monitored[item] = fields["monitoring"] == "enhanced"
        self.give(
            step, fields["holder"], [item for item in items if self.registered[item] is step], lots
        )

    def on_dispatch(self, step, fields, items, lots):
        self.leave(step, fields["from"], items, lots)
        self.third(step, fields)
        for item in items:
            self.holder.pop(item, None)
            self.transit[item] = fields["from"]

    def on_receive(self, step, fields, items, lots):
        between = [fields["from"], fields["to"]]
        papers = [
            one
            for one in self.papers[fields["document"]]
            if [self.meant[one.label][name] for name in ("from", "to")] == between
        ]
        if not papers:
            self.say("SHIP-NOADVICE", step.label, step)
        for sent in papers:
            if sent.kind == "dispatch":
                self.receipts[sent.label].append(step)
                self.compare(sent, step)
        self.sight(step, fields, items)
        self.give(step, fields["to"], items, lots)
        for item in items:
            if fields["to"] in self.in_country:
                self.arrived.setdefault(item, self.when(step))

    def compare(self, sent, step):
        def figures(fields):
            lots = Counter()
            for line in fields.get("lines", []):
                lots[lot_of(line) if "lot" in line else "items"] += Decimal(line.get("quantity", 1))
            return lots, {
                identity(line["item"]) for line in fields.get("lines", []) if "item" in line
            }

        (sent_lots, sent_items), (lots, items) = (
            figures(self.meant[sent.label]),
            figures(self.meant[step.label]),
        )
        if sent_lots != lots:
            self.say("SHIP-QTY", sent.label, sent)
            self.say("SHIP-QTY", sent.label, step)
        for item in items - sent_items:
            self.say("SHIP-SERIAL", sent.label, sent)
            self.say("SHIP-SERIAL", sent.label, step, item)
        if sent.person == step.person:
            self.say("CUST-SELF", step.label, step)
        if self.party(step, self.meant[step.label]) != self.meant[step.label]["to"]:
            self.say("CUST-UNSIGNED", sent.label, sent)

    def on_transfer(self, step, fields, items, lots):
        self.leave(step, fields["from"], items, lots)
        self.third(step, fields)
        self.give(step, fields["to"], items, lots)
        answers = [
            one
            for one in self.answers[fields["document"]]
            if self.party(one, self.meant[one.label]) == fields["to"]
        ]
        if not answers and self.when(step) + 14 * DAY < self.as_of:
            self.say("CUST-UNSIGNED", step.label, step)
        for one in answers:
            if one.person == step.person:
                self.say("CUST-SELF", step.label, step)
                self.say("CUST-SELF", step.label, one)

    def third(self, step, fields):
        if fields["to"] in self.inside:
            return
        day = fields["event_time"][:10]
        consents = [
            self.meant[one.label] for one in self.acts if one.kind == "consent" and one.site == "hq"
        ]
        allowed = {
            identity(line["item"])
            for consent in consents
            if (consent["from"], consent["to"]) == (fields["from"], fields["to"])
            and consent["event_time"][:10] <= day <= consent["until"]
            for line in consent["lines"]
        }
        for line in fields["lines"]:
            if identity(line["item"]) not in allowed:
                self.say("CUST-THIRD", step.label, step, identity(line["item"]))

    def on_inventory(self, step, fields, items, lots):
        holder, counter = fields["holder"], fields["counter"]
        for item in items:
            if item not in self.ended and self.holder.get(item) != holder:
                self.say("INV-EXTRA", step.label, step, item)
        self.sight(step, fields, items)
        person = self.people[counter]
        if ("custodian" in person.roles and self.names[person.party] == holder) or self.counter.get(
            holder
        ) == counter:
            self.say("INV-SELF", step.label, step)
        self.counter[holder] = counter
        if fields["complete"]:
            places = {item for item, party in self.holder.items() if party == holder}
            places |= {
                lot for (lot, party), left in self.lots.items() if party == holder and left > 0
            }
            self.whole[holder] = self.at, step, places - {*items, *map(lot_of, lots)}
        for line in lots:
            self.counted[lot_of(line), holder] = (
                step,
                Decimal(line["quantity"]),
                self.lots[lot_of(line), holder],
            )

    def on_inspect(self, step, fields, items, lots):
        self.sight(step, fields, items)
        (item,) = items
        if (
            fields["now"] < self.condition.get(item, "A")
            and fields.get("was") != self.condition[item]
        ):
            self.say("COND-ILL", step.label, step, item)
        self.condition[item] = fields["now"]

    def on_pack(self, step, fields, items, lots):
        for item in map(identity, fields["items"]):
            if item in self.sealed:
                self.say("PACK-BROKEN", step.label, step, item)
            self.sealed[item] = identity(fields["container"])

    def on_unpack(self, step, fields, items, lots):
        for item in map(identity, fields["items"]):
            del self.sealed[item]

    def on_expend(self, step, fields, items, lots):
        self.leave(step, fields["holder"], items, lots)
        for item in items:
            self.holder.pop(item, None)
            self.transit.pop(item, None)
            self.ended.setdefault(item, step)

    on_destroy = on_expend

    def on_loss(self, step, fields, items, lots):
        loss = step.label.rpartition("/")[0]
        if "lost_on" not in fields or "place" not in fields:
            self.say("LOSS-NODATE", loss, step)
        if fields["report"] == "initial":
            self.on_expend(step, fields, items, lots)
        elif "lost_on" in fields and self.days(fields) > 30:
            self.say("LOSS-LATE", step.label, step)

    @staticmethod
    def days(final):
        return (
            date.fromisoformat(final["event_time"][:10]) - date.fromisoformat(final["lost_on"])
        ).days

    def on_found(self, step, fields, items, lots):
        for item in items:
            self.ended.pop(item)
        self.give(step, self.meant[fields["loss"].label]["holder"], items, lots)

    # what shows at the end

    def close(self):
        self.still_open()
        self.miscounted()
        self.delinquent = {
            item
            for item in self.present()
            if self.monitored.get(item) and item in self.arrived and self.unseen(item)
        }
        for item, place in self.present().items():
            if not self.worth[item]:
                self.say("VALUE-NONE", (place, self.type[item]), None, item)
            step, physical = self.looked.get(item, (None, True))
            if self.monitored.get(item) and item in self.holder and not physical:
                self.say("INV-DECLARED", step.label, step, item)

    def still_open(self):
        for step in self.acts:
            old = self.when(step) + 30 * DAY < self.as_of
            if step.kind == "dispatch" and old and not self.receipts[step.label]:
                self.say("SHIP-OPEN", step.label, step)
            if (
                step.kind == "loss"
                and step.fields["report"] == "initial"
                and old
                and not self.made_final(step)
            ):
                self.say("LOSS-OPEN", step.label, step)

    def miscounted(self):
        for at, step, missing in self.whole.values():
            for thing in missing:
                if isinstance(thing, tuple) or self.named[thing][-1] <= at:
                    self.say("INV-UNSEEN", step.label, step, thing)
        for step, quantity, balance in self.counted.values():
            if quantity != balance:
                self.say("LOT-BALANCE", step.label, step)

    def made_final(self, initial):
        return any(
            step.kind == "loss"
            and "initial" in step.fields
            and step.fields["initial"].label == initial.label
            for step in self.acts
        )

    def present(self):
        return {
            item: place
            for item, place in (self.transit | self.holder).items()
            if item not in self.ended
        }

    def unseen(self, item):
        place = self.holder.get(item, self.transit.get(item)), self.type[item]
        if item not in self.seen:
            late = self.arrived[item] + 90 * DAY < self.as_of
            if late:
                self.say("INV-INIT", place, None, item)
            return late
        late = self.when(self.seen[item]) + 365 * DAY < self.as_of
        if late:
            self.say("INV-ANNUAL", place, None, item)
        return late

    def share(self, currency="USD"):
        """Of the worth of what is monitored and in the country.

        How much is delinquent, in per cent.
        """
        sums = Counter()
        for item in self.present():
            if self.monitored.get(item) and item in self.arrived:
                for worth in self.worth[item].values():
                    if worth["currency"] == currency:
                        sums[item in self.delinquent] += Decimal(worth["amount"])
        return 100 * sums[True] / sums.total()

    def money(self):
        funds = [step for step in self.acts if step.kind == "fund"]
        drawn, paid = defaultdict(Decimal), set()
        for step in funds:
            fields = self.meant[step.label]
            if fields["step"] == "commitment":
                continue
            source = self.meant[fields["draws_on"].label] if "draws_on" in fields else None
            if source is None or source["currency"] != fields["currency"]:
                self.say("FUND-ORPHAN", step.label, step)
                continue
            drawn[fields["draws_on"].label] += Decimal(fields["amount"])
            paid.add(fields["draws_on"].label)
        for step in funds:
            fields = self.meant[step.label]
            if drawn[step.label] > Decimal(fields["amount"]):
                self.say("FUND-OVER", step.label, step)
            if (
                fields["step"] == "commitment"
                and step.label not in paid
                and self.when(step) + 180 * DAY < self.as_of
            ):
                self.say("FUND-IDLE", step.label, step)

    def clocks(self):
        last = {}
        for step in self.steps:
            if step.site in last and step.clock < last[step.site].clock:
                self.say("TIME-BACK", step.label, step)
            last[step.site] = step
        for site, step in last.items():
            if self.as_of - step.clock > 30 * DAY:
                self.say("CHAIN-SILENT", site, step)

    def pictures(self):
        held = {hashlib.sha256(data).hexdigest() for step in self.steps for data in step.attached}
        shown = defaultdict(set)
        for step in self.acts:
            fields = self.meant[step.label]
            for one in fields.get("attachments", []):
                if one["sha256"] not in held:
                    self.say("EVID-MISSING", step.label, step)
                for thing in (
                    [fields["item"]]
                    if "item" in fields
                    else [line["item"] for line in fields["lines"]]
                ):
                    shown[one["sha256"]].add((step.label, identity(thing)))
        for digest, things in shown.items():
            if len({item for _, item in things}) > 1:
                self.found["EVID-REUSED", digest] = things


def reckon(seeds, steps, as_of):
    return Reckoning(seeds, steps, as_of if isinstance(as_of, int) else ms(as_of)).run()
