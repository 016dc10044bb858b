"""The units of measure that names of columns tell, as people spell them: months in experience_months, square metres in Size [m²]."""

import re
import unicodedata
from functools import cache

# Each kind's units: how many of the kind's first unit one is, and how it is spelled in the languages that were seen.
# What may as well be something else is no spelling: m, min, d, second.
KINDS = (
    {
        "years": (1, "year, years, yr, yrs, yearly, annual, annually, annum, jahr, jahre, jahren, ans, années, annees, años, anos, anni"),
        "months": (1 / 12, "month, months, mo, mos, mth, mths, monthly, monat, monate, monaten, mois, mes, meses, mese, mesi"),
        "weeks": (7 / 365.25, "week, weeks, wk, wks, weekly, woche, wochen, semaines, semanas, settimane"),
        "days": (1 / 365.25, "day, days, daily, tag, tage, tagen, jours, días, dias, giorni"),
        "hours": (1 / 8766, "hour, hours, hr, hrs, hourly, stunden, heures, horas"),
        "minutes": (1 / 525960, "minute, minutes, mins, minuten, minutos, minuti"),
        "seconds": (1 / 31557600, "seconds, secs, sekunden, secondes, segundos, secondi"),
    },
    {
        "square feet": (1, "square feet, square foot, squarefeet, squarefoot, sq feet, sq foot, sq ft, sqft, sqfeet, sf, ft2, ft 2, feet2"),
        "square metres": (
            10.7639104,
            "square metres, square meters, square metre, square meter, sq metres, sq meters, sq m, sqm, sqmt, sq mt, m2, m 2, qm, mq, "
            "quadratmeter, metros cuadrados, metri quadri, mètres carrés, metres carres",
        ),
        "square yards": (9, "square yards, square yard, sq yards, sq yd, sqyd, yd2, yd 2"),
        "square inches": (1 / 144, "square inches, square inch, sq in, sqin, in2, in 2"),
        "square kilometres": (10763910.4, "square kilometres, square kilometers, sq km, sqkm, km2, km 2"),
        "square miles": (27878400, "square miles, square mile, sq mi, sqmi, mi2, mi 2"),
        "acres": (43560, "acre, acres"),
        "hectares": (107639.104, "hectare, hectares, hektar, ha"),
    },
    {
        "feet": (1, "feet, foot, ft"),
        "metres": (3.28083990, "metres, meters, metre, meter, mtr, mtrs"),
        "kilometres": (3280.83990, "kilometres, kilometers, kilometre, kilometer, km, kms"),
        "centimetres": (0.0328083990, "centimetres, centimeters, centimetre, centimeter, cm, cms"),
        "millimetres": (0.00328083990, "millimetres, millimeters, millimetre, millimeter, mm"),
        "inches": (1 / 12, "inch, inches"),
        "yards": (3, "yards, yd, yds"),
        "miles": (5280, "mile, miles"),
    },
    {
        "kilograms": (1, "kilograms, kilogram, kilogrammes, kilos, kilo, kg, kgs"),
        "grams": (1 / 1000, "grams, gram, grammes, gramm"),
        "pounds": (0.45359237, "lb, lbs, pounds, pound"),
        "ounces": (0.0283495231, "ounce, ounces, oz"),
        "tonnes": (1000, "tonne, tonnes"),
    },
    {"litres": (1, "litre, litres, liter, liters"), "millilitres": (1 / 1000, "ml, millilitres, milliliters")},
    {"degrees": (1, "degrees, degree, deg, °"), "radians": (57.2957795, "radians, radian, rad")},
    {
        "degrees Celsius": (None, "celsius, ° c, deg c, degrees c, degrees celsius"),
        "degrees Fahrenheit": (None, "fahrenheit, ° f, deg f, degrees f, degrees fahrenheit"),
        "kelvins": (None, "kelvin, kelvins"),
    },
    {"percent": (None, "percent, pct, percentage, %")},
    {
        "US dollars": (None, "us $, $, usd, us dollars, us dollar, dollars, dollar"),
        "euros": (None, "€, eur, euro, euros"),
        "pounds sterling": (None, "£, gbp, sterling"),
        "yen": (None, "¥, jpy, yen"),
        "yuan": (None, "cny, rmb, yuan"),
        "rupees": (None, "₹, inr, rupee, rupees, rs"),
        "Swiss francs": (None, "chf, sfr"),
        "Canadian dollars": (None, "cad, c $, ca $"),
        "Australian dollars": (None, "aud, a $, au $"),
        "reais": (None, "brl, r $, reais"),
        **{
            code: (None, code)
            for code in ("nzd", "sek", "nok", "dkk", "pln", "czk", "huf", "mxn", "zar", "krw", "sgd", "hkd", "rub", "ils")
        },
    },
    {
        "thousands": (1000, "thousand, thousands, k, 000, 000s, 1000s, tsd"),
        "millions": (1e6, "million, millions, mio, mln, mn"),
        "billions": (1e9, "billion, billions, bn"),
        "lakhs": (1e5, "lakh, lakhs"),
        "crores": (1e7, "crore, crores"),
    },
)
SCALES = KINDS[-1]  # of any unit
LONGEST = 2  # words of a spelling
_WORD = re.compile(r"\d+s?|[^\W\d_]+[23]?(?![^\W_])|[^\W\d_]+|\$(?![^\W\d_])|[€£¥₹%°]")  # $oid and the like are MongoDB's fields


def find_units(text: str) -> list[str]:
    """Return the units that a name tells, each once: of "Size [m²]" square metres."""
    return list(dict.fromkeys(split_units(text)[0]))


def split_units(text: str) -> tuple[list[str], list[str]]:
    """Return the units that a name tells, and its other words."""
    words = _WORD.findall(_part(text))
    spellings, told, others = _index_spellings(), [], []
    at = 0
    while at < len(words):
        found = next((length for length in range(LONGEST, 0, -1) if " ".join(words[at : at + length]) in spellings), 0)
        if found:
            told.append(spellings[" ".join(words[at : at + found])])
        else:
            others.append(words[at])
        at += found or 1
    return told, others


def find_factor(unit: str, wanted: str) -> float | None:
    """Return how many of one unit another one is: of months and years 1/12; None where they are of other kinds, or no number is certain."""
    if unit in SCALES:
        return SCALES[unit][0]
    kind = next((kind for kind in KINDS if unit in kind and wanted in kind), {})
    size, other = (kind.get(each, (None, ""))[0] for each in (unit, wanted))
    return size / other if size and other else None


def _part(text: str) -> str:
    """Return a text in small letters, its words parted where a capital begins one, and its signs for squares as numbers."""
    return re.sub(r"(?<=[^\W\d_A-Z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", text)).lower()


@cache
def _index_spellings() -> dict[str, str]:
    return {spelling: unit for kind in KINDS for unit, (_, spelled) in kind.items() for spelling in spelled.split(", ")}
