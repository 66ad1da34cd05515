"""Writes leads.csv: invented people at invented companies, for the demo and the tests.

    python samples/make_leads.py

The same file each time. All addresses end in example.com, .org or .net, which belong to nobody (RFC 2606);
phone numbers are from the ranges that regulators set aside for fiction. Some rows are wrong on purpose, one
for each kind of mistake that real exports hold.
"""

from __future__ import annotations

import csv
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

SEED = 20261115
LEADS = 520
FIRST_DAY = datetime(2026, 8, 3)
LAST_DAY = datetime(2026, 11, 13)

HEADER = [
    "Email", "First name", "Last name", "Company", "Job title", "Industry", "Employees", "Country", "Language",
    "Time zone", "Phone", "Lead source", "Asset", "Legal ground", "Created at",
]  # fmt: skip


@dataclass(frozen=True)
class Land:
    """Where leads live: how many of a hundred, what people and firms are called, and numbers kept for fiction."""

    name: str
    share: int
    language: str
    first: str
    last: str
    places: str
    form: str
    titles: str = ""
    phone: str = ""
    zones: str = ""


LANDS = [
    Land("Norway", 22, "no",
         "Ingrid Ola Silje Håkon Marit Bjørn Åse Sindre Kjersti Øyvind Nora Magnus Ragnhild Torbjørn Fatima Amund",
         "Solberg Haugen Bråten Nygård Ødegård Lie Strand Moe Sæther Fjeld Kvåle Aasen Hussain Bakke Tveit Rønning",
         "Sunnfjord Hallingdal Jæren Romsdal Gudbrand Lofoten Toten Sogn Karmøy Setesdal Namdal Hadeland", "AS",
         titles="Daglig leder|Produksjonssjef|Driftsleder|Vedlikeholdsleder"),
    Land("Sweden", 14, "sv",
         "Anders Åsa Björn Elin Göran Maja Nils Sofia Örjan Linnéa Tove Hamza Karin Viktor",
         "Lindqvist Åkesson Öberg Sjögren Nyström Björk Ström Hägg Wallin Dahlgren Söderberg Rahimi",
         "Småland Bergslagen Skåne Värmland Dalarna Ångerman Halland Gotska Roslagen", "AB",
         titles="VD|Produktionschef|Teknisk chef", phone="+46 8 465 004 {:02d}"),
    Land("Denmark", 8, "da",
         "Mette Søren Lærke Jens Freja Bjarne Åge Camilla Rasmus Signe",
         "Kjær Møller Nørgaard Sørensen Holm Østergaard Bæk Dam Friis Thygesen",
         "Limfjord Vestjysk Fynbo Djursland Sønderjysk Lolland", "ApS", titles="Direktør|Produktionschef"),
    Land("Finland", 5, "fi",
         "Aino Mikko Päivi Jukka Sanna Väinö Hanna Ilkka",
         "Mäkinen Virtanen Hämäläinen Koskinen Järvi Niemelä Lahti Öhman",
         "Savo Kainuu Pohjan Häme Satakunta", "Oy", titles="Toimitusjohtaja|Tuotantopäällikkö"),
    Land("Germany", 13, "de",
         "Jürgen Anneke Matthias Özlem Käthe Stefan Birgit Jonas Ülkü Sabine Klaus Friederike Tobias",
         "Müller Schäfer Groß Weiß Yılmaz Kühn Vogel Böttcher Jäger Krüger Baumann Löffler Engel",
         "Sauerland Ostalb Eifel Lausitz Münsterland Schwarzwald Emsland Vogtland", "GmbH",
         titles="Geschäftsführer|Geschäftsführerin|Betriebsleiter|Leiter Technik", phone="+49 30 23125 {:03d}"),
    Land("The Netherlands", 8, "nl",
         "Sanne Daan Femke Joost Meryem Willem Anouk Pieter Loes Bram",
         "de Vries van Dijk Jansen Bakker Visser Smit Çelik Mulder",
         "Twente Veluwe Zeeuwse Betuwe Kempen Salland", "B.V.", titles="Directeur|Hoofd techniek"),
    Land("UK", 9, "en",
         "Olivia Graham Priya Callum Siân Tom Chloe Imran Harriet Alistair Yusuf Bethan",
         "Whitaker O'Neill Patel Fairclough Hughes Ramsden Khan Thornton Llewellyn Marsh Okafor",
         "Pennine Wharfedale Severn Teesside Calder Cotswold", "Ltd", phone="+44 20 7946 0{:03d}"),
    Land("Ireland", 3, "en", "Niamh Seán Aoife Ciarán Gráinne Declan", "Ó Briain Murphy Kavanagh Doyle Nolan",
         "Burren Slaney Boyne", "Ltd"),
    Land("France", 5, "fr", "Chloé Étienne Maïa Benoît Noémie Loïc Aurélie", "Lefèvre Dubois Garçon Béranger N'Diaye",
         "Jura Vosges Ardèche Limousin", "SARL", titles="Directeur général|Responsable production",
         phone="+33 1 99 00 {:02d} 47"),
    Land("Poland", 3, "pl", "Łukasz Zofia Grażyna Paweł Małgorzata", "Wójcik Kowalczyk Zając Błaszczyk",
         "Mazury Podhale Kujawy", "Sp. z o.o."),
    Land("Spain", 2, "es", "Íñigo Lucía Begoña Andrés", "Muñoz Ibáñez Peña Núñez", "Rioja Segura Montsià", "S.L.",
         zones="Europe/Madrid"),
    Land("United States", 4, "en", "Maria Deshawn Emily Carlos Grace Tyler", "Nguyen Johnson Ramirez Kowalski Brooks",
         "Cuyahoga Ozark Piedmont", "Inc.", phone="+1 216 555 01{:02d}",
         zones="America/New_York America/Chicago America/Los_Angeles"),
    Land("India", 3, "en", "Anjali Rohan Lakshmi Arjun Deepa", "Iyer Deshmukh Banerjee Reddy", "Deccan Konkan Nilgiri",
         "Pvt Ltd"),
    Land("Australia", 1, "en", "Lachlan Matilda Thuy", "Papadopoulos Campbell Tran", "Gippsland Riverina", "Pty Ltd",
         phone="+61 2 5550 {:04d}", zones="Australia/Sydney Australia/Brisbane"),
]  # fmt: skip

