"""Pages of assessments: the rubric, levels and consensus."""

from django.urls import path, register_converter

from qmm.scoring.consensus_views import consensus_page, consensus_state
from qmm.scoring.finding_views import finding_create, finding_edit, finding_file
from qmm.scoring.sheet_views import score_finish, score_reopen, score_sheet_page, score_sheet_state
from qmm.scoring.workbook_views import score_workbook, score_workbook_file
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
    path("assessments/<int:case>/scores/", score_sheet_page, name="score-sheet"),
    path("assessments/<int:case>/scores/state/", score_sheet_state, name="score-sheet-state"),
    path("assessments/<int:case>/scores/finish/", score_finish, name="score-finish"),
    path("assessments/<int:case>/scores/workbook/", score_workbook, name="score-workbook"),
    path("assessments/<int:case>/scores/workbook/file/", score_workbook_file, name="score-workbook-file"),
    path("assessments/<int:case>/scores/findings/", finding_create, name="finding-create"),
    path("assessments/<int:case>/scores/findings/<int:finding>/", finding_edit, name="finding-edit"),
    path("assessments/<int:case>/scores/files/<int:file>/", finding_file, name="finding-file"),
    path("assessments/<int:case>/scores/<int:assignment>/reopen/", score_reopen, name="score-reopen"),
    path("assessments/<int:case>/consensus/", consensus_page, name="consensus"),
    path("assessments/<int:case>/consensus/state/", consensus_state, name="consensus-state"),
]
