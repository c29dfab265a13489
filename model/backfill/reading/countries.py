"""The states of the world by their ISO 3166 alpha-3 codes, and the codes left free for invented ones."""

from __future__ import annotations

import re

_ISO = """
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM
    BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR
    CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB
    GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA
    JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA
    MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR
    NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS
    SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON
    TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE
    """

CODES = frozenset(_ISO.split())
"""ISO 3166-1 alpha-3."""

_CALLED = """
    AFG Afghanistan, AGO Angola, ALB Albania, AND Andorra, ARE United Arab Emirates, ARG Argentina, ARM Armenia,
    ATG Antigua and Barbuda, AUS Australia, AUT Austria, AZE Azerbaijan, BDI Burundi, BEL Belgium, BEN Benin,
    BFA Burkina Faso, BGD Bangladesh, BGR Bulgaria, BHR Bahrain, BHS Bahamas, BIH Bosnia and Herzegovina, BLR Belarus,
    BLZ Belize, BOL Bolivia, BRA Brazil, BRB Barbados, BRN Brunei, BTN Bhutan, BWA Botswana,
    CAF Central African Republic, CAN Canada, CHE Switzerland, CHL Chile, CHN China, CIV Ivory Coast, CMR Cameroon,
    COD Democratic Republic of the Congo, COG Congo, COL Colombia, COM Comoros, CPV Cape Verde, CRI Costa Rica,
    CUB Cuba, CYP Cyprus, CZE Czech Republic, DEU Germany, DJI Djibouti, DMA Dominica, DNK Denmark,
    DOM Dominican Republic, DZA Algeria, ECU Ecuador, EGY Egypt, ERI Eritrea, ESP Spain, EST Estonia, ETH Ethiopia,
    FIN Finland, FJI Fiji, FRA France, FSM Micronesia, GAB Gabon, GBR United Kingdom, GEO Georgia, GHA Ghana,
    GIN Guinea, GMB Gambia, GNB Guinea-Bissau, GNQ Equatorial Guinea, GRC Greece, GRD Grenada, GTM Guatemala,
    GUY Guyana, HND Honduras, HRV Croatia, HTI Haiti, HUN Hungary, IDN Indonesia, IND India, IRL Ireland, IRN Iran,
    IRQ Iraq, ISL Iceland, ISR Israel, ITA Italy, JAM Jamaica, JOR Jordan, JPN Japan, KAZ Kazakhstan, KEN Kenya,
    KGZ Kyrgyzstan, KHM Cambodia, KIR Kiribati, KNA Saint Kitts and Nevis, KOR South Korea, KWT Kuwait, LAO Laos,
    LBN Lebanon, LBR Liberia, LBY Libya, LCA Saint Lucia, LIE Liechtenstein, LKA Sri Lanka, LSO Lesotho,
    LTU Lithuania, LUX Luxembourg, LVA Latvia, MAR Morocco, MCO Monaco, MDA Moldova, MDG Madagascar, MDV Maldives,
    MEX Mexico, MHL Marshall Islands, MKD North Macedonia, MLI Mali, MLT Malta, MMR Myanmar, MNE Montenegro,
    MNG Mongolia, MOZ Mozambique, MRT Mauritania, MUS Mauritius, MWI Malawi, MYS Malaysia, NAM Namibia, NER Niger,
    NGA Nigeria, NIC Nicaragua, NLD Netherlands, NOR Norway, NPL Nepal, NRU Nauru, NZL New Zealand, OMN Oman,
    PAK Pakistan, PAN Panama, PER Peru, PHL Philippines, PLW Palau, PNG Papua New Guinea, POL Poland, PRK North Korea,
    PRT Portugal, PRY Paraguay, PSE Palestine, QAT Qatar, ROU Romania, RUS Russia, RWA Rwanda, SAU Saudi Arabia,
    SDN Sudan, SEN Senegal, SGP Singapore, SLB Solomon Islands, SLE Sierra Leone, SLV El Salvador, SMR San Marino,
    SOM Somalia, SRB Serbia, SSD South Sudan, STP Sao Tome and Principe, SUR Suriname, SVK Slovakia, SVN Slovenia,
    SWE Sweden, SWZ Eswatini, SYC Seychelles, SYR Syria, TCD Chad, TGO Togo, THA Thailand, TJK Tajikistan,
    TKM Turkmenistan, TLS East Timor, TON Tonga, TTO Trinidad and Tobago, TUN Tunisia, TUR Turkey, TUV Tuvalu,
    TWN Taiwan, TZA Tanzania, UGA Uganda, UKR Ukraine, URY Uruguay, USA United States, UZB Uzbekistan, VAT Holy See,
    VCT Saint Vincent and the Grenadines, VEN Venezuela, VNM Vietnam, VUT Vanuatu, WSM Samoa, YEM Yemen,
    ZAF South Africa, ZMB Zambia, ZWE Zimbabwe
    """

NAMES = {entry[:3]: entry[4:] for entry in " ".join(_CALLED.split()).split(", ")}
"""What the members of the United Nations and a few others are called; other codes stand for themselves."""

_INVENTED = re.compile(r"AAA|Q[M-Z][A-Z]|X[A-Z]{2}|ZZ[A-Z]", re.ASCII)


def is_code(word: str) -> bool:
    """Whether a word is a state's code, real or free for use.

    >>> is_code("DEU"), is_code("XDA"), is_code("DE"), is_code("GER")
    (True, True, False, False)
    """
    return word in CODES or bool(_INVENTED.fullmatch(word))
