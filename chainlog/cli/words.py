"""What a person reads while recording, in English and Ukrainian.

The conversation that speaks it is here too.

In the catalogue `kind.…` and `about.…`, which the classes of the kinds carry, name a kind and
what it says, `field.…` is a question's
label, `value.…` an answer that can be chosen, `choice.…` what can be done next, `wrong.…` why an
answer cannot be taken, `foreseen.…` (`foreboding`) what would not fit. The rest are sentences.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import click

from chainlog.cli.output import say
from chainlog.cli.words_foreseen import FORESEEN
from chainlog.events.kinds import declared_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chainlog.errors import ChainlogError

_T = TypeVar("_T")
_PAIRS: Final[dict[str, tuple[str, str]]] = {
    **declared_words(),
    "field.event_time": ("when", "коли"),
    "field.place": ("place", "місце"),
    "field.document": ("document number", "номер документа"),
    "field.on_behalf_of": ("on behalf of", "від імені"),
    "field.entry_mode": ("how it was read", "як зчитано"),
    "field.attachments": ("photos and papers", "фото й документи"),
    "field.note": ("note", "примітка"),
    "field.lines": ("what", "що"),
    "field.owner": ("owner", "власник"),
    "field.holder": ("holder", "утримувач"),
    "field.monitoring": ("monitoring", "контроль"),
    "field.from": ("from whom", "від кого"),
    "field.to": ("to whom", "кому"),
    "field.dispatch": ("the dispatch (id or document)", "відправлення (id або документ)"),
    "field.entry": ("which entry (id or document)", "який запис (id або документ)"),
    "field.agreed": ("do you agree with it", "чи згодні ви"),
    "field.counter": ("who counted", "хто рахував"),
    "field.complete": ("was everything counted", "чи пораховано все"),
    "field.item": ("item", "виріб"),
    "field.was": ("condition before", "стан до того"),
    "field.now": ("condition now", "стан тепер"),
    "field.container": ("container (item or number)", "контейнер (виріб або номер)"),
    "field.items": ("items", "вироби"),
    "field.seal": ("seal", "пломба"),
    "field.since": ("since", "від (час)"),
    "field.until": ("until", "до (час)"),
    "field.order": ("order", "наказ"),
    "field.cause": ("cause", "причина"),
    "field.lost_on": ("lost on (date)", "коли втрачено (дата)"),
    "field.discovered_on": ("discovered on (date)", "коли виявлено (дата)"),
    "field.report": ("report", "донесення"),
    "field.initial": ((
        "the initial report (id or "
        "document)"
    ), "первинне донесення (id або документ)"),
    "field.loss": ("the loss (id or document)", "втрата (id або документ)"),
    "field.means": ("by what means", "у який спосіб"),
    "field.witnessed_by": ("witnessed by", "хто був свідком"),
    "field.step": ("step", "крок"),
    "field.amount": ("amount", "сума"),
    "field.currency": ("currency", "валюта"),
    "field.draws_on": ("what it draws on (id or document)", "звідки кошти (id або документ)"),
    "field.reason": ("reason", "підстава"),
    "field.replacement": ("what is right (the whole event)", "як правильно (уся подія)"),
    "field.finding": ("code of the finding", "код зауваження"),
    "field.entries": ((
        "entries (ids or documents, "
        "commas between)"
    ), "записи (id або документи, через кому)"),
    "value.yes": ("yes", "так"),
    "value.no": ("no", "ні"),
    "value.enhanced": ("enhanced", "посилений"),
    "value.routine": ("routine", "звичайний"),
    "value.lost": ("lost", "загублено"),
    "value.combat": ("combat", "знищено в бою"),
    "value.stolen": ("stolen", "викрадено"),
    "value.captured": ("captured", "захоплено"),
    "value.initial": ("initial", "первинне"),
    "value.final": ("final", "остаточне"),
    "value.commitment": ("commitment", "зобов'язання"),
    "value.disbursement": ("disbursement", "виплата"),
    "value.expenditure": ("expenditure", "видаток"),
    "value.return": ("return", "повернення"),
    "value.did_not_happen": ("it did not happen", "цього не було"),
    "value.wrong_data": ("the data are wrong", "дані хибні"),
    "value.scan": ("scan", "сканером"),
    "value.manual": ("manual", "вручну"),
    "value.paper": ("paper", "з паперу"),
    "value.import": ("import", "імпортом"),
    "choice.yes": ("yes, sign and record", "так, підписати й записати"),
    "choice.change": ("change an answer", "змінити відповідь"),
    "choice.discard": ("discard", "відкинути"),
    "choice.again": ("the same kind again", "ще раз те саме"),
    "choice.another": ("another kind", "інша подія"),
    "choice.quit": ("quit", "вихід"),
    "wrong.time": (
        "no time that can be read: write now, 10:30, 2023-03-01, or 2023-03-01 10:30",
        "час незрозумілий: пишіть зараз, 10:30, 2023-03-01 або 2023-03-01 10:30",
    ),
    "wrong.date": ((
        "no date that can be read: write "
        "2023-03-01, or today"
    ), "дата незрозуміла: пишіть 2023-03-01 або сьогодні"),
    "wrong.number": ("no number such as 12 or 10.5", "це не число: пишіть 12 або 10.5, з крапкою"),
    "wrong.currency": ((
        "a currency is three capital "
        "letters, such as USD"
    ), "валюта — три великі латинські літери, як-от UAH"),
    "wrong.letter": ("a condition is one of {names}", "стан — одна з літер {names}"),
    "wrong.item": (
        (
            "no item: write MAKER/PART/SERIAL or uii:NUMBER; a bare serial takes maker and "
            "part of the line before"
        ),
        (
            "це не виріб: пишіть ВИРОБНИК/МОДЕЛЬ/НОМЕР або uii:НОМЕР; сам номер бере "
            "виробника й модель із рядка вище"
        ),
    ),
    "wrong.first": (
        (
            "no item known here has that serial, and no line before says maker and part: "
            "write MAKER/PART/SERIAL"
        ),
        (
            "виробу з таким номером тут немає, і в рядку вище немає виробника й моделі: "
            "пишіть ВИРОБНИК/МОДЕЛЬ/НОМЕР"
        ),
    ),
    "wrong.line": (
        (
            "no line: write MAKER/PART/SERIAL, uii:NUMBER, lot NSN/NUMBER QUANTITY UNIT, or "
            "AMOUNT CURRENCY"
        ),
        (
            "це не рядок: пишіть ВИРОБНИК/МОДЕЛЬ/НОМЕР, uii:НОМЕР, партія NSN/НОМЕР КІЛЬКІСТЬ "
            "ОДИНИЦЯ або СУМА ВАЛЮТА"
        ),
    ),
    "wrong.lot": (
        (
            "no part of a lot: write lot NSN/NUMBER QUANTITY UNIT, such as lot "
            "1310-01-234-5678/L77 120 EA"
        ),
        (
            "це не партія: пишіть партія NSN/НОМЕР КІЛЬКІСТЬ ОДИНИЦЯ, як-от партія "
            "1310-01-234-5678/L77 120 EA"
        ),
    ),
    "wrong.one_of": ("which of {names}? write it whole", "що саме: {names}? пишіть повністю"),
    "wrong.no_lot": ("line {number} is no lot", "рядок {number} — не партія"),
    "wrong.twice": ("that is line {number} already", "це вже рядок {number}"),
    "wrong.gone": ("there is no line {number}", "рядка {number} немає"),
    "wrong.text": (
        "too long, or nothing at all: at most 200 characters, a note or reason 4000",
        "задовго або порожньо: щонайбільше 200 знаків, примітка чи підстава — 4000",
    ),
    "wrong.entry": (
        "give an id, at least 8 of its first characters, or a document number ({reason})",
        "дайте id, щонайменше 8 перших знаків, або номер документа ({reason})",
    ),
    "wrong.other_kind": (
        "that entry changes who may sign, and cannot be replaced so",
        "той запис змінює, хто має право підпису, і так не замінюється",
    ),
    "wrong.file": ("there is no such file: {path}", "такого файлу немає: {path}"),
    "wrong.keys": (
        "that holds keys that are no text, such as arrows: type it again",
        "тут клавіші, що не є текстом, як-от стрілки: введіть ще раз",
    ),
    "wrong.needed": ("this is needed", "без цього не можна"),
    "wrong.number_of": ("a number from 1 to {most}", "число від 1 до {most}"),
    "wrong.choice": ("that is none of them", "такого немає у списку"),
    "wrong.several": ("which of {names}?", "що саме: {names}?"),
    "welcome": ("you sign as {name}, for {party}", "ви підписуєте як {name}, за {party}"),
    "welcome_keys": (
        "Enter takes what stands in [ ]; Ctrl-C stops, and what was recorded stays",
        "Enter бере те, що в [ ]; Ctrl-C зупиняє, записане залишається",
    ),
    "passphrase": ("passphrase for {name}", "пароль до {name}"),
    "kinds": ("what happened?", "що сталося?"),
    "kind": ("number or name (q: quit)", "номер або назва (q: вихід)"),
    "now": ("now", "зараз"),
    "today": ("today", "сьогодні"),
    "lines": (
        (
            "one a line: MAKER/PART/SERIAL, uii:NUMBER, lot NSN/NUMBER QUANTITY UNIT, or "
            "AMOUNT CURRENCY"
        ),
        (
            "по одному в рядку: ВИРОБНИК/МОДЕЛЬ/НОМЕР, uii:НОМЕР, партія NSN/НОМЕР КІЛЬКІСТЬ "
            "ОДИНИЦЯ або СУМА ВАЛЮТА"
        ),
    ),
    "lines_keys": (
        (
            "a bare serial takes maker and part of the line before; -2 takes line 2 away, - "
            "the last; Enter alone: done"
        ),
        (
            "сам номер бере виробника й модель із рядка вище; -2 забирає рядок 2, - останній; "
            "лише Enter: готово"
        ),
    ),
    "items": (
        (
            "one a line: MAKER/PART/SERIAL or uii:NUMBER; -2 takes line 2 away, - the last; "
            "Enter alone: done"
        ),
        (
            "по одному в рядку: ВИРОБНИК/МОДЕЛЬ/НОМЕР або uii:НОМЕР; -2 забирає рядок 2, - "
            "останній; лише Enter: готово"
        ),
    ),
    "held": (
        "? lists what {giver} holds, ? M777 only such; then a number takes one",
        "? покаже, що в {giver}, ? M777 — лише таке; далі номер бере рядок",
    ),
    "held_more": ("? for more", "? — далі"),
    "held_end": ("that is all", "це все"),
    "held_none": ("the ledger has nothing such with {giver}", "за журналом у {giver} такого немає"),
    "taken_as": ("taken as {text}", "узято як {text}"),
    "party_new": ("taken as it stands; known are {names}", "узято як написано; відомі {names}"),
    "party_as": ((
        "taken as {party}; write "
        "={typed} for just that"
    ), "узято як {party}; пишіть ={typed}, якщо саме так"),
    "arrivals": ("on the way to you:", "до вас у дорозі:"),
    "arrival": ((
        "which one came? number, or "
        "Enter for another"
    ), "що прибуло? номер, або Enter, якщо інше"),
    "arrival_of": ((
        "{document} from {party}, "
        "{day}, lines: {count}"
    ), "{document} від {party}, {day}, рядків: {count}"),
    "arrival_lines": (
        "this was sent: -2 takes line 2 away if it did not come, 2=118 says how much of a lot came",
        "ось що надіслано: -2 забирає рядок 2, якщо його немає, 2=118 каже, скільки партії прибуло",
    ),
    "reading": ((
        "reading the ledger, which takes a "
        "while the first time"
    ), "читаємо журнал; уперше це триває довше"),
    "foreseen": ("note: {text}", "увага: {text}"),
    "line": ("line {number}", "рядок {number}"),
    "lot": ("lot", "партія"),
    "file": (
        "path of a photo or paper (Enter alone: done; - takes the last away)",
        "шлях до фото чи документа (лише Enter: готово; - забирає останній)",
    ),
    "more": ("anything more? number, or Enter for no", "ще щось? номер, або Enter, якщо ні"),
    "change": ((
        "which one? number, or Enter "
        "when done"
    ), "що змінити? номер, або Enter, коли готово"),
    "remove": ("- for none", "- якщо нічого"),
    "record": ("record this?", "записати це?"),
    "next": ("and now?", "що далі?"),
    "future": ((
        "note: that is still to come by "
        "this machine's clock"
    ), "зауважте: за годинником цієї машини це ще не настало"),
    "replacement": ("now the event as it should have been", "тепер подія, якою вона мала бути"),
    "recorded": ("recorded as entry {index}", "записано, запис {index}"),
    "was_recorded": ((
        "the event before was recorded after "
        "all, as entry {index}"
    ), "попередню подію таки записано, запис {index}"),
    "not_recorded": ((
        "nothing was recorded; your "
        "answers are kept"
    ), "нічого не записано; ваші відповіді збережено"),
    "unknown": (
        (
            "whether the last event was recorded is not known; 'chainlog status' reads back "
            "what is there"
        ),
        "чи записано останню подію, невідомо; 'chainlog status' прочитає, що є",
    ),
    "discarded": ("discarded; nothing was recorded", "відкинуто; нічого не записано"),
    "stopped": ((
        "stopped: the event that was being "
        "entered is discarded"
    ), "зупинено: подію, яку вводили, відкинуто"),
    "kept": ((
        "recorded in this sitting and "
        "kept: {count}"
    ), "записано цього разу і збережено: {count}"),
    "error": ("chainlog: error: {message}", "chainlog: помилка: {message}"),
    "hint": ("hint: {hint}", "підказка: {hint}"),
    "notice": ("chainlog: note: {text}", "chainlog: зауваження: {text}"),
    **FORESEEN,
}  # fmt: skip
CATALOGUE: Final[dict[str, dict[str, str]]] = {
    "en": {key: english for key, (english, _) in _PAIRS.items()},
    "uk": {key: ukrainian for key, (_, ukrainian) in _PAIRS.items()},
}


def language(environ: Mapping[str, str] = os.environ) -> str:
    """The language to speak: `$CHAINLOG_LANG`, or else what the locale says.

    The locale speaks by the first of its variables that is set.
    """
    told = next(
        (
            environ[name]
            for name in ("CHAINLOG_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
            if environ.get(name)
        ),
        "",
    )
    return "uk" if told.lower().startswith("uk") else "en"


class Wrong(Exception):  # noqa: N818  (an answer, not an error of the program)
    """An answer that cannot be taken: the catalogue's key that says why, and its placeholders."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = f"wrong.{key}", values


