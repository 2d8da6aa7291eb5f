"""What narrows the audit; the page and its export ask the same."""

from datetime import UTC, datetime

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from dscr.audit.kinds import KINDS
from dscr.audit.models import Action, AuditEntry

TEXT = 200


def text_input(**attributes: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "usa-input", "maxlength": str(TEXT), **attributes})


def day_filter(label: str, lookup: str) -> django_filters.DateFilter:
    return django_filters.DateFilter(
        field_name="at",
        lookup_expr=lookup,
        label=label,
        widget=forms.DateInput(attrs={"class": "usa-input", "type": "date"}, format="%Y-%m-%d"),
    )


def choice_filter(field: str, label: str, empty: str, choices: list[tuple[str, str]]) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(
        field_name=field,
        label=label,
        empty_label=empty,
        choices=choices,
        widget=forms.Select(attrs={"class": "usa-select"}),
    )


class EntryFilter(django_filters.FilterSet):
    person = django_filters.CharFilter(
        label="Person", method="of_person", max_length=TEXT, widget=text_input(placeholder="Name or e-mail")
    )
    organization = django_filters.CharFilter(
        field_name="organisation",
        lookup_expr="icontains",
        label="Their organization",
        max_length=TEXT,
        widget=text_input(),
    )
    action = choice_filter("action", "What they did", "Anything", list(Action.choices))
    kind = choice_filter(
        "kind",
        "Kind of record",
        "Any",
        sorted((kind.slug, kind.words[:1].upper() + kind.words[1:]) for kind in KINDS.values()),
    )
    since = day_filter("From", "date__gte")
    until = day_filter("To", "date__lte")
    q = django_filters.CharFilter(
        label="Words", method="with_words", max_length=TEXT, widget=text_input(placeholder="Record, detail, address")
    )

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def of_person(self, entries: QuerySet, name: str, value: str) -> QuerySet:
        return entries.filter(Q(user_name__icontains=value) | Q(user_email__icontains=value))

    def with_words(self, entries: QuerySet, name: str, value: str) -> QuerySet:
        columns = ("label", "detail", "address", "request_id", "via", "database_role")
        found = Q()
        for column in columns:
            found |= Q(**{f"{column}__icontains": value})
        return entries.filter(found)

    def in_words(self) -> str:
        """Action: Changed; From: 2026-09-01. Empty where nothing narrows."""
        said = []
        for name, value in self.form.cleaned_data.items() if self.form.is_valid() else ():
            if value:
                choices = dict(getattr(self.form.fields[name], "choices", ()))
                said.append(f"{self.form.fields[name].label}: {choices.get(value, value)}")
        return "; ".join(said)

    @property
    def narrows(self) -> bool:
        return any(self.data.get(name) for name in self.filters)


def page_position(text: str) -> tuple[datetime, int] | None:
    """(time, id) of the last entry shown, from the address bar; None where it is not one."""
    at, _, number = text.rpartition("_")
    try:
        moment = parse_datetime(at)
        if moment is None or moment.tzinfo is None:
            return None
        moment = moment.astimezone(UTC)  # PostgreSQL refuses offsets of 16 hours and more
    except (ValueError, OverflowError):
        return None
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        return None
    return moment, int(number)


def older_than(entries: QuerySet, position: tuple[datetime, int] | None) -> QuerySet:
    if position is None:
        return entries
    at, number = position
    return entries.filter(Q(at__lt=at) | Q(at=at, pk__lt=number))
