"""What is typed into a search box, read: a child's name and number, words of a unit's name.

Names are found by keys in dictionary order (``thai.sort_key``), so that every search is a range of
an index. Thai writes no spaces between words; a word can begin wherever a syllable can.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from admin_app.domain import identity, thai

# --- units ----------------------------------------------------------------------------------

KEY_LENGTH = 48
"""As long as a piece is kept (``UnitPiece.key``), and as long as anybody types."""
MOST_WORDS = 6
CODE_MARK = "#"
"""Begins the pieces of codes and telephone numbers, apart from digits in names."""
SHORTEST_NUMBER = 5
"""Digits beside other words are a code or a telephone number from this length on."""
WHOLE_NUMBER = 13
"""Letters and digits of an identity number of either kind."""

_LEADING = frozenset("เแโใไ")
_TONES = frozenset("่้๊๋")
_NEEDS_FINAL = frozenset("ัื็")
_SOUNDS = re.compile("[ก-ฮ](?![่-๋ิุ]?์)[ก-๎]")  # a letter that more of a word stands behind
_PHONE = re.compile(r"[0-9][0-9 ()-]{4,}[0-9]")
# what people write for each other, without dots; both are looked for
SAME_FRONTS: tuple[tuple[str, str], ...] = (
    ("โรงเรียน", "รร"),
    ("ศูนย์พัฒนาเด็กเล็ก", "ศพด"),
    ("องค์การบริหารส่วนจังหวัด", "อบจ"),
    ("องค์การบริหารส่วนตำบล", "อบต"),
    ("เทศบาลนคร", "ทน"),
    ("เทศบาลเมือง", "ทม"),
    ("เทศบาลตำบล", "ทต"),
)
SCHOOL_FRONTS = SAME_FRONTS[0]
"""Of a school's name the rest is looked for, too: its name may go on with บ้าน or วัด."""
LEFT_OUT = ("จังหวัด", "จ.")
"""Stands before a province's name when people type it, not in its name."""


def _is_consonant(char: str) -> bool:
    return "ก" <= char <= "ฮ"


def _is_thai(char: str) -> bool:
    return "ก" <= char <= "๎"


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum() or unicodedata.category(c).startswith("M"))


def _key(text: str) -> str:
    return thai.search_prefix(_letters(thai.clean(text)))[:KEY_LENGTH]


def word_starts(text: str) -> list[int]:
    """The places in a cleaned text where a Thai word may begin.

    A leading vowel or a consonant that can begin a syllable; not one that a leading vowel stands
    before, that ends the syllable of ั ื ็, that is silent (์) or the last letter. Of digits and
    Latin letters, where a run begins.
    """
    found = []
    before = ""  # the last character that is no tone mark
    for at, char in enumerate(text):
        if char in _TONES:
            continue
        if char in _LEADING:
            found.append(at)
        elif _is_consonant(char):
            ends = before in _LEADING or before in _NEEDS_FINAL
            if not ends and _SOUNDS.match(text, at):
                found.append(at)
        elif char.isalnum() and not _is_thai(char) and not _same_run(before, char):
            found.append(at)
        before = char
    return found


def _same_run(before: str, char: str) -> bool:
    """Whether the character goes on with a number or a Latin word."""
    if not before.isalnum() or _is_thai(before):
        return False
    return before.isdigit() == char.isdigit()


def pieces(name: str, name_en: str = "", code: str = "", phone: str = "") -> list[str]:
    """The keys that find a unit: its names from each place where a word may begin, code, numbers.

    Each at most ``KEY_LENGTH`` characters, none twice, in order.
    """
    found = set()
    for text in (name, name_en):
        cleaned = thai.digits(thai.clean(text))
        found |= {_key(cleaned[at:]) for at in word_starts(cleaned)}
    numbers = [_letters(number) for number in _PHONE.findall(thai.digits(phone))]
    found |= {CODE_MARK + text.casefold() for text in (code, *numbers) if text}
    return sorted({key[:KEY_LENGTH] for key in found if key})


def _same(word: str) -> list[str]:
    """The word, and what it may stand for."""
    found = [word]
    for front in LEFT_OUT:
        if word.startswith(front) and len(word) > len(front):
            found.append(word.removeprefix(front))
    bare = _letters(word)
    for long, short in SAME_FRONTS:
        for one, other in ((long, short), (short, long)):
            rest = bare.removeprefix(one)
            if not bare.startswith(one) or (other == SCHOOL_FRONTS[1] and not rest):
                continue  # รร alone stands in นครราชสีมา
            found.append(other + rest)
            if one in SCHOOL_FRONTS and len(rest) > 1 and word_starts(rest)[:1] == [0]:
                found.append(rest)
    return found


