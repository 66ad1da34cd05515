"""Job titles, read for how senior they are and what their holders work on.

In English, German, French, Spanish and the Scandinavian languages, with the abbreviations people write. A title
that says neither is read as neither: nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

Seniority = Literal["owner", "c_level", "vp", "head", "manager", "senior", "individual", "junior", "student"]
Function = Literal[
    "general", "finance", "operations", "engineering", "it", "sales", "marketing", "hr", "purchasing", "logistics",
    "facilities", "quality", "sustainability", "research", "support", "legal",
]  # fmt: skip
SENIORITIES: tuple[Seniority, ...] = get_args(Seniority)


class Title(NamedTuple):
    """What a job title says; None where it does not say it. `student` also stands for interns and apprentices."""

    seniority: Seniority | None
    function: Function | None


@lru_cache(maxsize=4096)
def read_title(text: str) -> Title:
    """How senior a title is, the highest of several, and what its holder works on, the first of several."""
    title = _plain(text)
    if _FORMER.search(title):
        return Title(None, None)
    own = _HELPED.sub(_without_the_boss, _SOMEBODY_ELSE.sub("", title))
    function = _function(own)
    seniority = _seniority(own)
    if seniority is None and function is not None:
        seniority = "individual"
    if function is None and seniority in ("owner", "c_level"):
        function = "general"
    if function == "general" and seniority not in ("owner", "c_level", "head", "vp"):
        function = None
    return Title(seniority, function)


def _seniority(title: str) -> Seniority | None:
    if _STUDENT.search(title):
        return "student"
    if _JUNIOR.search(title):
        return "junior"
    if _ASSISTANT.search(title):
        under = _ASSISTANT_RANK.search(title)
        return _below(_rank(under[1])) if under else "individual"
    rank = _rank(title)
    return _below(rank) if _DEPUTY.search(title) else rank


def _without_the_boss(helped: re.Match[str]) -> str:
    return helped[1] if _rank(helped[2]) in ("owner", "c_level") else helped[0]


def _rank(title: str) -> Seniority | None:
    return next((rank for rank, pattern in _RANKS.items() if pattern.search(title)), None)


def _below(rank: Seniority | None) -> Seniority | None:
    """The deputy of a rank is of the one below."""
    return SENIORITIES[min(SENIORITIES.index(rank) + 1, 6)] if rank and rank != "owner" else rank


def _function(title: str) -> Function | None:
    found = [(match.start(), name) for name, pattern in _FUNCTIONS.items() if (match := pattern.search(title))]
    return min(found)[1] if found else None


# --- spelling -------------------------------------------------------------------------------------------------

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ł": "l", "œ": "oe", "’": "'"})
_GENDER = re.compile(r"\((?:[mwfdxhe]\W?)+\)|(?<=\w)[*:_/·.](?:in|innen|rice|trice|euse|e|a)\b")
_DOTTED = re.compile(r"\b(?:[a-z]\.\s?){2,}")
_SPACE = re.compile(r"[^\w&/,|;+]+")


def _plain(text: str) -> str:
    """Lower case without accents and dots, one space between words, what looks like a rank and is none renamed."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    bare = _DOTTED.sub(lambda found: re.sub(r"\W", "", found[0]) + " ", bare)
    bare = _GENDER.sub(lambda found: "in" if found[0][1:] == "in" else "", bare)
    bare = _SPACE.sub(" ", bare).strip()
    for pattern, plain in _RENAMED:
        bare = pattern.sub(plain, bare)
    return bare


def _words(text: str) -> re.Pattern[str]:
    """Finds any of the words, which stand apart by spaces; `*` at an end stands for more letters, `_` for a space."""
    alternatives = (
        re.escape(word).replace(r"\*", r"\w*").replace("_", " ") for word in sorted(text.split(), key=len, reverse=True)
    )
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b")


