"""Names of the countries where drugs are made; any other shows its ISO 3166 alpha-3 code."""

NAMES = {
    "ARG": "Argentina", "AUS": "Australia", "AUT": "Austria", "BEL": "Belgium", "BGD": "Bangladesh", "BGR": "Bulgaria",
    "BRA": "Brazil", "CAN": "Canada", "CHE": "Switzerland", "CHL": "Chile", "CHN": "China", "COL": "Colombia",
    "CRI": "Costa Rica", "CUB": "Cuba", "CYP": "Cyprus", "CZE": "Czechia", "DEU": "Germany", "DNK": "Denmark",
    "DOM": "Dominican Republic", "EGY": "Egypt", "ESP": "Spain", "EST": "Estonia", "FIN": "Finland", "FRA": "France",
    "GBR": "United Kingdom", "GRC": "Greece", "HKG": "Hong Kong", "HRV": "Croatia", "HUN": "Hungary",
    "IDN": "Indonesia", "IND": "India", "IRL": "Ireland", "ISL": "Iceland", "ISR": "Israel", "ITA": "Italy",
    "JOR": "Jordan", "JPN": "Japan", "KOR": "South Korea", "LTU": "Lithuania", "LVA": "Latvia", "MEX": "Mexico",
    "MLT": "Malta", "MYS": "Malaysia", "NLD": "Netherlands", "NOR": "Norway", "NZL": "New Zealand", "PAK": "Pakistan",
    "PER": "Peru", "PHL": "Philippines", "POL": "Poland", "PRI": "Puerto Rico", "PRT": "Portugal", "ROU": "Romania",
    "RUS": "Russia", "SAU": "Saudi Arabia", "SGP": "Singapore", "SRB": "Serbia", "SVK": "Slovakia", "SVN": "Slovenia",
    "SWE": "Sweden", "THA": "Thailand", "TUR": "Türkiye", "TWN": "Taiwan", "UKR": "Ukraine", "URY": "Uruguay",
    "USA": "USA", "VNM": "Vietnam", "ZAF": "South Africa",
}  # fmt: skip


def country_name(code: str | None) -> str:
    return NAMES.get(code, code) if code else "country unknown"


def place(address: str, country: str) -> str:
    """One line; either may be "". The register's addresses end with the country's name, its code in brackets."""
    named = address.endswith(")") and address[-5:-4] == "("
    return ", ".join(one for one in (address, "" if named else country) if one)
