"""What a visitor may ask of the catalogue, by address. A wrong value never breaks a page: it is as if not given."""

from django import forms
from django.http import QueryDict

from roles.queries.pages import Filters
from roles.queries.snapshot import Card, Snapshot

LONGEST_QUERY = 200


class CatalogueForm(forms.Form):
    """Reads filters from a query string against what the catalogue has."""

    q = forms.CharField(max_length=LONGEST_QUERY, required=False)
    at_least = forms.IntegerField(min_value=1, max_value=5, required=False)
    page = forms.IntegerField(min_value=1, max_value=10_000, required=False)


def filters_from(query: QueryDict, catalogue: Snapshot) -> tuple[Filters, int]:
    """Filters and the number of the page."""
    form = CatalogueForm(query)
    form.is_valid()
    known = {
        "family": {card.family for card in catalogue.roles},
        "specialty": set(catalogue.ladders),
        "level": {card.level_slug for card in catalogue.roles},
        "track": {card.track for card in catalogue.roles},
        "competency": set(catalogue.competencies),
    }
    chosen = {name: query.get(name, "") if query.get(name) in values else "" for name, values in known.items()}
    if chosen["specialty"] and chosen["family"] and not chosen["specialty"].startswith(f"{chosen['family']}/"):
        chosen["specialty"] = ""  # left over from another family
    filters = Filters(
        q=" ".join(query.get("q", "").replace("\0", " ").split())[:LONGEST_QUERY],
        at_least=form.cleaned_data.get("at_least") or 1,
        **chosen,
    )
    return filters, form.cleaned_data.get("page") or 1


def card_from(query: QueryDict, name: str, catalogue: Snapshot) -> Card | None:
    """The role that a parameter names by its path."""
    return catalogue.by_path.get(query.get(name, ""))