_RENAMED = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"\bvi[cs]e ?pr[ae]+sident(?:e|a|in)?\b|\bvizepra?e?sident(?:in)?\b", "vicepresident"),
        (r"\b(?:sub|sous ?|vise|vice ?)(?=direct|direkt)|\bsous(?=chef\b)", "deputy "),
        (r"\bwerkstudent", "student"),
        (r"\bco (?=founder|owner|ceo|cto)", "co"),
        (r"\blead(?:s)? ?(?:gen|generation|generator|scoring|management|nurturing)\b", "demand marketing"),
        (r"\b(?:product|process|system|data|service|platform|application|risk|scrum) owner\b", "product specialist"),
        (r"\b(?:head|sous|executive|pastry|junior|private) chef\b|\bchef de (?:cuisine|partie)\b", "cook"),
        (r"\bhalbleiter\w*", "semiconductor ingenieur"),
        (r"\bstudent (?=affairs|services?|recruit|counsel|advis|success|housing|support|life|relations)", "campus "),
        (r"\b(?:key )?account (?:manager|executive|director)\b", "account sales representative"),
        (r"\b(?:community|case|office) manager\b", "office coordinator"),
        (r"\bpersonal (?=assist|secretar|trainer|training|banker|advis)", "private "),
        (r"\b(?:hr|human resources|people|finance|it|technology|business) (?:business )?partner(?: manager)?\b",
         "hr consultant"),
        (r"\bchief of staff\b", "head general"),
        (r"\b(?:company|corporate) secretary\b", "company officer"),
        (r"\bsecretary general\b|\bgeneral secretary\b|\bgeneralsekreta?e?r(?:in)?\b|\bsecretai?r[ieo]o? generale?\b",
         "general manager"),
        (r"\bteam ?lead\b", "teamleader"),
        (r"\b(team|gruppen|projekt|schicht|bau|filial|abschnitts)leiter(?:in)?\b", r"\1 teamleader"),
    )
)  # fmt: skip

# --- ranks ----------------------------------------------------------------------------------------------------

_FORMER = _words("former formerly ex retired pensioned pensionert pensjonist i_r a_d ancien ancienne jubilado jubilada "
                 "pensionar rentner tidligere tidigare ehemaliger ehemalige aspiring unemployed")  # fmt: skip
#: "assistant to the CEO", "CEO office manager": whose title that is, is somebody else
_SOMEBODY_ELSE = re.compile(
    r"\b(?:to|reporting to|bei|til|till|hos|aupres)\b (?:the |our |dem |der |du |de la )?.*$"
    r"|\b(?:c[a-z]o|md|managing director|president|chairman|board|founder|owner)s?(?: s)? "
    r"(?=(?:office(?= ?(?:$|[,/&|;+]|coordinator|admin|director|lead|support))|associate|representative|liaison)\b)"
)
#: "adviser to", in languages that say "of": the rest of the phrase may be whom they help
_HELPED = re.compile(
    r"\b(office|advis[eo]r|\w*berater(?:in)?|conseill(?:er|ere)|asesora?|konsulent|radgiver|radgivare|"
    r"\w*(?:coordinat|koordinat)\w*) (?:of|for|der|des|du|de la|de|del|at)\b([^,/&|;+]*)"
)
_STUDENT = re.compile(
    _words("student students studentin studerende studerande studerer estudiant* etudiant* intern "
           "interns internship praktikant* praktik* stagiaire stagiaires stagiair apprentice* azubi "
           "auszubildende* laerling* larling* elev apprenti apprentie alternant alternante becari* "
           "practicante pasante aprendiz lehrling* volontar* volontaer* hospitant* "
           "duales_studium en_alternance doktorand* phd_candidate schuler* pupil").pattern
    # "buenas practicas" are something else
    + r"|(?:^|\ben )practicas\b"
)  # fmt: skip
_JUNIOR = re.compile(
    _words("junior jr trainee trainees graduate debutant debutante nyutdannet nyutexaminerad berufseinsteiger*").pattern
    + r"|\bin (?:training|ausbildung)$"
)
_ASSISTANT = _words("assistant assistante assist asst ass_d ass_der assistent* *assistent *assistentin *assistenz "
                    "asistente asistenta ayudante auxiliar secretary sekretar* sekretaer* *sekretar *sekretaer "
                    "*sekretarin *sekretaerin *sekretariat *sekreterare secretaire secretari* pa ea attache attachee "
                    "*referent *referentin mitarbeiter mitarbeiterin vorzimmer* collaborateur "
                    "collaboratrice")  # fmt: skip
_ASSISTANT_RANK = re.compile(
    r"\b(?:assistant|asst) ((?:general |managing )?(?:manager|mgr|director|vicepresident|vp|head)\b)"
)
_DEPUTY = _words("deputy stellvertretend* stellvertreter* stellv stv nestleder adjoint adjointe "
                 "adjunto adjunta bitradende stedfortreder associate_director vice_vd assisterende* "
                 "vikarierende")  # fmt: skip

