"""Who answers for an installation: the controller, and the authority one may complain to; pure.

The operator names themself in the settings (app/config.py). Every notice, receipt, answer and package says
this, so it is one value (GDPR Art. 13(1)(a), 13(2)(d), 12(4), 77).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Authority:
    """A supervisory authority."""

    name: str
    url: str


@dataclass(frozen=True)
class Controller:
    """The controller of one installation.

    dpo: how to reach the data protection officer, where there is one (Art. 37).
    country: ISO 3166 code of the establishment, which decides on the authority.
    is_named: whether the operator said who they are; a service that the public reaches must.
    """

    name: str
    address: str
    contact: str
    dpo: str | None = None
    country: str = "DE"
    own_authority: Authority | None = None
    is_named: bool = False

    @property
    def authority(self) -> Authority:
        """The authority of the establishment: as set, or the one of its country."""
        return self.own_authority or AUTHORITIES.get(self.country, BOARD)


UNNAMED = Controller("The operator of this installation", "not stated", "not stated")
# Names and addresses as the European Data Protection Board lists its members (edpb.europa.eu, November 2026).
BOARD = Authority(
    "Your national data protection authority (list of the EDPB)",
    "https://www.edpb.europa.eu/about-edpb/about-edpb/members_en",
)
AUTHORITIES = {
    "AT": Authority("Österreichische Datenschutzbehörde", "https://www.dsb.gv.at/"),
    "BE": Authority("Autorité de protection des données", "https://www.dataprotectionauthority.be/"),
    "BG": Authority("Commission for Personal Data Protection", "https://www.cpdp.bg/"),
    "CY": Authority(
        "Office of the Commissioner for Personal Data Protection", "https://www.dataprotection.gov.cy/"
    ),
    "CZ": Authority("Úřad pro ochranu osobních údajů", "https://www.uoou.gov.cz/"),
    "DE": Authority(
        "Die Bundesbeauftragte für den Datenschutz und die Informationsfreiheit", "https://www.bfdi.bund.de/"
    ),
    "DK": Authority("Datatilsynet", "https://www.datatilsynet.dk/"),
    "EE": Authority("Andmekaitse Inspektsioon", "https://www.aki.ee/"),
    "ES": Authority("Agencia Española de Protección de Datos", "https://www.aepd.es/"),
    "FI": Authority("Tietosuojavaltuutetun toimisto", "https://tietosuoja.fi/"),
    "FR": Authority("Commission nationale de l’informatique et des libertés", "https://www.cnil.fr/"),
    "GR": Authority("Hellenic Data Protection Authority", "https://www.dpa.gr/"),
    "HR": Authority("Agencija za zaštitu osobnih podataka", "https://azop.hr/"),
    "HU": Authority("Nemzeti Adatvédelmi és Információszabadság Hatóság", "https://www.naih.hu/"),
    "IE": Authority("Data Protection Commission", "https://www.dataprotection.ie/"),
    "IS": Authority("Persónuvernd", "https://www.personuvernd.is/"),
    "IT": Authority("Garante per la protezione dei dati personali", "https://www.garanteprivacy.it/"),
    "LI": Authority("Datenschutzstelle", "https://www.datenschutzstelle.li/"),
    "LT": Authority("Valstybinė duomenų apsaugos inspekcija", "https://vdai.lrv.lt/"),
    "LU": Authority("Commission nationale pour la protection des données", "https://cnpd.public.lu/"),
    "LV": Authority("Datu valsts inspekcija", "https://www.dvi.gov.lv/"),
    "MT": Authority("Office of the Information and Data Protection Commissioner", "https://idpc.org.mt/"),
    "NL": Authority("Autoriteit Persoonsgegevens", "https://www.autoriteitpersoonsgegevens.nl/"),
    "NO": Authority("Datatilsynet", "https://www.datatilsynet.no/"),
    "PL": Authority("Urząd Ochrony Danych Osobowych", "https://uodo.gov.pl/"),
    "PT": Authority("Comissão Nacional de Proteção de Dados", "https://www.cnpd.pt/"),
    "RO": Authority(
        "Autoritatea Naţională de Supraveghere a Prelucrării Datelor cu Caracter Personal",
        "https://www.dataprotection.ro/",
    ),
    "SE": Authority("Integritetsskyddsmyndigheten", "https://www.imy.se/"),
    "SI": Authority("Informacijski pooblaščenec", "https://www.ip-rs.si/"),
    "SK": Authority("Úrad na ochranu osobných údajov", "https://dataprotection.gov.sk/"),
}
EEA = frozenset(AUTHORITIES)