def pick(text: str, options: Sequence[tuple[_T, Sequence[str]]]) -> _T:
    """The option that a number, a name or the beginning of one means. Raises Wrong."""
    wanted = text.casefold()
    if wanted.isdecimal():
        if len(wanted) > 3 or not 1 <= int(wanted) <= len(options):
            raise Wrong("number_of", most=len(options))
        return options[int(wanted) - 1][0]
    exact = [one for one in options if wanted in {name.casefold() for name in one[1]}]
    found = exact or [
        one for one in options if any(name.casefold().startswith(wanted) for name in one[1])
    ]
    if not found or not wanted:
        raise Wrong("choice")
    if len(found) > 1:
        raise Wrong("several", names=", ".join(names[0] for _, names in found))
    return found[0][0]


@dataclass(slots=True)
class Talk:
    """A conversation in one language: questions and prose on stderr, answers line by line.

    The answers come from whoever is there.
    """

    language: str

    def text(self, key: str, **values: object) -> str:
        """The message of a key, its placeholders filled."""
        return CATALOGUE[self.language][key].format(**values)

    def names(self, key: str, plain: str) -> tuple[str, ...]:
        """What a person may type for an answer.

        Its name in this language, its name in English, and its plain one.
        """
        return (self.text(key), CATALOGUE["en"][key], plain)

    def tell(self, key: str, **values: object) -> None:
        """Say a message of the catalogue."""
        say(self.text(key, **values))

    def complain(self, error: ChainlogError) -> None:
        """Say an error with its hint."""
        self.tell("error", message=error.message)
        if error.hint:
            self.tell("hint", hint=error.hint)

    def hear(self, prompt: str) -> str:
        """One answer, without spaces around it. Raises EOFError at the end of input."""
        while True:
            click.echo(f"{prompt}: ", nl=False, err=True)
            line = sys.stdin.readline()
            if not line:
                raise EOFError
            answer = line.strip()
            if not any(unicodedata.category(char) in {"Cc", "Cs"} for char in answer):
                return answer
            self.tell("wrong.keys")

    def until(self, prompt: str, read: Callable[[str], _T]) -> _T:
        """Ask until an answer can be taken."""
        while True:
            try:
                return read(self.hear(prompt))
            except Wrong as wrong:
                self.tell(wrong.key, **wrong.values)

    def choose(self, key: str, names: Sequence[str], default: str | None = None) -> str:
        """One of the named choices, shown in one line; Enter takes the default."""
        options = [(name, self.names(f"choice.{name}", name)) for name in names]
        shown = " · ".join(f"{number} {labels[0]}" for number, (_, labels) in enumerate(options, 1))
        prompt = f"{self.text(key)} {shown}" + (
            f" [{self.text(f'choice.{default}')}]" if default else ""
        )
        return self.until(
            prompt, lambda text: default if default and not text else pick(text, options)
        )
