"""Which column of a file is which field of a lead, whatever its heading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nurture.core.suggest import did_you_mean
from nurture.errors import IntakeError
from nurture.timezones import letters

#: field -> headings it is known under, letters only
_HEADINGS = {
    "email": "email emailaddress mail workemail businessemail primaryemail epost epostadresse emailadresse",
    "first_name": "firstname givenname forename first fornavn fornamn vorname prenom voornaam",
    "last_name": "lastname surname familyname last etternavn efternamn nachname nom achternaam",
    "company": "company companyname organization organisation account accountname employer firma bedrift foretag",
    "title": "title jobtitle position role jobrole stilling funktion functie",
    "industry": "industry sector trade bransje branche bransch",
    "employees": "employees numberofemployees noofemployees employeecount companysize headcount size ansatte anstallda "
    "mitarbeiter anzahlmitarbeiter mitarbeiterzahl",
    "country": "country countrycode countryregion nation land",
    "language": "language lang preferredlanguage sprak sprache taal",
    "timezone": "timezone tz tidssone zeitzone",
    "phone": "phone phonenumber telephone mobile mobilephone mobilenumber businessphone tel telefon",
    "source": "source leadsource originalsource channel kilde quelle",
    "asset": "asset download form formname content",
    "legal_ground": "legalground legalbasis lawfulbasis consent marketingconsent gdprconsent optin optedin emailoptin",
    "ground_until": "grounduntil legalgrounduntil consentuntil consentexpires consentexpiry consentexpirydate",
    "opted_out": "optedout optout emailoptout hasoptedoutofemail unsubscribed unsubscribedfromallemail donotemail",
    "no_sales_contact": "nosalescontact donotcall donotphone dnc nocalls nosalescalls hasoptedoutofsalescontact",
    "took_part": "tookpart attendance attended participation attendancestatus boothactivity",
    "need": "need painpoint pain challenge usecase",
    "timing": "timing timeline timeframe purchasetimeframe",
    "authority": "authority decisionrole buyingrole",
    "budget": "budget hasbudget",
    "created_at": "createdat created createdate createddate date firsttouch firsttouchdate timestamp submittedat",
}
_FIELDS = {heading: field for field, headings in _HEADINGS.items() for heading in headings.split()}
#: headings of a column that holds first and last name: which is which only people know
_WHOLE_NAMES = frozenset({"name", "fullname", "contactname", "contact", "navn", "namn", "naam"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is read: its number in the file (from 0), its heading as written, and the lead's field."""

    index: int
    heading: str
    field: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that are read, and what to say of those that are not."""

    read: tuple[Column, ...]
    warnings: tuple[str, ...]

    def column(self, field: str) -> Column:
        """The first column of a field."""
        return next(column for column in self.read if column.field == field)


def match(header: Sequence[str], file: str) -> Columns:
    """Find the fields. Raises IntakeError when no column holds addresses."""
    read, warnings = [], []
    for index, heading in enumerate(header):
        field = _FIELDS.get(letters(heading))
        if field:
            read.append(Column(index, heading.strip(), field))
        elif heading.strip():
            warnings.append(f"column {index + 1} '{heading.strip()}' is not used{_hint(letters(heading))}")
    if not any(column.field == "email" for column in read):
        raise IntakeError(f"{file}: expected a column named 'email'; {_found(header)}")
    if not any(column.field == "legal_ground" for column in read):
        warnings.append(
            "no column tells the legal ground (consent, soft_opt_in, contract): leads new to us get no mail"
        )
    return Columns(tuple(read), tuple(warnings))


def _hint(heading: str) -> str:
    if heading in _WHOLE_NAMES:
        return ": split it into 'first name' and 'last name'"
    return did_you_mean(heading, _FIELDS)


def _found(header: Sequence[str]) -> str:
    names = [heading.strip() for heading in header if heading.strip()]
    near = next((hint for name in names if (hint := did_you_mean(letters(name), ["email"]))), "")
    return f"found {', '.join(repr(name) for name in names)}{near}"
