"""Statement 46: quality also depends on the job title, whatever the language it is written in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.score import score
from nurture.core.titles import SENIORITIES, read_title
from tests.core.agreements import NOW, agreement

#: title | seniority | what it works on; "-" where the title does not say
TABLE = """
CEO | c_level | general
C.E.O. | c_level | general
Chief Executive Officer | c_level | general
Founder & CEO | owner | general
Co-Founder / CTO | owner | engineering
Cofounder | owner | general
Owner | owner | general
Business Owner | owner | general
Owner/Operator | owner | general
Managing Partner | owner | general
Partner | owner | general
Senior Partner, Lund Advisory | owner | general
Managing Director | c_level | general
Managing Director, Nordics | c_level | general
MD | c_level | general
General Manager | c_level | general
GM | c_level | general
President | c_level | general
Executive Director | c_level | general
Chairman of the Board | c_level | general
Board Member | c_level | general
CFO | c_level | finance
cfo | c_level | finance
C.F.O. | c_level | finance
Group CFO | c_level | finance
Interim CFO | c_level | finance
Chief Financial Officer | c_level | finance
COO | c_level | operations
Chief Operating Officer | c_level | operations
CTO | c_level | engineering
Chief Technology Officer | c_level | engineering
CIO | c_level | it
CISO | c_level | it
Chief Information Security Officer | c_level | it
CMO | c_level | marketing
CRO | c_level | sales
CHRO | c_level | hr
Chief Sustainability Officer | c_level | sustainability
Chief of Staff | head | general
VP Ops | vp | operations
VP, Operations | vp | operations
V.P. Sales | vp | sales
Vice President | vp | -
Vice President Finance | vp | finance
Vice-President, Engineering | vp | engineering
SVP Sales & Marketing | vp | sales
Senior Vice President Supply Chain | vp | logistics
EVP Manufacturing | vp | operations
Deputy CEO | vp | general
Director | head | -
Dir. Marketing | head | marketing
Director of Operations | head | operations
Operations Director | head | operations
Finance Director | head | finance
Director, Facilities | head | facilities
Senior Director Procurement | head | purchasing
Head of Sustainability | head | sustainability
Head of IT | head | it
Head of Quality | head | quality
Head of Lead Generation | head | marketing
Head of Student Affairs | head | -
Country Manager | head | -
General Counsel | head | general
Deputy Director of Operations | manager | operations
Deputy Head of Maintenance | manager | facilities
Plant Manager | manager | operations
Factory manager | manager | operations
Production Manager | manager | operations
Site Manager | manager | -
Facility Manager | manager | facilities
Facilities Mgr | manager | facilities
Mgr. Procurement | manager | purchasing
Sr. Mgr Procurement | manager | purchasing
Senior Manager, Energy | manager | sustainability
Energy Manager | manager | sustainability
HSE Manager | manager | sustainability
Maintenance Manager | manager | facilities
Maintenance supervisor | manager | facilities
Warehouse Manager | manager | logistics
Supply Chain Manager | manager | logistics
Purchasing Manager | manager | purchasing
IT Manager | manager | it
IT-manager | manager | it
HR Manager | manager | hr
Quality Manager | manager | quality
Marketing Manager | manager | marketing
Sales Manager | manager | sales
Project Manager | manager | -
Product Manager | manager | -
Lead Generation Manager | manager | marketing
Team Lead | manager | -
Team Leader Logistics | manager | logistics
Shift Supervisor | manager | operations
Foreman | manager | -
Chief Engineer | manager | engineering
Chief Accountant | manager | finance
Assistant Manager | senior | -
Assistant Director of Finance | manager | finance
Senior Engineer | senior | engineering
Sr. Engineer | senior | engineering
Sr Software Developer | senior | it
Principal Consultant | senior | -
Lead Engineer | senior | engineering
Tech Lead | senior | -
Engineer | individual | engineering
Process Engineer | individual | operations
Mechanical engineer | individual | engineering
Maintenance Technician | individual | facilities
Lead Generation Specialist | individual | marketing
Account Manager | individual | sales
Key Account Manager | individual | sales
Account Executive | individual | sales
Sales Executive | individual | sales
Sales Assistant | individual | sales
Head of Sales Assistant | individual | sales
Assistant to the CEO | individual | -
Executive Assistant | individual | -
Executive Assistant to the Managing Director | individual | -
PA to the MD | individual | -
Personal Assistant | individual | -
Advisor to the Board | individual | -
Office Manager | individual | -
Product Owner | individual | -
Process Owner | individual | -
HR Business Partner | individual | hr
Buyer | individual | purchasing
Accountant | individual | finance
Controller | individual | finance
Financial Controller | individual | finance
Financial Analyst | individual | finance
Sustainability Consultant | individual | sustainability
IT Consultant | individual | it
Data Analyst | individual | it
Legal Counsel | individual | legal
Customer Service Representative | individual | support
Sous Chef | individual | -
Executive Chef | individual | -
Marketing | individual | marketing
Purchasing | individual | purchasing
Junior Engineer | junior | engineering
Jr. Buyer | junior | purchasing
Junior Project Manager | junior | -
Management Trainee | junior | -
Graduate Engineer | junior | engineering
Student | student | -
Student Assistant | student | -
PhD Student | student | -
Intern | student | -
Marketing Intern | student | marketing
Apprentice Electrician | student | engineering
Former CEO | - | -
Retired plant manager | - | -
ex-CFO | - | -
Aspiring Founder | - | -
Poet | - | -
Headhunter | - | -
Oceonaut | - | -
Geschäftsführer | c_level | general
Geschäftsführerin | c_level | general
Geschäftsführer*in | c_level | general
Geschäftsführer (m/w/d) | c_level | general
Geschaeftsfuehrer | c_level | general
Geschäftsleitung | c_level | general
Mitglied der Geschäftsleitung | c_level | general
GF | c_level | general
Gf. | c_level | general
Geschäftsführender Gesellschafter | owner | general
Inhaber | owner | general
Inhaberin | owner | general
Vorstand | c_level | general
Vorstand Finanzen | c_level | finance
Prokurist | head | -
Leiter | head | -
Leiter Produktion | head | operations
Leiter/in Einkauf | head | purchasing
Leitung Einkauf | head | purchasing
Leiter Instandhaltung | head | facilities
Leiterin Finanzen | head | finance
Produktionsleiter | head | operations
Werksleiter | head | operations
Betriebsleiter | head | operations
Betriebsleiterin | head | operations
Vertriebsleiter | head | sales
Personalleiterin | head | hr
Technischer Leiter | head | engineering
Kaufmännischer Leiter | head | finance
IT-Leiter | head | it
Abteilungsleiter | head | -
Stellvertretender Werksleiter | manager | operations
Teamleiter Einkauf | manager | purchasing
Projektleiter | manager | -
Schichtleiter | manager | operations
Energiemanager | manager | sustainability
Vertriebspartner | individual | sales
Vertriebsmitarbeiterin | individual | sales
Einkäufer | individual | purchasing
Strategischer Einkäufer | individual | purchasing
Ingenieur | individual | engineering
Dipl.-Ing. | individual | engineering
Halbleiteringenieur | individual | engineering
Sachbearbeiter Buchhaltung | individual | finance
Umweltbeauftragter | individual | sustainability
Assistentin der Geschäftsführung | individual | -
Assistenz der Geschäftsleitung | individual | -
Vorstandsassistent | individual | -
Sekretärin | individual | -
Werkstudent | student | -
Werkstudentin Marketing | student | marketing
Praktikant | student | -
Auszubildender | student | -
Ehemaliger Geschäftsführer | - | -
Directeur général | c_level | general
Directrice générale | c_level | general
DG | c_level | general
PDG | c_level | general
P.D.G. | c_level | general
Président-directeur général | c_level | general
DAF | c_level | finance
Directeur administratif et financier | c_level | finance
DSI | c_level | it
DRH | c_level | hr
Gérant | c_level | general
Directeur général adjoint | vp | general
RSSI | head | it
Directeur d'usine | head | operations
Directrice commerciale | head | sales
Directeur technique | head | engineering
Directeur des achats | head | purchasing
Responsable maintenance | manager | facilities
Responsable qualité | manager | quality
Responsable énergie | manager | sustainability
Responsable HSE | manager | sustainability
Chef de projet | manager | -
Chef d'équipe | manager | -
Chef de cuisine | individual | -
Acheteur | individual | purchasing
Acheteuse | individual | purchasing
Ingénieur procédés | individual | engineering
Technicien de maintenance | individual | engineering
Chargée de communication | individual | marketing
Assistante de direction | individual | -
Stagiaire | student | -
Alternante marketing | student | marketing
Ancien directeur | - | -
Daglig leder | c_level | general
daglig leiar | c_level | general
Adm. dir. | c_level | general
adm.dir. | c_level | general
Administrerende direktør | c_level | general
VD | c_level | general
Verkställande direktör | c_level | general
Konsernsjef | c_level | general
Styreleder | c_level | general
Grunnlegger | owner | general
Eier | owner | general
Ägare | owner | general
Indehaver | owner | general
Vice VD | vp | general
Konserndirektør | vp | -
Direktør | head | -
Direktör | head | -
Økonomidirektør | head | finance
Driftsdirektør | head | operations
Produksjonssjef | manager | operations
Driftsleder | manager | operations
Driftschef | manager | operations
Økonomisjef | manager | finance
Ekonomichef | manager | finance
Innkjøpssjef | manager | purchasing
Inköpschef | manager | purchasing
Indkøbschef | manager | purchasing
Salgssjef | manager | sales
Försäljningschef | manager | sales
Markedssjef | manager | marketing
Kvalitetssjef | manager | quality
Vedlikeholdsleder | manager | facilities
Underhållschef | manager | facilities
Eiendomssjef | manager | facilities
Miljøsjef | manager | sustainability
IT-sjef | manager | it
Personalchef | manager | hr
Platschef | manager | operations
Nestleder | senior | -
Seniorrådgiver | senior | -
Overingeniør | senior | engineering
Ingeniør | individual | engineering
Ingenjör | individual | engineering
Innkjøper | individual | purchasing
Selger | individual | sales
Regnskapsfører | individual | finance
Rådgiver | individual | -
Elektriker | individual | engineering
Ledelsessekretær | individual | -
Nyutdannet ingeniør | junior | engineering
Lærling | student | -
Studerende | student | -
Pensjonist | - | -
Tidligere daglig leder | - | -
Director General | c_level | general
Directora General | c_level | general
Consejero Delegado | c_level | general
Gerente General | c_level | general
Presidenta | c_level | general
Dueño | owner | general
Socia fundadora | owner | general
Propietario | owner | general
Director Financiero | head | finance
Directora de Compras | head | purchasing
Director de Operaciones | head | operations
Subdirector | manager | -
Jefe de mantenimiento | manager | facilities
Jefa de Producción | manager | operations
Gerente de Planta | manager | operations
Responsable de Calidad | manager | quality
Ingeniera de procesos | individual | engineering
Técnico de mantenimiento | individual | engineering
Comprador | individual | purchasing
Contable | individual | finance
Asistente de dirección | individual | -
Becario | student | -
CEO Office Manager | individual | -
CEO's Office Coordinator | individual | -
Owner / Office Manager | owner | general
Managing Director Office Products | c_level | general
Receptionist, CEO office | - | -
Office of the CFO | - | -
Director, CEO Office | head | -
Executive Assistant to CFO | individual | -
Executive Assistant CEO | individual | -
CEO Assistant | individual | -
EA to CEO & CFO | individual | -
Exec. Asst. to CEO | individual | -
Board Secretary | individual | -
Coordinator of Operations | individual | operations
Director, Office of Sustainability | head | sustainability
Adviser to the CEO | individual | -
Founder's Associate | individual | -
Owner's Representative | individual | -
CFO & Company Secretary | c_level | finance
Secretary General | c_level | general
Assistant Managing Director | vp | general
CEO, Virtual Assistants Ltd | c_level | general
CEO in Training | junior | -
CEO Intern | student | -
Apprentice, Managing Director's Office | student | -
Assistenz der Geschäftsführung | individual | -
Assistent(in) der Geschäftsführung | individual | -
Ass. d. Geschäftsführung | individual | -
Geschäftsführungsassistenz | individual | -
Sekretariat Geschäftsleitung | individual | -
Geschäftsleitungssekretariat | individual | -
Vorstandsreferent | individual | -
Vorzimmer Vorstand | individual | -
Mitarbeiterin der Geschäftsführung | individual | -
Berater der Geschäftsführung | individual | -
Chefsekretärin | individual | -
Mitglied des Vorstands | c_level | general
Praktikant der Geschäftsführung | student | -
Lehrling Geschäftsleitung | student | -
Volontär Geschäftsführung | student | -
Duales Studium, Geschäftsführung | student | -
Stagiaire direction générale | student | -
Stagiaire auprès du PDG | student | -
Assistante du PDG | individual | -
Attachée de direction | individual | -
Collaboratrice du PDG | individual | -
Conseiller du président | individual | -
Secrétaire général | c_level | general
Asistente del Director General | individual | -
Secretaria de Dirección General | individual | -
Ayudante del Gerente General | individual | -
Adjunto al Director General | vp | general
Prácticas con el Director General | student | -
Alumna en prácticas | student | -
Directora de Buenas Prácticas | head | -
VD-assistent | individual | -
VD-sekreterare | individual | -
Assistent for daglig leder | individual | -
Konsulent for toppsjef | individual | -
Praktikant hos VD | student | -
"""
ROWS = [tuple(cell.strip() for cell in line.split("|")) for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("text", "seniority", "function"), ROWS, ids=[row[0] for row in ROWS])
def test_a_title_is_read_for_rank_and_work(text: str, seniority: str, function: str) -> None:
    """Statement 46."""
    title = read_title(text)
    assert (title.seniority or "-", title.function or "-") == (seniority, function)


def test_there_are_titles_enough_to_believe_it() -> None:
    assert len(ROWS) == len({text for text, *_ in ROWS}) >= 200
    assert {seniority for _, seniority, _ in ROWS} == {*SENIORITIES, "-"}


@given(st.sampled_from([row[0] for row in ROWS]))
def test_case_and_space_do_not_matter(text: str) -> None:
    assert read_title(f"  {text.upper()} ") == read_title(text.lower()) == read_title(text)


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    title = read_title(text)
    assert title.seniority in (*SENIORITIES, None)


READ = {"base": 20, "titles": [{"words": ["miller"], "points": 30}],
        "seniority": {"c_level": 25, "head": 20, "individual": 5}, "functions": {"operations": 10}}  # fmt: skip


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Werksleiter", [("title: Werksleiter, read as head", 20), ("works in operations", 10)]),
        ("CEO", [("title: CEO, read as c level", 25)]),
        ("Master Miller", [("title: Master Miller", 30)]),
        ("Poet", [("title: Poet", 0)]),
    ],
)
def test_fit_says_how_it_read_a_title(title: str, told: list[tuple[str, int]]) -> None:
    addends = score((), {"title": title}, agreement(fit=READ), NOW).addends
    assert [(one.text, one.points) for one in addends[1:]] == told


def test_a_title_that_nobody_knows_is_unknown_and_one_that_says_nothing_is_not() -> None:
    terms = agreement(fit=READ | {"titles": []})
    assert score((), {}, terms, NOW).unknown == ("title",)
    assert score((), {"title": "Poet"}, terms, NOW).unknown == ()


def test_whoever_studies_can_be_left_out_in_any_language() -> None:
    terms = agreement(disqualify=[{"because": "studies", "seniorities": ["student"]}])
    [studies] = terms.disqualify
    assert [studies.fits({"title": title}) for title in ("Werkstudentin", "Lærling", "CEO", None)] == [
        True, True, False, False,
    ]  # fmt: skip
