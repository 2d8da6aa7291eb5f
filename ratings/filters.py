"""What may be asked of the list of NDCs, by the page, its export and the API alike.

`RatingFilter(data, queryset=rating_list(user), own=own_products(user))`: `.errors` by filter, each a sentence that
names it; `.qs` filtered and in order, empty while something is wrong; `.filtered` without order; `.ordering` alone, for
other ways of paging.
"""

from __future__ import annotations  # `list` is one of the filters

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Lower, Upper
from django_filters.fields import MultipleChoiceField

from products.models import DrugList, DrugListEntry, Product
from products.queries.product_names import names_with
from ratings.models import Status
from ratings.queries.current_shortages import current_shortages
from ratings.queries.list_parts import joined_routes
from ratings.queries.rating_list import called, close_to, ndc_readings, searched_by, typed
from ratings.queries.under_review import LABEL, UNDER_REVIEW, is_under_review
from ratings.scoring import available_versions, load_methodology

NOT_ENROLLED, CANNOT_BE_COMPUTED = "not_enrolled", "cannot_be_computed"
STATUSES: dict[str, str] = {
    **{status.name.lower(): status.label for status in Status},
    CANNOT_BE_COMPUTED: "Cannot be computed",
    NOT_ENROLLED: "Not enrolled",
}
# What may be asked for; a rating under review keeps its status beside it.
ASKED_STATUSES = STATUSES | {UNDER_REVIEW: LABEL}
FAILED = Q(rating__failed_count__gt=0, rating__published_snapshot__isnull=True)
FEW = 1_000  # products whose keys are as quickly sent as the question that found them
ANSWERS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

# Of the head: a product without a score comes after those with one, whichever way they are sorted.
SORTS: dict[str, tuple[str, Sequence[Any]]] = {
    "name": ("Name", [Lower("nonproprietary_name")]),
    "labeler": ("Labeler", [Lower("labeler_name")]),
    "score": ("Score", [F("rating__score")]),
    "band": ("Band", [F("rating__band"), F("rating__score")]),
    "coverage": ("Coverage", [F("rating__coverage")]),
    # Transactions and snapshots are numbered as they are made, so their order in time needs no look at them.
    "updated": ("Last result", [F("rating__published_in"), F("rating__published_snapshot")]),
}
# What has none of it comes last whichever way the list is sorted. Conditions that the indexes of heads begin with.
RATED = Q(rating__status=Status.RATED)
FIRST = {"score": RATED, "band": RATED, "coverage": RATED, "updated": Q(rating__published_snapshot__isnull=False)}


def band_choices() -> list[tuple[str, str]]:
    return [(str(band.number), band.label) for band in load_methodology(available_versions()[-1]).bands[::-1]]


def status_choices() -> list[tuple[str, str]]:
    return list(ASKED_STATUSES.items())


def sort_choices() -> list[tuple[str, str]]:
    return [(f"{sign}{key}", label) for key, (label, _) in SORTS.items() for sign in ("", "-")]


class YesOrNo(forms.Field):
    """yes, true, 1 / no, false, 0; None where nothing is given."""

    widget = forms.Select(choices=[("", "Any"), ("yes", "Yes"), ("no", "No")])

    def to_python(self, value: str | None) -> bool | None:
        if value in (None, ""):
            return None
        if str(value).lower() not in ANSWERS:
            raise ValidationError(f"“{value}” is neither yes nor no.")
        return ANSWERS[str(value).lower()]


class YesOrNoFilter(django_filters.Filter):
    field_class = YesOrNo


class RatingFilterForm(forms.Form):
    """Every message begins with the filter's label: it must be understood without the field beside it."""

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        for name, field in self.fields.items():
            many = isinstance(field, forms.MultipleChoiceField)
            if not many and hasattr(self.data, "getlist") and len(set(self.data.getlist(name))) > 1:
                self.add_error(name, "Give one value only.")
        low, high = found.get("min_score"), found.get("max_score")
        if low is not None and high is not None and low > high:
            self.add_error("max_score", f"{high:g} is below the lowest score, {low:g}.")
        return found

    def messages(self) -> dict[str, list[str]]:
        """name -> sentences such as “Band: 9 is no band; give 1 to 5.”"""
        return {
            name: [f"{self.fields[name].label}: {message}" for message in messages]
            for name, messages in self.errors.items()
            if name in self.fields
        }


