"""From the file to the score: dry run, conflicts, drafts, attestation; all of it or nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from products.models import Enrolment, KpiDraft, KpiSubmission, Product, WorkbookFile
from products.questionnaire import texts_of
from products.services.attest_many import NotAttestableError
from products.services.kpi_draft import Change, draft_open, draft_save
from products.services.workbook import (
    MeanwhileChangedError,
    drafts_of,
    upload_attest,
    upload_check_again,
    upload_discard,
    upload_write,
    versions_of,
)
from ratings.models import ProductRating
from ratings.views.workbook_effect import effect_sentence, effects_of
from tests.pages import factory
from tests.workbook.maker import FIRST, FULL, LETTER, QUARTER, Firm, put, xlsx

TEMPLATE_MADE = datetime(2026, 10, 20, 12, tzinfo=UTC)


def open_draft(firm: Firm, place: int, **texts: str) -> KpiDraft:
    draft = draft_open(firm.products[place], organisation=firm.organisation, quarter_end=QUARTER, user=firm.attestor)
    draft_save(draft, user=firm.attestor, answers={key: Change("", text) for key, text in texts.items()})
    return KpiDraft.objects.get(pk=draft.pk)


def test_the_plan_is_written_with_its_provenance(firm: Firm) -> None:
    upload = firm.send(xlsx(firm.template()), "third quarter.xlsx")
    assert KpiDraft.objects.count() == 0
    assert upload_write(upload, user=firm.editor, keep={}) == 3
    upload.refresh_from_db()
    draft = KpiDraft.objects.get(product=firm.products[0])
    assert {key: text for key, text in draft.answers.items() if text} == FULL
    source = draft.sources["fill_rate_numerator"]
    assert (source["kind"], source["file"]) == ("workbook", "third quarter.xlsx")
    assert datetime.fromisoformat(source["at"]).tzinfo is not None
    assert (upload.state, upload.written_by) == ("written", firm.editor)
    assert (draft.updated_by, draft.edits["fill_rate_numerator"]["by"]) == (firm.editor, firm.editor.pk)


def test_a_blank_cell_changes_nothing(firm: Firm) -> None:
    open_draft(firm, 0, shelf_life_months="36", qualified_lines="5")
    made = datetime.now(UTC) + timedelta(minutes=1)
    upload = firm.send(xlsx(firm.template(made_at=made), put("shelf_life_months", None)))
    assert upload_write(upload, user=firm.editor, keep={}) == 3
    draft = KpiDraft.objects.get(product=firm.products[0])
    assert (draft.answers["shelf_life_months"], draft.answers["qualified_lines"]) == ("36", "3")


def test_what_the_draft_holds_beside_the_file_is_named(firm: Firm) -> None:
    open_draft(firm, 0, shelf_life_months="36")
    made = datetime.now(UTC) + timedelta(minutes=1)
    upload = firm.send(xlsx(firm.template(made_at=made), put("shelf_life_months", None)))
    assert upload.plan[0]["carried"] == {"shelf_life_months": ["", "36", str(firm.attestor)]}
    assert [part["carried"] for part in upload.plan[1:]] == [{}, {}]
    client = Client()
    client.force_login(firm.editor)
    page = " ".join(client.get(f"/kpis/workbooks/{upload.pk}/").content.decode().split())
    assert "1 from the draft as it stood, not attested yet" in page
    assert f"by {firm.attestor}" in page


def test_an_answer_typed_after_the_template_was_made_is_a_conflict(firm: Firm) -> None:
    open_draft(firm, 0, shelf_life_months="36", qualified_lines="3", safety_stock_days="61")
    upload = firm.send(xlsx(firm.template(made_at=TEMPLATE_MADE)))
    conflicts = upload.plan[0]["conflicts"]
    assert [(c["key"], c["stands"], c["file"], c["by"]) for c in conflicts] == [
        ("safety_stock_days", "61", "60", firm.attestor.pk),
        ("shelf_life_months", "36", "24", firm.attestor.pk),
    ], "what two people wrote alike is none"
    assert upload.plan[1]["conflicts"] == []
    upload_write(upload, user=firm.editor, keep={firm.products[0].pk: {"shelf_life_months"}})
    draft = KpiDraft.objects.get(product=firm.products[0])
    assert (draft.answers["shelf_life_months"], draft.answers["safety_stock_days"]) == ("36", "60")
    assert draft.edits["shelf_life_months"]["by"] == firm.attestor.pk
    assert "shelf_life_months" not in draft.sources


def test_withholding_what_somebody_typed_is_a_conflict(firm: Firm) -> None:
    open_draft(firm, 0, fill_rate_numerator="98000", fill_rate_denominator="100000")

    def change(sheet, book):
        put("fill_rate_numerator", "not disclosed")(sheet, book)
        put("fill_rate_denominator", None)(sheet, book)

    upload = firm.send(xlsx(firm.template(made_at=TEMPLATE_MADE), change))
    (conflict,) = upload.plan[0]["conflicts"]
    assert (conflict["key"], conflict["of"], conflict["stands"], conflict["file"]) == (
        "fill_rate_state",
        "fill_rate_numerator",
        "98000",
        "not_disclosed",
    )
    upload_write(upload, user=firm.editor, keep={firm.products[0].pk: {"fill_rate_state"}})
    draft = KpiDraft.objects.get(product=firm.products[0])
    assert (draft.answers["fill_rate_numerator"], draft.answers.get("fill_rate_state", "")) == ("98000", "")


def test_figures_where_somebody_withheld_are_a_conflict(firm: Firm) -> None:
    open_draft(firm, 0, shelf_life_months_state="not_disclosed")
    upload = firm.send(xlsx(firm.template(made_at=TEMPLATE_MADE)))
    assert [(c["key"], c["stands"], c["file"]) for c in upload.plan[0]["conflicts"]] == [
        ("shelf_life_months_state", "not_disclosed", "")
    ]


def test_an_answer_typed_before_is_none(firm: Firm) -> None:
    draft = open_draft(firm, 0, shelf_life_months="36")
    draft.edits["shelf_life_months"]["at"] = (TEMPLATE_MADE - timedelta(hours=1)).isoformat()
    draft.save()
    assert firm.send(xlsx(firm.template(made_at=TEMPLATE_MADE))).plan[0]["conflicts"] == []


def test_a_corrected_file_does_not_conflict_with_itself(firm: Firm) -> None:
    template = firm.template(made_at=TEMPLATE_MADE)
    upload_write(firm.send(xlsx(template)), user=firm.editor, keep={})
    again = firm.send(xlsx(template, put("shelf_life_months", 30)))
    assert (again.plan[0]["conflicts"], again.plan[0]["changes"]) == ([], ["shelf_life_months"])


def test_what_changes_between_report_and_storing_stops_all_of_it(firm: Firm) -> None:
    upload = firm.send(xlsx(firm.template()))
    open_draft(firm, 2, qualified_lines="7")
    with pytest.raises(MeanwhileChangedError):
        upload_write(upload, user=firm.editor, keep={})
    assert KpiDraft.objects.filter(product__in=firm.products[:2]).count() == 0
    upload_check_again(upload)
    upload.refresh_from_db()
    assert (upload.state, upload.plan) == ("waiting", []), "it is checked again"


def test_an_answer_changed_between_report_and_storing(firm: Firm) -> None:
    draft = open_draft(firm, 2, qualified_lines="7")
    upload = firm.send(xlsx(firm.template(made_at=datetime.now(UTC) + timedelta(minutes=1))))
    draft_save(draft, user=firm.attestor, answers={"qualified_lines": Change("7", "8")})
    with pytest.raises(MeanwhileChangedError):
        upload_write(upload, user=firm.editor, keep={})
    assert [draft.answers for draft in KpiDraft.objects.all()] == [{"qualified_lines": "8"}]


def said(submission: KpiSubmission) -> dict[str, str]:
    return {key: text for key, text in texts_of(submission).items() if text}


def attest(firm: Firm, upload, **changes):
    given = {"name": "Ada Attestor", "title": "VP Quality", "versions": versions_of(drafts_of(upload))} | changes
    return upload_attest(upload, user=firm.attestor, **given)


def written(firm: Firm, content: bytes):
    upload = firm.send(content)
    upload_write(upload, user=firm.editor, keep={})
    upload.refresh_from_db()
    return upload


def test_all_products_are_attested_at_once(firm: Firm) -> None:
    upload = written(firm, xlsx(firm.template()))
    assert attest(firm, upload) == 3
    rows = KpiSubmission.objects.order_by("product__ndc")
    assert [(row.attestor_name, row.attestor_title, row.attested_by) for row in rows] == [
        ("Ada Attestor", "VP Quality", firm.attestor)
    ] * 3
    assert said(rows[0]) == FULL
    upload.refresh_from_db()
    assert (upload.state, drafts_of(upload)) == ("attested", [])


def test_one_open_answer_stops_all(firm: Firm) -> None:
    upload = written(firm, xlsx(firm.template(), put("shelf_life_months", None, FIRST + 1)))
    with pytest.raises(NotAttestableError) as stopped:
        attest(firm, upload)
    assert stopped.value.reasons == ["99911-202: 1 answer is open or wrong."]
    assert KpiSubmission.objects.count() == 0


def test_one_product_withdrawn_stops_all(firm: Firm) -> None:
    upload = written(firm, xlsx(firm.template()))
    Enrolment.objects.filter(product=firm.products[2]).update(withdrawn_on=timezone.localdate())
    with pytest.raises(NotAttestableError, match="99911-3030 is no longer enrolled"):
        attest(firm, upload)
    assert KpiSubmission.objects.count() == 0


def test_an_answer_changed_since_the_page_stops_the_attestation(firm: Firm) -> None:
    upload = written(firm, xlsx(firm.template()))
    seen = versions_of(drafts_of(upload))
    draft = KpiDraft.objects.get(product=firm.products[0])
    draft_save(draft, user=firm.editor, answers={"qualified_lines": Change("3", "4")})
    with pytest.raises(MeanwhileChangedError):
        attest(firm, upload, versions=seen)
    assert KpiSubmission.objects.count() == 0


def test_what_is_attested_already_stays_unless_the_file_says_otherwise(firm: Firm) -> None:
    attest(firm, written(firm, xlsx(firm.template())))
    upload = firm.send(xlsx(firm.template(None), put("qualified_lines", 4)))
    assert [part["is_settled"] for part in upload.plan] == [False, True, True]
    assert upload_write(upload, user=firm.editor, keep={}) == 1
    upload.refresh_from_db()
    assert attest(firm, upload) == 1
    counting = KpiSubmission.objects.filter(product=firm.products[0], superseded_at=None).get()
    assert said(counting) == FULL | {"qualified_lines": "4"}


def test_last_quarter_is_copied_forward_and_is_no_change(firm: Firm) -> None:
    older = (QUARTER.replace(day=1) - timedelta(days=70)).replace(day=1)
    older = older.replace(month=(older.month - 1) // 3 * 3 + 1) - timedelta(days=1)
    upload = firm.send(xlsx(firm.template(quarter_end=older)), quarter_end=older)
    upload_write(upload, user=firm.editor, keep={})
    upload.refresh_from_db()
    attest(firm, upload)
    upload = firm.send(xlsx(firm.template(None)))
    part = upload.plan[0]
    assert all(part["before"][key] == part["set"][key][1] for key in part["changes"])
    assert (part["is_settled"], part["open"]) == (False, [])


def test_a_file_set_aside_leaves_nothing(firm: Firm) -> None:
    upload = firm.send(xlsx(firm.template()))
    upload_discard(upload, user=firm.editor)
    upload.refresh_from_db()
    assert (upload.state, upload.plan, WorkbookFile.objects.count()) == ("discarded", [], 0)
    with pytest.raises(MeanwhileChangedError):
        upload_write(upload, user=firm.editor, keep={})


# --- The effect on the scores ---------------------------------------------------------------------------------------


def test_the_effect_is_what_the_score_becomes(pair: tuple[Product, Product]) -> None:
    firm = Firm.__new__(Firm)
    firm.editor = factory.user_of("Halden Group", "manufacturer_editor")
    firm.attestor = factory.user_of("Halden Group", "attestor")
    firm.organisation, firm.products = firm.editor.membership.organisation, list(pair)

    def change(sheet, book):
        put("days_inventory_on_hand", 20)(sheet, book)
        put("fill_rate_numerator", "not disclosed")(sheet, book)
        sheet[f"{LETTER['fill_rate_denominator']}{FIRST}"] = None
        put("risk_management_plan_tested_on", None, FIRST + 1)(sheet, book)
        put("qualified_lines", 2, FIRST + 1)(sheet, book)

    upload = firm.send(xlsx(firm.template(None), change))
    assert upload.problems == []
    before = dict(ProductRating.objects.values_list("product__display_ndc", "score"))
    supposed = {effect.ndc: effect for effect in effects_of(upload)}
    assert {ndc: effect.score_now for ndc, effect in supposed.items()} == before
    upload_write(upload, user=firm.editor, keep={})
    upload.refresh_from_db()
    assert {effect.ndc: effect for effect in effects_of(upload)} == supposed, "the drafts promise the same"
    attest(firm, upload)
    factory.settle(*pair)
    after = ProductRating.objects.values_list("product__display_ndc", "score", "band")
    assert [(ndc, supposed[ndc].score_then, supposed[ndc].band_then) for ndc, _, _ in after] == list(after)
    assert before != {ndc: score for ndc, score, _ in after}


def test_a_product_that_was_never_rated_gets_its_first_score(pair: tuple[Product, Product]) -> None:
    KpiSubmission.objects.all().delete()
    firm = Firm.__new__(Firm)
    firm.editor = factory.user_of("Halden Group", "manufacturer_editor")
    firm.organisation, firm.products = firm.editor.membership.organisation, list(pair)
    effects = effects_of(firm.send(xlsx(firm.template())))
    assert [effect.status_now for effect in effects] == ["Enrolled, not yet rated"] * 2
    assert all(effect.score_then for effect in effects)
    assert effect_sentence(effects) == "Of 2 products, 2 have no score before or after. 2 change band or status."


def test_a_quarter_before_the_one_that_counts_has_no_effect(pair: tuple[Product, Product]) -> None:
    firm = Firm.__new__(Firm)
    firm.editor = factory.user_of("Halden Group", "manufacturer_editor")
    firm.organisation, firm.products = firm.editor.membership.organisation, list(pair)
    older = date(QUARTER.year - 1, 12, 31)
    upload = firm.send(xlsx(firm.template(quarter_end=older), put("qualified_lines", 1)), quarter_end=older)
    assert upload.problems == []
    assert [effect.change for effect in effects_of(upload)] == [0.0, 0.0]
