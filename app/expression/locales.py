"""Names of months and days in the languages that dates may be printed in."""

from dataclasses import dataclass

from app.expression.errors import ExpressionError


@dataclass(frozen=True)
class Names:
    """January to December and Monday to Sunday, in full and short."""

    months: tuple[str, ...]
    days: tuple[str, ...]
    short_months: tuple[str, ...]
    short_days: tuple[str, ...]


def _names(months: str, days: str, short_months: str = "", short_days: str = "") -> Names:
    full_months, full_days = tuple(months.split()), tuple(days.split())
    return Names(
        full_months,
        full_days,
        tuple(short_months.split()) or tuple(name[:3] for name in full_months),
        tuple(short_days.split()) or tuple(name[:3] for name in full_days),
    )


ENGLISH = _names(
    "January February March April May June July August September October November December",
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
)
_ALL = {
    "en": ENGLISH,
    "fr": _names(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
        "lun. mar. mer. jeu. ven. sam. dim.",
    ),
    "de": _names(
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
        "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
        "Mo. Di. Mi. Do. Fr. Sa. So.",
    ),
    "es": _names(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "lunes martes miércoles jueves viernes sábado domingo",
        "ene feb mar abr may jun jul ago sept oct nov dic",
    ),
    "it": _names(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
        "dicembre",
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    ),
    "pt": _names(
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
        "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
        "seg. ter. qua. qui. sex. sáb. dom.",
    ),
    "nl": _names(
        "januari februari maart april mei juni juli augustus september oktober november december",
        "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
        "jan feb mrt apr mei jun jul aug sep okt nov dec",
        "ma di wo do vr za zo",
    ),
}


def names_of(locale: str | None) -> Names:
    """The names of a locale such as `fr` or `fr_FR`. Raises ExpressionError for one we lack."""
    if not locale:
        return ENGLISH
    found = _ALL.get(locale.replace("-", "_").partition("_")[0].lower())
    if found is None:
        raise ExpressionError(f"no names of days and months for the locale {locale[:20]!r}")
    return found