#: industry as written: what its firms put in their names, and how common it is among our leads
TRADES = {
    "Food production": ("Foods Dairy Bakery Seafood Brewery", 26),
    "Metal products": ("Metal Steel Castings Tooling", 20),
    "Plastics": ("Plastics Polymers Moulding", 13),
    "Wood products": ("Timber Joinery Furniture", 12),
    "Packaging": ("Packaging Carton", 9),
    "Chemicals": ("Coatings Chemicals", 6),
    "Machine manufacturing": ("Machines Engineering Works", 8),
    "Logistics": ("Logistics Coldstore", 4),
    "Consulting": ("Consulting", 2),
}
TITLES = [
    "Managing Director", "Operations Manager", "Plant Manager", "Production Manager", "Maintenance Manager",
    "Head of Operations", "Technical Director", "Energy Manager", "COO", "Owner", "Environmental Coordinator",
    "Process Engineer", "Maintenance Engineer", "Finance Manager", "Quality Engineer", "Purchasing Assistant",
    "Student",
]  # fmt: skip
#: where from: the word, what was asked for, how common
SOURCES = [
    ("Ebook", "The energy guide for small factories", 33),
    ("Webinar", "Finding idle load in an afternoon", 20),
    ("Checklist", "The ten-minute energy walk", 21),
    ("Trade show", "", 13),
    ("Referral", "", 7),
    ("ROI calculator", "ROI calculator", 4),
    ("Pricing", "Pricing", 2),
]
SIZES = [
    "12",
    "18",
    "24",
    "30-50",
    "38",
    "45",
    "60",
    "75",
    "90",
    "50-200",
    "120",
    "160",
    "210",
    "340",
    "480",
    "1,200",
    "",
]
GROUNDS = [("consent", 76), ("soft opt-in", 12), ("contract", 6), ("", 6)]
DOMAINS = ["example.com", "example.org", "example.net"]


@dataclass(frozen=True)
class Firm:
    name: str
    domain: str
    industry: str
    employees: str


def main() -> None:
    target = Path(__file__).with_name("leads.csv")
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows())


def rows() -> list[list[str]]:
    """Good rows with the wrong ones strewn in."""
    made = list(_good_rows(random.Random(SEED)))
    for at, row in _wrong_rows(made):
        made.insert(at, row)
    return made


