"""Pages of assessments: the rubric, agreement of assessors, calibration cases."""

from django.urls import path, register_converter

from qmm.views.agreement import agreement, agreement_own, agreement_people
from qmm.views.calibration import calibration_detail, calibration_list, calibration_save, calibration_submit
from qmm.views.calibration_draft import (
    calibration_begin,
    calibration_discard,
    calibration_edit,
    calibration_publish,
    calibration_retire,
)
from qmm.views.rubric import rubric_changes, rubric_detail, rubric_list, rubric_newest
from qmm.views.rubric_draft import rubric_draft, rubric_draft_begin, rubric_draft_element
from qmm.views.rubric_publish import rubric_draft_discard, rubric_draft_publish, rubric_draft_review
from qmm.views.rubric_state import rubric_draft_state

app_name = "qmm"


class RubricVersionConverter:
    """Year and number, such as 2026.1."""

    regex = r"\d{4}\.\d{1,4}"

    def to_python(self, text: str) -> str:
        return text

    def to_url(self, text: str) -> str:
        return text


register_converter(RubricVersionConverter, "rubric_version")

urlpatterns = [
    path("rubric/", rubric_newest, name="rubric-newest"),
    path("rubric/versions/", rubric_list, name="rubric-list"),
    path("rubric/draft/", rubric_draft, name="rubric-draft"),
    path("rubric/draft/state/", rubric_draft_state, name="rubric-draft-state"),
    path("rubric/draft/begin/", rubric_draft_begin, name="rubric-draft-begin"),
    path("rubric/draft/element/", rubric_draft_element, name="rubric-draft-element"),
    path("rubric/draft/review/", rubric_draft_review, name="rubric-draft-review"),
    path("rubric/draft/publish/", rubric_draft_publish, name="rubric-draft-publish"),
    path("rubric/draft/discard/", rubric_draft_discard, name="rubric-draft-discard"),
    path("rubric/<rubric_version:version>/", rubric_detail, name="rubric-detail"),
    path("rubric/<rubric_version:version>/changes/", rubric_changes, name="rubric-changes"),
    path("agreement/", agreement, name="agreement"),
    path("agreement/assessors/", agreement_people, name="agreement-people"),
    path("agreement/mine/", agreement_own, name="agreement-own"),
    path("calibration/", calibration_list, name="calibration-list"),
    path("calibration/new/", calibration_begin, name="calibration-begin"),
    path("calibration/<int:calibration>/", calibration_detail, name="calibration-detail"),
    path("calibration/<int:calibration>/save/", calibration_save, name="calibration-save"),
    path("calibration/<int:calibration>/submit/", calibration_submit, name="calibration-submit"),
    path("calibration/<int:calibration>/edit/", calibration_edit, name="calibration-edit"),
    path("calibration/<int:calibration>/publish/", calibration_publish, name="calibration-publish"),
    path("calibration/<int:calibration>/retire/", calibration_retire, name="calibration-retire"),
    path("calibration/<int:calibration>/discard/", calibration_discard, name="calibration-discard"),
]
