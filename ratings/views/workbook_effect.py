"""What a workbook would do to the scores of its products: a fragment of the workbook's page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from products.models import KpiDraft, WorkbookUpload
from products.questionnaire import read_answers
from ratings.loaders import NoMethodologyError
from ratings.queries.figures_effect import Effect, Given, effect_sentence, figures_effects
from ratings.sentences import STEADY_SUPPLY
from ratings.views.many_effect import effect_rows

State = WorkbookUpload.State


@require_safe
@never_cache
def workbook_effect(request: HttpRequest, upload: int) -> HttpResponse:
    uploads = WorkbookUpload.objects.for_user(request.user, "enter_kpis").defer("problems", "remarks")
    found = get_object_or_404(uploads, pk=upload, state__in=[State.READY, State.WRITTEN])
    try:
        effects = effects_of(found)
        sentence = effect_sentence(effects)
    except NoMethodologyError:
        effects, sentence = [], "It cannot be computed at present: no methodology is in force."
    carried = {part["product"]: len(part.get("carried", {})) for part in found.plan}
    context = {
        "sentence": sentence,
        "carries": any(carried.values()),
        "steady_supply": STEADY_SUPPLY,
    }
    context |= effect_rows(request, effects, carried)
    return render(request, "ratings/_workbook_effect_part.html", context)


def effects_of(upload: WorkbookUpload) -> list[Effect]:
    """One for each product of the file, the largest change first; what is open counts as not disclosed."""
    today = timezone.localdate()
    drafts = KpiDraft.objects.in_bulk([part["draft"] for part in upload.plan if part["draft"]])
    given = []
    for part in upload.plan:
        draft = drafts.get(part["draft"])
        texts = dict(draft.answers) if draft else {}
        if upload.state == State.READY:
            texts |= {key: now for key, (_, now) in part["set"].items()}
        values = None if part["is_settled"] else read_answers(texts, today).values
        given.append(Given(part["product"], part["ndc"], part["name"], upload.quarter_end, values))
    return figures_effects(given)