def _good_rows(chance: random.Random) -> Iterator[list[str]]:
    firms: dict[str, list[Firm]] = {land.name: [] for land in LANDS}
    used: set[str] = set()
    while len(used) < LEADS:
        land = chance.choices(LANDS, [land.share for land in LANDS])[0]
        firm = _firm(chance, land, firms[land.name])
        first, last = chance.choice(land.first.split()), chance.choice(_names(land.last))
        email = f"{_ascii(first)}.{_ascii(last)}@{firm.domain}"
        if email not in used:
            used.add(email)
            yield [email, first, last, *_job(chance, land, firm), *_place(chance, land), *_first_touch(chance)]


def _firm(chance: random.Random, land: Land, known: list[Firm]) -> Firm:
    """Now and then a colleague of somebody we have."""
    if known and chance.random() < 0.35:
        return chance.choice(known)
    industry = chance.choices(list(TRADES), [share for _, share in TRADES.values()])[0]
    name = f"{chance.choice(land.places.split())} {chance.choice(TRADES[industry][0].split())}"
    domain = f"{_ascii(name)}.{chance.choice(DOMAINS)}"
    firm = next((firm for firm in known if firm.name == f"{name} {land.form}"), None)
    if firm is None:
        firm = Firm(f"{name} {land.form}", domain, industry, chance.choice(SIZES))
        known.append(firm)
    return firm


def _job(chance: random.Random, land: Land, firm: Firm) -> list[str]:
    local = land.titles.split("|") if land.titles and chance.random() < 0.4 else TITLES
    return [firm.name, chance.choice(local), firm.industry, firm.employees]


def _place(chance: random.Random, land: Land) -> list[str]:
    zone = chance.choice(land.zones.split()) if land.zones and chance.random() < 0.8 else ""
    phone = land.phone.format(chance.randrange(10, 100)) if land.phone and chance.random() < 0.6 else ""
    return [land.name, land.language, zone, phone]


def _first_touch(chance: random.Random) -> list[str]:
    source, asset, _ = chance.choices(SOURCES, [share for *_, share in SOURCES])[0]
    ground = chance.choices([word for word, _ in GROUNDS], [share for _, share in GROUNDS])[0]
    day = FIRST_DAY + timedelta(days=chance.randrange((LAST_DAY - FIRST_DAY).days + 1))
    moment = day.replace(hour=chance.randrange(6, 19), minute=chance.randrange(60))
    return [source, asset, ground, moment.isoformat(timespec="minutes") + "Z"]


def _wrong_rows(good: list[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Where to put each row that is wrong, and the row: one for each kind of mistake."""
    yield 31, _changed(good[3], Email="lars.berg(at)fjell.example.com")
    yield 62, _changed(good[5], Email="")
    yield 93, _changed(good[10], Email=good[10][0].upper(), Company="Somewhere else")
    yield 124, _changed(good[12], Email="petra@plast.example.com", Country="Narnia")
    yield 155, _changed(good[14], Email="otto@metall.example.com", **{"Created at": "2036-05-01"})
    yield 186, _changed(good[16], Email="ida@brod.example.org", Employees="plenty")
    yield 217, _changed(good[18], Email="no-reply@karton.example.org")
    yield 248, _changed(good[20], Email="postmaster@trevare.example.net")
    yield 279, _changed(good[22], Email="anna@@example.com")
    yield 310, _changed(good[24], Email="eva@meieri.example.net", **{"Time zone": "Oslo time"})
    yield 341, _changed(good[26], Email="nils@sag.example.com", **{"Created at": "14.09.2026"})
    yield 372, _changed(good[28], Email="mona@fisk.example.com", **{"Legal ground": "perhaps"})
    yield 403, [*_changed(good[30], Email="per@stop.example.org"), "a cell too many"]
    yield 434, _changed(good[32], Email="uwe@farbe.example.net", Employees="none", Country="Atlantis")
    yield 465, list(good[40])


def _changed(row: list[str], **cells: str) -> list[str]:
    return [cells.get(heading, cell) for heading, cell in zip(HEADER, row, strict=True)]


def _names(last: str) -> list[str]:
    """Family names of several words stay together: "de Vries", "Ó Briain"."""
    joined = last
    for particle in ("de", "van", "Ó"):
        joined = joined.replace(f"{particle} ", f"{particle}_")
    return [name.replace("_", " ") for name in joined.split()]


def _ascii(text: str) -> str:
    """As people write it in addresses: "Ødegård" is "odegard"."""
    small = text.casefold().replace("æ", "ae").translate(str.maketrans("øıł", "oil"))
    return "".join(letter for letter in unicodedata.normalize("NFKD", small) if letter.isascii() and letter.isalnum())


if __name__ == "__main__":
    main()