_RANKS: dict[Seniority, re.Pattern[str]] = {
    "owner": re.compile(
        _words(
            "owner coowner founder cofounder proprietor inhaber* mitinhaber* eigentumer* eigentuemer* grunder "
            "grunderin gruender* mitgrunder* mitgruender* gesellschafter* fondateur fondatrice cofondat* co_fondat* "
            "proprietaire eier medeier grunnlegger grundare medgrundare agare delagare ejer medejer indehaver "
            "grundlaegger stifter dueno duena propietari* fundador fundadora cofundador* socio socia socio_fundador "
            "associe associee entrepreneur selbstandig* selbstaendig* self_employed managing_partner founding_partner "
            "senior_partner equity_partner einzelunternehmer* autonomo autonoma"
        ).pattern
        + r"|(?:^|[,/&|;+]) ?partner(?:in)?(?: at .*)?(?= ?(?:[,/&|;+]|$))"
    ),
    "c_level": re.compile(
        _words(
            "ceo coceo cfo coo cto cocto cio cmo cro cso cpo cdo cco cao clo ciso chro managing_director md "
            "executive_director general_manager gm president chairman chairwoman chairperson chair_of_the_board "
            "board_member member_of_the_board board_director managing_directors geschaftsfuhr* geschaeftsfuehr* "
            "geschaftsleit* geschaeftsleit* gf gfin vorstand vorstands vorstandin vorstandsmitglied vorstandsvorsitz* "
            "vorstandssprecher* pdg president_directeur_general presidente presidenta presidents directeur_general "
            "directrice_generale dg dga daf dsi drh gerant gerante directeur_administratif directrice_administrative "
            "administrerende_direktor administrerende_direktoer adm_dir adm_direktor admin_dir daglig_leder "
            "daglig_leiar vd verkstallande_direktor konsernsjef koncernchef toppsjef styreleder styrelseordforande "
            "direktionsmedlem director_general directora_general director_ejecutivo directora_ejecutiva "
            "consejero_delegado consejera_delegada gerente_general administrador_unico director_gerente"
        ).pattern
        + r"|\bchief (?:\w+ (?:& )?){1,4}officer\b|\bchief (?:executive|financial|finance|operating|operations|"
        r"technology|technical|information|marketing|commercial|revenue|people|product|digital|data|legal|sustainability)\b"
    ),
    "vp": _words("vp svp evp avp gvp vicepresident* konserndirektor koncerndirektor"),
    "head": _words(
        "head heads director directors dir directeur directrice directora directores *direktor *direktoer *direktorin "
        "*direktoren direktor leiter leiterin *leiter *leiterin leitung *leitung prokurist prokuristin rssi "
        "country_manager dean rektor jefe_de_departamento chef_de_departement bereichsleiter* general_counsel"
    ),
    "manager": _words(
        "manager managers mgr mngr mgmt *manager managerin supervisor superintendent foreman forewoman teamleader "
        "team_leader leader responsable resp chef cheffe *chef jefe jefa encargad* gerente gerenta leder *leder sjef "
        "*sjef formann *formann forman arbetsledare *ledare ledare meister *meister *meisterin chief superviseur "
        "teamkoordinator capataz contramaitre ansvarlig"
    ),
    "senior": _words("senior senior* sr principal lead leitend* expert experte expertin experta experto expert* "
                     "staff_engineer staff_scientist staff_developer overingenior overingenjor sjefingenior "
                     "sjefsingenior chefingenieur hauptingenieur fagansvarlig confirme"),
    "individual": re.compile(
        r"\bing\b|\b\w*(?:engineer|ingenieure?|ingenior|ingenjor|ingeniera?o?|developer|entwickler|utvikler|utvecklare|"
        r"udvikler|developpeu(?:r|se)|desarrollador|programmer|programmerer|technician|techniker|tekniker|technicien|"
        r"technicienne|tecnic[oa]|spe[cszt]+ialiste?n?|especialista|analyste?|analytiker|analista|consultante?|berater|konsulent|"
        r"konsult|consultora?|advis[eo]r|radgiver|radgivare|conseiller|conseillere|accountant|buchhalter|"
        r"regnskapsforer|comptable|contable|revisor|clerk|sachbearbeiter|saksbehandler|handlaggare|officer|"
        r"administrator|koordinator|coordinator|coordinateur|coordinatrice|coordinadora?|samordnare|representative|"
        r"rep|agent|buyer|einkaufer|einkaeufer|innkjoper|inkopare|indkober|acheteu(?:r|se)|compradora?|seller|selger|"
        r"saljare|saelger|verkaufer|verkaeufer|vendeu(?:r|se)|vendedora?|commerciale?|comercial|planner|planer|"
        r"planlegger|designer|architect|arkitekt|architekt|architecte|arquitect[oa]|scientist|forsker|forskare|nurse|"
        r"teacher|lecturer|professor|electrician|elektriker|mechaniker|mekaniker|mechanic|operator|operateur|"
        r"operatrice|operadora?|operatoer|worker|arbeiter|arbeider|arbetare|charge|chargee|executive|associate|attorney|lawyer|"
        r"jurist|juriste|counsel|advokat|anwalt|abogad[oa]|mitarbeiter|medarbeider|medarbetare|medarbejder|employee|"
        r"controller|okonom|ekonom|editor|journalist|copywriter|marketer|recruiter|auditor|inspector|surveyor|broker|"
        r"driver|cook|coach|fachkraft|kauffrau|kaufmann|disponent|gestionnaire|redacteur|redaktor)(?:in|s)?\b"
    ),
}  # fmt: skip