def _number(label: str) -> django_filters.NumberFilter:
    wrong = "Give a number from 0 to 100."
    return django_filters.NumberFilter(
        label=label,
        method="unfiltered",
        min_value=0,
        max_value=100,
        error_messages={"invalid": wrong, "min_value": wrong, "max_value": wrong},
    )


class SeveralOf(MultipleChoiceField):
    """An empty choice of a form sent without script is no choice."""

    def to_python(self, value: Any) -> list[str]:
        return [given for given in super().to_python(value) if given]


class SeveralFilter(django_filters.MultipleChoiceFilter):
    field_class = SeveralOf


def _choices(label: str, choices: Any, wrong: str, **extra: Any) -> SeveralFilter:
    return SeveralFilter(label=label, choices=choices, error_messages={"invalid_choice": wrong}, **extra)


class RatingFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Search", method="search")
    molecule = django_filters.CharFilter(label="Molecule", method="of_molecule")
    dosage_form = django_filters.CharFilter(label="Dosage form", method="of_form")
    route = django_filters.CharFilter(label="Route", method="by_route")
    labeler = django_filters.CharFilter(label="Labeler", method="of_labeler")
    list = django_filters.ModelChoiceFilter(
        label="Drug list",
        queryset=DrugList.objects.all(),
        method="on_list",
        error_messages={"invalid_choice": "There is no such list; give the number of one."},
    )
    band = _choices(
        "Band", band_choices, "“%(value)s” is no band; give 1 (very low) to 5 (very high).", method="of_band"
    )
    status = _choices(
        "Status",
        status_choices,
        f"“%(value)s” is no status; give one of {', '.join(ASKED_STATUSES)}.",
        method="of_status",
    )
    in_shortage = YesOrNoFilter(label="In shortage", method="shortage")
    enrolled = YesOrNoFilter(label="Enrolled", method="takes_part")
    mine = YesOrNoFilter(label="My products", method="of_own")
    min_score = _number("Lowest score")
    max_score = _number("Highest score")
    sort = django_filters.ChoiceFilter(
        label="Sort",
        choices=sort_choices,
        method="unfiltered",
        error_messages={
            "invalid_choice": f"“%(value)s” is no order; give one of {', '.join(SORTS)}, with a - for down."
        },
    )

    forgave = False  # nothing is called what was searched; these come close to it
    is_few = False  # FEW products at most were found by their names

    class Meta:
        model = Product
        fields: tuple[str, ...] = ()
        form = RatingFilterForm

    def __init__(self, data: Any = None, *args: Any, own: QuerySet[Product] | None = None, **kwargs: Any) -> None:
        """`own`: the reader's products; without them there is no filter `mine`."""
        super().__init__({} if data is None else data, *args, **kwargs)
        self.own = own
        if own is None:
            self.filters.pop("mine", None)

    @property
    def errors(self) -> dict[str, list[str]]:
        """What is wrong, by filter, in sentences that name it; {} where nothing is."""
        return self.form.messages() if not self.form.is_valid() else {}

    def unknown(self, *others: str) -> dict[str, list[str]]:
        """The same for names that are no filter and none of the page's own `others`: a mistyped filter would widen
        the list without a word."""
        names = [name for name in self.data if name not in self.filters and name not in others]
        return {name: [f"There is no filter called “{name}”."] for name in names}

    @cached_property
    def filtered(self) -> QuerySet[Product]:
        """In no order; empty while something is wrong."""
        if not self.form.is_valid():
            return self.queryset.none()
        rows = self.queryset.all()
        for name, value in self.form.cleaned_data.items():
            rows = self.filters[name].filter(rows, value)
        return self._of_score(rows)

    def filter_queryset(self, queryset: QuerySet[Product]) -> QuerySet[Product]:
        return self.filtered.order_by("not_enrolled", *self.ordering)

    @cached_property
    def sorted_by(self) -> tuple[str, bool]:
        """(key of SORTS, or "closest" where a typing error was forgiven; whether it runs down)."""
        chosen = self.form.cleaned_data.get("sort") if self.form.is_valid() else ""
        if not chosen:
            return ("closest" if self.filtered is not None and self.forgave else "name", False)
        return chosen.lstrip("-"), chosen.startswith("-")

    @property
    def ordering(self) -> list[Any]:
        """Of enrolled ones. The NDC makes the order one and the same on every page."""
        first = FIRST.get(self.sorted_by[0])
        last = [Case(When(first, then=0), default=1).asc()] if first else []
        return [*last, *self._order(nulls_last=True)]

    @property
    def parts(self) -> list[QuerySet[Product]]:
        """What `.qs` holds, in the same order, cut where an index can serve each part: enrolled (with what they are
        sorted by, then without it), and last, always, those not enrolled."""
        first = FIRST.get(self.sorted_by[0])
        enrolled, rest = (self.filtered.filter(rating__isnull=missing) for missing in (False, True))
        rest = rest.order_by(*self._order(nulls_last=True))
        if first is None:
            return [enrolled.order_by(*self._order()), rest]
        without = enrolled.exclude(first).order_by(*self._order(nulls_last=True))
        return [enrolled.filter(first).order_by(*self._order()), without, rest]

    def _order(self, *, nulls_last: bool | None = None) -> list[Any]:
        key, down = self.sorted_by
        if key == "closest":
            return ["-closeness", Lower("nonproprietary_name").asc(), "ndc"]
        by = SORTS[key][1]
        if down:  # the NDC too, so that an index is read backward
            return [*(part.desc(nulls_last=nulls_last) for part in by), "-ndc"]
        return [*(part.asc(nulls_last=nulls_last) for part in by), "ndc"]

    # The filters. Each gets its cleaned value, and none where nothing was given.

    def unfiltered(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        """The order, and the two scores that are a range together."""
        return rows

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Where nothing at all is called so, what comes close. Few products are named by their keys from here on: the
        planner, which cannot tell that a name is rare, would read the list in its order until it had found them all."""
        text = typed(value)
        if not text:
            return rows
        found = searched_by(text)
        keys = self._first_keys(found)
        if not keys and not ndc_readings(text):
            self.forgave = True
            found, closeness = close_to(text)
            rows, keys = rows.annotate(closeness=closeness), self._first_keys(found)
        self.is_few = len(keys) <= FEW
        return rows.filter(Q(pk__in=keys) if self.is_few else found)

    def _first_keys(self, found: Q) -> Sequence[int]:
        return [*self.queryset.filter(found).values_list("pk", flat=True)[: FEW + 1]]

    def of_molecule(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(molecule=typed(value).upper())  # as the directory writes them

    def of_form(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(dosage_form=typed(value).upper())

    def by_route(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(route__in=joined_routes(typed(value).upper()))

    def of_labeler(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        text = typed(value)
        return rows.filter(called(names_with([text])[text], text, ["labeler_name"]))

    def on_list(self, rows: QuerySet, name: str, value: DrugList) -> QuerySet:
        """Two ways on a list: the molecule by every route, and the molecule by the product's own."""
        entries = DrugListEntry.objects.filter(drug_list=value).annotate(written=Upper("molecule"))
        by_route = entries.filter(written=OuterRef("molecule"), route__iexact=OuterRef("route")).exclude(route="")
        return rows.filter(Q(molecule__in=entries.filter(route="").values("written")) | Q(Exists(by_route)))

    def of_band(self, rows: QuerySet, name: str, value: list[str]) -> QuerySet:
        return rows.filter(rating__band__in=[int(number) for number in value]) if value else rows

    def of_status(self, rows: QuerySet, name: str, value: list[str]) -> QuerySet:
        if not value:
            return rows
        numbers = [status for status in Status if status.name.lower() in value]
        found = Q(rating__status__in=numbers) & ~FAILED if numbers else Q(pk__in=[])
        if CANNOT_BE_COMPUTED in value:
            found |= FAILED
        if UNDER_REVIEW in value:
            found |= is_under_review()
        if NOT_ENROLLED in value:
            found |= Q(rating__isnull=True)
        return rows.filter(found)

    def shortage(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        """By the FDA list itself, by the rating's own rule: so it holds for products that are not enrolled too, and one
        pass over the short list serves any number of products. What a snapshot stores says the same as of its date."""
        short = Q(ndc__in=current_shortages().values("product_ndc"))
        return rows.filter(short if value else ~short)

    def takes_part(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        """A withdrawn product keeps its head and takes no part."""
        has_left = Q(rating__isnull=True) | Q(rating__status=Status.WITHDRAWN)
        return rows.exclude(has_left) if value else rows.filter(has_left)

    def of_own(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        own = Q(pk__in=self.own.values("pk")) if self.own is not None else Q(pk__in=[])
        return rows.filter(own if value else ~own)

    def _of_score(self, rows: QuerySet) -> QuerySet:
        low, high = (self.form.cleaned_data.get(name) for name in ("min_score", "max_score"))
        if low is not None:
            rows = rows.filter(rating__score__gte=float(low))
        return rows if high is None else rows.filter(rating__score__lte=float(high))
