"""The operator's admin: shares add up on every future date, ratings cannot be written, errors are plain English."""

import re
from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dscr.access.roles import Role
from products.models import KpiSubmission, Product, SupplyNode
from products.rules.supply_shares import Period, overlap_problems, share_problems
from qmm.models import Establishment
from ratings.models import ProductRating, RatingSnapshot, StaleMark
from tests.pages import factory

TODAY = date(2026, 11, 22)


class TestShares:
    def test_one_that_ends_and_one_that_follows(self) -> None:
        turn = TODAY + timedelta(days=30)
        assert share_problems([Period("api", 1, date(2025, 1, 1), turn), Period("api", 1, turn, None)], TODAY) == []

    def test_a_gap_of_supply_is_found_on_its_first_day(self) -> None:
        turn = date(2027, 1, 1)
        periods = [Period("api", 0.6, date(2025, 1, 1), None), Period("api", 0.4, date(2025, 1, 1), turn)]
        assert share_problems(periods, TODAY) == [
            "Active ingredient (API): on January 1, 2027 the shares add up to 0.600, not 1. "
            "Change a share or a date so that they do."
        ]

    def test_every_stage_and_boundary_is_told(self) -> None:
        periods = [
            Period("api", 0.5, date(2025, 1, 1), None),
            Period("fdf", 1, date(2025, 1, 1), None),
            Period("fdf", 0.2, date(2027, 5, 1), date(2027, 6, 1)),
        ]
        problems = share_problems(periods, TODAY)
        assert [problem.split(":")[0] for problem in problems] == ["Active ingredient (API)", "Finished dose"]
        assert "May 1, 2027 the shares add up to 1.200" in problems[1]

    def test_the_past_is_left_alone(self) -> None:
        assert share_problems([Period("api", 0.5, date(2020, 1, 1), date(2021, 1, 1))], TODAY) == []

    @pytest.mark.parametrize(("share", "problems"), [(0.405, 0), (0.395, 0), (0.406, 1), (0.394, 1)])
    def test_within_half_a_percent(self, share: float, problems: int) -> None:
        periods = [Period("api", 0.6, date(2025, 1, 1), None), Period("api", share, date(2025, 1, 1), None)]
        assert len(share_problems(periods, TODAY)) == problems

    def test_one_establishment_twice_at_a_time_in_new_rows(self) -> None:
        one = Period("api", 0.5, date(2025, 1, 1), None, "Corvo")
        assert overlap_problems([one, Period("api", 0.5, date(2026, 1, 1), None, "Corvo")]) == [
            "Active ingredient (API): Corvo stands there twice from 2026-01-01 on. End one before the other begins."
        ]
        ended = Period("api", 0.5, date(2024, 1, 1), date(2025, 1, 1), "Corvo")
        assert overlap_problems([one, ended, Period("fdf", 0.5, date(2025, 1, 1), None, "Corvo")]) == []


def form_fields(html: str) -> dict[str, str]:
    """The form as a browser would send it unchanged."""
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'\sname="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and not ('type="checkbox"' in tag and "checked" not in tag) and 'type="submit"' not in tag:
            fields[name.group(1)] = value.group(1) if value else "on" if 'type="checkbox"' in tag else ""
    for name, body in re.findall(r'<select[^>]*?\sname="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', body)
        fields[name] = chosen.group(1) if chosen else ""
    for name, body in re.findall(r'<textarea[^>]*?\sname="([^"]+)"[^>]*>(.*?)</textarea>', html, re.DOTALL):
        fields[name] = body.strip()
    return fields