# --- what people work on --------------------------------------------------------------------------------------

_FUNCTIONS: dict[Function, re.Pattern[str]] = {
    "general": _words("ceo coceo pdg general managing_director geschaftsfuhr* geschaeftsfuehr* daglig_leder vd adm_dir "
                      "administrerende_direktor verkstallande_direktor konsernsjef directeur_general "
                      "directrice_generale dg director_general consejero_delegado consejera_delegada gerente_general"),
    "finance": _words("cfo finance finances financial finanz* finans* financier financiere financiero financiera "
                      "accounting accounts accountant accountancy buchhalt* bilanz* okonomi* ekonomi* oekonomi* "
                      "regnskap* redovisning* regnskab* comptab* contab* contable daf controller controlling treasury "
                      "treasurer kaufmannisch* kaufmaennisch* tax revisor* administratif_et_financier payroll audit "
                      "auditor kostenrechn*"),
    "operations": _words("coo operations operation operational ops operating production produktion* produksjon* "
                         "produccion manufacturing fertigung* plant factory werk* betriebsleit* betriebs drift* "
                         "operaciones exploitation usine fabrikk* fabrik* planta brukssjef verksted* schicht* shift "
                         "platschef fabrica process prozess* industriel meierisjef"),
    "engineering": _words("cto cocto engineering engineer engineers ing *ingenieur* *ingenior* *ingenjor* ingenier* "
                          "technical technique techniques technisch* teknisk* tekniks* tecnic* technology technik "
                          "konstruk* construction bau* bygg* elektro* electric* elektriker* mechanical maskin* "
                          "technicien* techniker* tekniker* technician bureau_d_etudes"),
    "it": _words("cio ciso dsi rssi it edb ikt ict information_technology information_security informatique "
                 "informatik* informatica informatico software cyber* systems_administrator sysadmin systemadmin* "
                 "data developer entwickler* utvikler* utvecklare* udvikler* developpeur* desarrollador* programmer* "
                 "devops network netzwerk* digital digitalisierung* digitalisering* systemes_d_information sistemas "
                 "web cloud information_systems chief_information"),
    "sales": _words("sales selling vertrieb* verkauf* verkaeufer* salg* selger* salj* forsaljning* saelg* commercial "
                    "commerciale vente ventes vendeur* vendeuse* ventas comercial comerciales vendedor* revenue cro "
                    "business_development bizdev account"),
    "marketing": _words("cmo marketing marketer marknad* markeds* marked brand communication communications kommunika* "
                        "comunicacion content seo social_media public_relations pr werbung demand reklame*"),
    "hr": _words("chro drh hr human_resources people talent recruit* personalchef personalleit* personalrefer* "
                 "personalsjef personalabteilung personal personalansvarlig personalwesen rekrutter* rekryter* "
                 "ressources_humaines recursos_humanos rrhh rh"),
    "purchasing": _words("purchasing purchase procurement buyer buying sourcing einkauf* einkaeuf* innkjop* inkop* "
                         "indkob* achat achats acheteur* acheteuse* compras comprador* strategischer_einkauf"),
    "logistics": _words("logistics logistik* logistikk* logistique logistica supply_chain warehouse lager* transport* "
                        "distribution dispatch disponent* shipping entrepot almacen"),
    "facilities": _words("facility facilities maintenance instandhaltung* vedlikehold* underhall* vedligehold* "
                         "mantenimiento property eiendom* fastighet* ejendom* real_estate immobilien* immobilier "
                         "gebaude* gebaeude* haustechnik* building buildings vaktmester* hausmeister* site_services "
                         "services_generaux"),
    "quality": _words("quality qualitat* qualitaet* kvalitet* kvalitets* qualite calidad qa qc qm qms assurance "
                      "compliance_quality"),
    "sustainability": _words("sustainability sustainable energy energie* energi* energia environment environmental "
                             "umwelt* miljo* nachhaltig* baerekraft* hallbarhet* esg hse ehs hms hseq qhse hsqe csr "
                             "rse climate klima* environnement medio_ambiente arbeitssicherheit* safety"),
    "research": _words("research forsknings* forskning* forschung* recherche investigacion r&d r_&_d f&e f_&_e i+d "
                       "innovation* entwicklungsleit* scientist forsker* forskare* utviklingssjef utvecklingschef "
                       "laboratory labor labo"),
    "support": _words("customer_service customer_success customer_support support helpdesk service_desk kundenservice "
                      "kundendienst* kundeservice kundservice kundtjanst after_sales aftersales service* "
                      "service_clients atencion_al_cliente"),
    "legal": _words("clo legal lawyer attorney counsel jurist juriste juridisk* juridique recht* rett* rechtsanwalt* "
                    "anwalt* advokat* abogado* abogada* compliance clo notar*"),
}  # fmt: skip