def read_unit(text: str) -> list[tuple[str, ...]]:
    """The words typed for a unit, the longest first; of each the keys of which one is a beginning.

    All words must be found. Empty when nothing that could be found was typed.
    """
    typed = thai.digits(thai.clean(text))
    if _PHONE.fullmatch(typed):
        typed = _letters(typed)
    said = typed.split()
    words = ([word for word in said if word not in LEFT_OUT] or said)[:MOST_WORDS]
    found: list[tuple[str, ...]] = []
    for word in words:
        keys = [_key(same) for same in _same(word)]
        code = _letters(word).casefold()
        if code.isascii() and (len(words) == 1 or len(code) >= SHORTEST_NUMBER):
            keys.append(CODE_MARK + code[: KEY_LENGTH - 1] if code else "")
        keys = list(dict.fromkeys(filter(None, keys)))
        if keys:
            found.append(tuple(keys))
    return sorted(found, key=lambda keys: -len(keys[0]))


# --- children -------------------------------------------------------------------------------

SHORTEST_BEGINNING = 5
"""Digits of an identity number by whose beginning a child is found."""
MOST_NAMES = 4
# prefix that people type before a name: whether a name may begin so, too (both are looked for)
PREFIXES: dict[str, bool] = {
    **dict.fromkeys(("เด็กชาย", "ด.ช.", "ดช.", "เด็กหญิง", "ด.ญ.", "ดญ."), False),
    **dict.fromkeys(("น.ส.", "นส.", "สามเณร", "สณ.", "แม่ชี"), False),
    **dict.fromkeys(("ม.จ.", "ม.ร.ว.", "ม.ล."), False),
    **dict.fromkeys(("หม่อมเจ้า", "หม่อมราชวงศ์", "หม่อมหลวง"), False),
    **dict.fromkeys(("นาย", "นาง", "นางสาว", "พระ"), True),
}
_BY_LENGTH = sorted(PREFIXES, key=len, reverse=True)
_NUMBER = re.compile(r"[Gg]?[0-9]+")


@dataclass(frozen=True, slots=True)
class ChildSearch:
    """What was typed for a child; ``number`` and one of ``names`` must both hold.

    ``names``: (what the first name begins with, what the last name begins with), each as
    ``thai.search_prefix`` has it, "" for anything. ``number``: as it is stored.
    """

    number: str = ""
    names: tuple[tuple[str, str], ...] = ()

    @property
    def beginning(self) -> bool:
        """Whether the number is long enough to be looked for by its beginning."""
        return len(self.number.lstrip("G")) >= SHORTEST_BEGINNING


def _said(words: list[str]) -> list[list[str]]:
    """The words as typed, and without the prefix that they begin with."""
    front = next((prefix for prefix in _BY_LENGTH if words and words[0].startswith(prefix)), None)
    if front is None:
        return [words]
    rest = words[0].removeprefix(front)
    if rest and not rest[0].isalnum():  # a vowel sign or a tone mark: one letter less was meant
        return [words]
    left = [rest, *words[1:]] if rest else words[1:]
    if not left:
        return [words]
    if not PREFIXES[front]:
        return [left]
    # นายก is rather how a name goes on than everybody whose name begins with ก.
    return [words] if len(rest) == 1 else [words, left]


def _readings(words: list[str]) -> list[tuple[str, str]]:
    """First name and last name, either way round, wherever one ends; or all of it one name."""
    whole = " ".join(words)
    found: list[tuple[str, str]] = []
    for at in range(1, len(words)):
        one, other = " ".join(words[:at]), " ".join(words[at:])
        found += [(one, other), (other, one)]
    return [*found, (whole, ""), ("", whole)]


def is_identity_number(text: str) -> bool:
    """Whether the text is one whole identity number and nothing else, however it is spaced."""
    asked = read_child(text)
    return len(asked.number) == WHOLE_NUMBER and not asked.names


def read_child(text: str) -> ChildSearch:
    """The number and the names in what was typed: "สม ใจ", "ด.ช.สมชาย", "1-8101-… สมชาย".

    Digits in pieces are one number; Thai digits are digits.
    """
    numbers, words = [], []
    for word in thai.digits(thai.clean(text)).split():
        bare = identity.normalise(identity.PIN, word)
        if _NUMBER.fullmatch(bare):
            numbers.append(bare)
        elif any(char.isalnum() for char in word):
            words.append(word)
    words = [*words[: MOST_NAMES - 1], *filter(None, [" ".join(words[MOST_NAMES - 1 :])])]
    keyed = [
        (thai.search_prefix(one), thai.search_prefix(other))
        for said in _said(words)
        for one, other in _readings(said)
    ]
    return ChildSearch("".join(numbers), tuple(dict.fromkeys(filter(any, keyed))))