class TestProductForm:
    def fields(self, client: Client, product: Product) -> tuple[str, dict[str, str]]:
        url = reverse("admin:products_product_change", args=[product.pk])
        return url, form_fields(client.get(url).content.decode())

    def row_of(self, fields: dict[str, str], share: str) -> str:
        return next(
            name for name, value in fields.items() if name.endswith("-share") and float(value or -1) == float(share)
        )

    def test_an_unchanged_form_is_saved(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        url, fields = self.fields(operator_client, pair[0])
        response = operator_client.post(url, fields)
        assert response.status_code == 302, re.findall(r"errorlist.*?</ul>", response.content.decode())

    def test_shares_that_do_not_add_up_are_refused(
        self, operator_client: Client, pair: tuple[Product, Product]
    ) -> None:
        url, fields = self.fields(operator_client, pair[0])
        fields[self.row_of(fields, "0.4")] = "0.2"
        html = operator_client.post(url, fields).content.decode()
        today = timezone.localdate()
        assert f"Active ingredient (API): on {today:%B} {today.day}, {today.year} the shares add up to 0.800" in html

    def test_the_rows_of_the_stage_are_marked(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        url, fields = self.fields(operator_client, pair[0])
        fields[self.row_of(fields, "0.4")] = "0.2"
        html = operator_client.post(url, fields).content.decode()
        nodes = SupplyNode.objects.filter(product=pair[0], stage="api").count()
        assert html.count("The shares of this stage do not add up to 1.") == nodes

    @pytest.mark.parametrize(
        ("share", "example"), [("60", "0.6 for 60%"), ("35", "0.35 for 35%"), ("60%", "0.6 for 60%")]
    )
    def test_a_percentage_is_refused_with_its_fraction(
        self, operator_client: Client, pair: tuple[Product, Product], share: str, example: str
    ) -> None:
        url, fields = self.fields(operator_client, pair[0])
        fields[self.row_of(fields, "0.6")] = share
        html = operator_client.post(url, fields).content.decode()
        assert f"Give the share as a fraction, such as {example}." in html

    def test_an_overlap_is_told_in_words(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        url, fields = self.fields(operator_client, pair[0])
        first = self.row_of(fields, "0.6").removesuffix("-share")
        second = self.row_of(fields, "0.4").removesuffix("-share")
        fields[f"{second}-establishment"] = fields[f"{first}-establishment"]
        response = operator_client.post(url, fields)
        assert response.status_code == 200
        assert "already has a node at this stage in that time" in response.content.decode()

    def test_a_changed_share_leaves_a_mark(self, operator_client: Client, pair: tuple[Product, Product]) -> None:
        url, fields = self.fields(operator_client, pair[0])
        fields[self.row_of(fields, "0.4")], fields[self.row_of(fields, "0.6")] = "0.5", "0.5"
        assert operator_client.post(url, fields).status_code == 302
        assert StaleMark.objects.filter(kind="product", key=pair[0].pk).exists()


def test_an_attested_submission_can_be_voided_alone(operator_client: Client, pair: tuple[Product, Product]) -> None:
    submission = KpiSubmission.objects.get(product=pair[0])
    url = reverse("admin:products_kpisubmission_change", args=[submission.pk])
    fields = form_fields(operator_client.get(url).content.decode())
    before = KpiSubmission.objects.filter(pk=submission.pk).values().get()
    fields |= {"fill_rate_numerator": "93000", "attestor_name": "Somebody else", "attestation": "Anything"}
    fields |= {"voided_at_0": "2026-11-01", "voided_at_1": "12:00:00"}
    assert "reason" in operator_client.post(url, fields).content.decode()
    fields["void_reason"] = "Figures of another product"
    assert operator_client.post(url, fields).status_code == 302
    after = KpiSubmission.objects.filter(pk=submission.pk).values().get()
    assert {name for name in after if after[name] != before[name]} == {"voided_at", "void_reason"}


def test_a_draft_submission_is_checked_and_saved(operator_client: Client, pair: tuple[Product, Product]) -> None:
    submission = KpiSubmission.objects.get(product=pair[0])
    KpiSubmission.objects.filter(pk=submission.pk).update(attested_at=None)
    url = reverse("admin:products_kpisubmission_change", args=[submission.pk])
    fields = form_fields(operator_client.get(url).content.decode())
    fields["fill_rate_numerator"] = "100001"
    assert "the first cannot exceed the second" in operator_client.post(url, fields).content.decode()
    fields["fill_rate_numerator"] = "93000"
    assert operator_client.post(url, fields).status_code == 302
    submission.refresh_from_db()
    assert submission.fill_rate_numerator == 93_000


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label)
def test_every_list_opens_and_searches(operator_client: Client, pair: tuple[Product, Product], model: type) -> None:
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert operator_client.get(url).status_code == 200
    if admin.site._registry[model].search_fields:
        assert operator_client.get(url, {"q": "99901-101"}).status_code == 200


@pytest.mark.parametrize("model", [StaleMark, ProductRating, RatingSnapshot])
def test_what_workers_write_is_read_only(operator_client: Client, pair: tuple[Product, Product], model: type) -> None:
    StaleMark.objects.create(kind="product", key=pair[0].pk, source="test")
    name = f"admin:ratings_{model.__name__.lower()}"
    row = model.objects.first()
    assert operator_client.get(reverse(f"{name}_add")).status_code == 403
    assert operator_client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
    assert operator_client.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
    assert operator_client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_only_superusers_delete(pair: tuple[Product, Product]) -> None:
    from django.contrib.auth.models import Permission

    user = factory.user_with(Role.OPERATOR, "staff@demo.example")
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.all())
    client = Client()
    client.force_login(user)
    node = Establishment.objects.first()
    assert node
    assert client.get(reverse("admin:qmm_establishment_change", args=[node.pk])).status_code == 200
    assert client.post(reverse("admin:qmm_establishment_delete", args=[node.pk]), {"post": "yes"}).status_code == 403
    assert SupplyNode.objects.exists()


def test_a_second_enrolment_at_the_same_time_is_told_in_words(
    operator_client: Client, pair: tuple[Product, Product]
) -> None:
    url = reverse("admin:products_product_change", args=[pair[0].pk])
    fields = form_fields(operator_client.get(url).content.decode())
    fields |= {
        "enrolments-TOTAL_FORMS": "2",
        "enrolments-1-organisation": fields["enrolments-0-organisation"],
        "enrolments-1-enrolled_on": "2026-05-01",
        "enrolments-1-product": str(pair[0].pk),
    }
    response = operator_client.post(url, fields)
    assert response.status_code == 200
    assert "The product is already enrolled in that time." in response.content.decode()


@pytest.mark.parametrize("name", ["products_product", "products_kpisubmission", "qmm_assessment"])
def test_forms_tell_the_time_zone_instead_of_the_browsers_distance_to_it(
    operator_client: Client, pair: tuple[Product, Product], name: str
) -> None:
    model = next(model for model in admin.site._registry if f"{model._meta.app_label}_{model._meta.model_name}" == name)
    html = operator_client.get(reverse(f"admin:{name}_change", args=[model._default_manager.first().pk]))
    assert 'href="/static/css/admin.css"' in html.content.decode()
    assert "time zone, America/New_York." in html.content.decode()


def test_staff_cannot_give_themselves_rights(db: None) -> None:
    staff = factory.user_with(Role.OPERATOR)
    staff.is_staff = True
    staff.save()
    staff.user_permissions.set(Permission.objects.filter(content_type__app_label="access"))
    client = Client()
    client.force_login(staff)
    assert client.get(f"/admin/access/user/{staff.pk}/change/").status_code == 200  # to look at
    answer = client.post(
        f"/admin/access/user/{staff.pk}/change/", {"email": staff.email, "is_superuser": "on", "is_staff": "on"}
    )
    assert answer.status_code == 403
    assert client.post("/admin/access/membership/add/", {}).status_code == 403
    staff.refresh_from_db()
    assert not staff.is_superuser
