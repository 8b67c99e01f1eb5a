"""What is said of an event that would not fit, in English and Ukrainian.

The part `foreseen.…` of the catalogue in `messages`.

Each sentence says what and what to do. `{things}` are the things that it is about; the rest are
placeholders of `items.supposing.Foreseen`.
"""

from __future__ import annotations

from typing import Final

FORESEEN: Final[dict[str, tuple[str, str]]] = {
    "foreseen.you_not_with": (
        (
            "you do not hold {things}: the ledger has it with {holder}; check the serial, or "
            "record first how it came to you"
        ),
        (
            "{things} не у вас: за журналом це в {holder}; звірте номер або спершу запишіть, "
            "як воно до вас потрапило"
        ),
    ),
    "foreseen.you_not_on_the_way": (
        (
            "you do not hold {things}: the ledger has it on the way from {holder} to "
            "{bound_for}; if it came, record the receipt first"
        ),
        (
            "{things} не у вас: за журналом це в дорозі від {holder} до {bound_for}; якщо "
            "прибуло, спершу запишіть отримання"
        ),
    ),
    "foreseen.other_not_with": (
        (
            "{giver} does not hold {things}: the ledger has it with {holder}; check the "
            "serial, and who gave it"
        ),
        "{things} не в {giver}: за журналом це в {holder}; звірте номер і хто передав",
    ),
    "foreseen.other_not_on_the_way": (
        (
            "{giver} does not hold {things}: the ledger has it on the way from {holder} to "
            "{bound_for}; check the serial, and who gave it"
        ),
        (
            "{things} не в {giver}: за журналом це в дорозі від {holder} до {bound_for}; "
            "звірте номер і хто передав"
        ),
    ),
    "foreseen.counted_with": (
        (
            "{things}: the ledger has it with {holder}, not with {giver}; check the serial, "
            "or record how it came there"
        ),
        (
            "{things}: за журналом це в {holder}, а не в {giver}; звірте номер або запишіть, "
            "як воно туди потрапило"
        ),
    ),
    "foreseen.counted_on_the_way": (
        (
            "{things}: the ledger has it on the way from {holder} to {bound_for}; if it came, "
            "record the receipt first"
        ),
        (
            "{things}: за журналом це в дорозі від {holder} до {bound_for}; якщо прибуло, "
            "спершу запишіть отримання"
        ),
    ),
    "foreseen.uncounted": (
        (
            "not in this count, and the ledger has it with {giver}: {things}; look again, or "
            "record where it went"
        ),
        (
            "немає в цьому переліку, а за журналом це в {giver}: {things}; перевірте ще раз "
            "або запишіть, куди поділося"
        ),
    ),
    "foreseen.expended": (
        "{things}: by the ledger it was used up on {day}; check the serial",
        "{things}: за журналом це витрачено {day}; звірте номер",
    ),
    "foreseen.destroyed": (
        "{things}: by the ledger it was destroyed on {day}; check the serial",
        "{things}: за журналом це знищено {day}; звірте номер",
    ),
    "foreseen.lost": (
        "{things}: by the ledger it was lost on {day}; check the serial",
        "{things}: за журналом це втрачено {day}; звірте номер",
    ),
    "foreseen.lost_back": (
        (
            "{things}: by the ledger it was lost on {day}; check the serial, or record first "
            "that it was found"
        ),
        "{things}: за журналом це втрачено {day}; звірте номер або спершу запишіть, що знайдено",
    ),
    "foreseen.registered": (
        "{things} is registered already, on {day} with {holder}; check the serial",
        "{things} вже зареєстровано {day} за {holder}; звірте номер",
    ),
    "foreseen.seen_twice": (
        "{things} was seen at {other} within a day of this; check the serial",
        "{things} бачили в {other} з різницею менш як доба; звірте номер",
    ),
    "foreseen.condition": (
        (
            "{things}: its condition was {was}, now {is}, and no inspection says why; check "
            "the code, or record an inspection first"
        ),
        (
            "{things}: стан був {was}, тепер {is}, а огляду немає; звірте код або спершу "
            "запишіть огляд"
        ),
    ),
    "foreseen.packed_in_itself": ((
        "{things} cannot be packed "
        "into itself"
    ), "{things} не можна скласти в саме себе"),
    "foreseen.packed_elsewhere": (
        (
            "{things}: the ledger has it in {box}; check the container, or record first that "
            "it was taken out"
        ),
        "{things}: за журналом це в {box}; звірте контейнер або спершу запишіть, що вийнято",
    ),
    "foreseen.sealed": (
        (
            "{things}: the ledger has it in {box}, which is sealed; record the unpacking "
            "first, or name the container too"
        ),
        (
            "{things}: за журналом це в {box} під пломбою; спершу запишіть розпакування або "
            "назвіть і контейнер"
        ),
    ),
    "foreseen.value": (
        "{things}: its value was {was}, now {is}, by one reckoning; correct whichever is wrong",
        "{things}: вартість була {was}, тепер {is}, за однією оцінкою; виправте, де хибно",
    ),
    "foreseen.clash": (
        (
            "{things}: this does not fit what {party} said on {day} ({kind}); check the time, "
            "or ask them"
        ),
        (
            "{things}: не сходиться з тим, що {day} записав {party} ({kind}); звірте час або "
            "спитайте їх"
        ),
    ),
    "foreseen.no_quantity": ((
        "{things}: so much is nothing; "
        "write what there is"
    ), "{things}: кількість нульова; пишіть, скільки є"),
    "foreseen.not_enough": (
        (
            "{things}: {giver} has {have} by the ledger, and this takes {want}; count again, "
            "or record first what came in"
        ),
        (
            "{things}: за журналом {giver} має {have}, а тут {want}; перелічіть або спершу "
            "запишіть, що надійшло"
        ),
    ),
    "foreseen.counted_other": (
        "{things}: {counted} counted, {have} by the ledger; count again, and record what is there",
        "{things}: пораховано {counted}, за журналом {have}; перелічіть і запишіть, що є",
    ),
    "foreseen.unknown": (
        "{things}: no entry here names it; check the serial",
        "{things}: тут про це немає жодного запису; звірте номер",
    ),
    "foreseen.listed_twice": ((
        "{things} is listed twice, and "
        "counts once"
    ), "{things} є в переліку двічі, а рахується раз"),
    "foreseen.looks_like": (
        (
            "{things} is not known, and looks like {other}; read the plate again, mind O and "
            "0, I and 1, and the keyboard"
        ),
        (
            "{things} невідоме, а схоже на {other}; прочитайте табличку ще раз: O і 0, I і 1, "
            "розкладка"
        ),
    ),
    "foreseen.one_key_off": (
        "{things} is not known, and is one key away from {other}; read the plate again",
        "{things} невідоме, а від {other} відрізняється одним знаком; прочитайте табличку ще раз",
    ),
    "foreseen.no_maker": (
        "{things}: its maker or part is missing; read the plate again",
        "{things}: бракує виробника чи моделі; прочитайте табличку ще раз",
    ),
    "foreseen.maker": (
        (
            "{things}: {maker} is no maker's code, which is five of 0-9 and A-Z without I and "
            "O; read the plate again"
        ),
        (
            "{things}: {maker} — не код виробника (п'ять знаків 0-9 і A-Z, без I та O); "
            "прочитайте табличку ще раз"
        ),
    ),
    "foreseen.role": (
        "your key is for {roles}, not for this kind of event; have one sign whose role it is",
        "ваш ключ має ролі {roles}, не для такої події; хай підпише той, чия це роль",
    ),
    "foreseen.behalf": (
        "you record for others: say on whose behalf",
        "ви записуєте за інших: скажіть, від чийого імені",
    ),
    "foreseen.key_ended": (
        "your key was for use until {day}; ask the owner to grant it anew",
        "ваш ключ був чинний до {day}; попросіть власника продовжити",
    ),
    "foreseen.not_yours": (
        "that entry is {party}'s, and your correction would change nothing; ask them to correct it",
        "той запис зробив {party}, і ваше виправлення нічого не змінить; попросіть їх виправити",
    ),
    "foreseen.same_hand": (
        "you signed the other side of this too; have the other party sign with its own key",
        "другу сторону теж підписали ви; хай інша сторона підпише своїм ключем",
    ),
    "foreseen.clock_back": (
        "this machine's clock says {back}, the last entry {last}; check the date and time",
        "годинник цієї машини показує {back}, останній запис — {last}; перевірте дату й час",
    ),
    "foreseen.ahead": (
        "it happened later than this machine's clock; check both the time you gave and the clock",
        "подія пізніша за годинник цієї машини; перевірте вказаний час і годинник",
    ),
    "foreseen.late": (
        "it happened {days} days ago; say in a note why it is recorded only now",
        "це було {days} дн. тому; поясніть у примітці, чому записуєте аж тепер",
    ),
    "foreseen.outside": (
        (
            "{taker} is outside the programme, and no consent in force covers {things}; get "
            "consent first"
        ),
        "{taker} поза програмою, а чинної згоди на {things} немає; спершу отримайте згоду",
    ),
    "foreseen.loss_late": (
        "this final report comes {days} days after the loss, {most} are allowed; say why in a note",
        "остаточне донесення через {days} дн. після втрати, дозволено {most}; поясніть у примітці",
    ),
    "foreseen.loss_without_lost_on": (
        "the loss has no date: say when, as far as you know",
        "втрата без дати: скажіть коли, наскільки знаєте",
    ),
    "foreseen.loss_without_place": (
        "the loss has no place: say where, as far as you know",
        "втрата без місця: скажіть де, наскільки знаєте",
    ),
    "foreseen.loss_without_lost_on_place": (
        "the loss has no date and no place: say when and where, as far as you know",
        "втрата без дати й місця: скажіть коли і де, наскільки знаєте",
    ),
    "foreseen.no_paper": (
        (
            "no dispatch with the document {document} is held; on the way to you: {open}; "
            "check the number"
        ),
        "відправлення з документом {document} тут немає; до вас у дорозі: {open}; звірте номер",
    ),
    "foreseen.no_document": (
        "no document is named; on the way to you: {open}; name the one that came",
        "документ не названо; до вас у дорозі: {open}; назвіть той, що прибув",
    ),
    "foreseen.missing": (
        "sent with {document} and not received: {things}; look again, and record what is there",
        "надіслано з {document}, але не отримано: {things}; перевірте ще раз і запишіть, що є",
    ),
    "foreseen.not_sent": (
        "received, and not sent with {document}: {things}; compare the plate with the paper",
        "отримано, але не надіслано з {document}: {things}; звірте табличку з документом",
    ),
    "foreseen.amount_differs": (
        (
            "{things}: {sent} sent with {document}, {came} received; count again, and record "
            "what is there"
        ),
        "{things}: з {document} надіслано {sent}, отримано {came}; перелічіть і запишіть, що є",
    ),
    "foreseen.not_all": (
        "only the first {looked} of {count} things were compared with the ledger",
        "з журналом звірено лише перші {looked} з {count}",
    ),
    "foreseen.not_all_events": (
        "only the first {looked} of {count} events were compared with the ledger",
        "з журналом звірено лише перші {looked} з {count} подій",
    ),
    "foreseen.rest": ("and {count} more such remarks", "і ще таких зауважень: {count}"),
    "foreseen.more": ("{names} and {count} more", "{names} і ще {count}"),
    "foreseen.unchecked": (
        "it could not be compared with the ledger ({why}); it can be recorded all the same",
        "звірити з журналом не вдалося ({why}); записати можна все одно",
    ),
}  # fmt: skip
