"""Pages of assessments: their course, levels and consensus, agreement and calibration, and the rubric."""

from django.urls import path, register_converter

from qmm.scoring.consensus_views import consensus_page, consensus_state
from qmm.scoring.finding_views import finding_create, finding_edit, finding_file
from qmm.scoring.history_views import score_history
from qmm.scoring.sheet_views import score_finish, score_reopen, score_sheet_page, score_sheet_state
from qmm.scoring.workbook_views import score_workbook, score_workbook_file
from qmm.views.agreement import agreement, agreement_own, agreement_people
from qmm.views.calibration import calibration_detail, calibration_list, calibration_state, calibration_submit
from qmm.views.calibration_draft import (
    calibration_begin,
    calibration_discard,
    calibration_edit,
    calibration_publish,
    calibration_retire,
)
from qmm.views.case import case_detail, case_step_take
from qmm.views.case_assign import case_assign_page, case_declare, conflict_end_page
from qmm.views.case_board import case_list, case_request_page
from qmm.views.case_ending import case_ending
from qmm.views.case_facts import case_comment_answer, case_facts
from qmm.views.case_files import case_file, case_file_add
from qmm.views.case_report import case_report, case_report_pdf
from qmm.views.case_sheet import case_sheet, case_sheet_review
from qmm.views.case_sheet_state import case_sheet_state
from qmm.views.evidence import evidence_create, evidence_file, evidence_void
from qmm.views.owner import (
    contact_confirm_page,
    contact_create,
    contact_end_page,
    contact_list,
    site_grant_create,
    site_grant_list,
    site_grant_withdraw_page,
)
from qmm.views.plan import case_plan, case_plan_add, case_plan_leave_out, case_plan_send
from qmm.views.plan_actions import case_action_add, case_action_change, case_action_file
from qmm.views.plan_state import case_plan_state
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


class SheetConverter:
    """A sheet of a case that saves itself."""

    regex = "questionnaire|draft"

    def to_python(self, text: str) -> str:
        return text

    def to_url(self, text: str) -> str:
        return text


register_converter(RubricVersionConverter, "rubric_version")
register_converter(SheetConverter, "case_sheet")

urlpatterns = [
    path("assessments/", case_list, name="case-list"),
    path("assessments/request/", case_request_page, name="case-request"),
    path("assessments/ending/", case_ending, name="case-ending"),
    path("assessments/<int:case>/", case_detail, name="case-detail"),
    path("assessments/<int:case>/step/<slug:step>/", case_step_take, name="case-step"),
    path("assessments/<int:case>/assign/", case_assign_page, name="case-assign"),
    path("assessments/<int:case>/declare/", case_declare, name="case-declare"),
    path("assessments/<int:case>/assign/conflict-end/", conflict_end_page, name="conflict-end"),
    path("assessments/<int:case>/files/", case_file_add, name="case-file-add"),
    path("assessments/<int:case>/files/<int:case_file>/", case_file, name="case-file"),
    path("assessments/<int:case>/report/", case_report, name="case-report"),
    path("assessments/<int:case>/report/pdf/", case_report_pdf, name="case-report-pdf"),
    path("assessments/<int:case>/fact-check/", case_facts, name="case-facts"),
    path("assessments/<int:case>/fact-check/<int:comment>/", case_comment_answer, name="case-comment-answer"),
    path("assessments/<int:case>/plan/", case_plan, name="case-plan"),
    path("assessments/<int:case>/plan/state/", case_plan_state, name="case-plan-state"),
    path("assessments/<int:case>/plan/add/", case_plan_add, name="case-plan-add"),
    path("assessments/<int:case>/plan/<int:number>/left-out/", case_plan_leave_out, name="case-plan-leave-out"),
    path("assessments/<int:case>/plan/send/", case_plan_send, name="case-plan-send"),
    path("assessments/<int:case>/plan/actions/", case_action_add, name="case-action-add"),
    path("assessments/<int:case>/plan/actions/<int:action>/", case_action_change, name="case-action-change"),
    path("assessments/<int:case>/plan/files/<int:action_file>/", case_action_file, name="case-action-file"),
    path("assessments/<int:case>/<case_sheet:sheet>/", case_sheet, name="case-sheet"),
    path("assessments/<int:case>/<case_sheet:sheet>/state/", case_sheet_state, name="case-sheet-state"),
    path("assessments/<int:case>/<case_sheet:sheet>/review/", case_sheet_review, name="case-sheet-review"),
    path("establishments/<int:pk>/shown/", site_grant_list, name="site-grants"),
    path("establishments/<int:pk>/shown/new/", site_grant_create, name="site-grant-create"),
    path("establishments/shown/<int:site_grant>/withdraw/", site_grant_withdraw_page, name="site-grant-withdraw"),
    path("establishments/<int:pk>/evidence/new/", evidence_create, name="evidence-create"),
    path("establishments/evidence/<int:evidence>/void/", evidence_void, name="evidence-void"),
    path("establishments/evidence/files/<int:evidence_file>/", evidence_file, name="evidence-file"),
    path("establishments/<int:pk>/contacts/", contact_list, name="site-contacts"),
    path("establishments/<int:pk>/contacts/new/", contact_create, name="site-contact-create"),
    path("establishments/contacts/<int:contact>/confirm/", contact_confirm_page, name="site-contact-confirm"),
    path("establishments/contacts/<int:contact>/end/", contact_end_page, name="site-contact-end"),
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
    path("assessments/<int:case>/scores/history/<slug:element>/", score_history, name="score-history"),
    path("assessments/<int:case>/scores/findings/", finding_create, name="finding-create"),
    path("assessments/<int:case>/scores/findings/<int:finding>/", finding_edit, name="finding-edit"),
    path("assessments/<int:case>/scores/files/<int:file>/", finding_file, name="finding-file"),
    path("assessments/<int:case>/scores/<int:assignment>/reopen/", score_reopen, name="score-reopen"),
    path("assessments/<int:case>/consensus/", consensus_page, name="consensus"),
    path("assessments/<int:case>/consensus/state/", consensus_state, name="consensus-state"),
    path("agreement/", agreement, name="agreement"),
    path("agreement/assessors/", agreement_people, name="agreement-people"),
    path("agreement/mine/", agreement_own, name="agreement-own"),
    path("calibration/", calibration_list, name="calibration-list"),
    path("calibration/new/", calibration_begin, name="calibration-begin"),
    path("calibration/<int:calibration>/", calibration_detail, name="calibration-detail"),
    path("calibration/<int:calibration>/state/", calibration_state, name="calibration-state"),
    path("calibration/<int:calibration>/submit/", calibration_submit, name="calibration-submit"),
    path("calibration/<int:calibration>/edit/", calibration_edit, name="calibration-edit"),
    path("calibration/<int:calibration>/publish/", calibration_publish, name="calibration-publish"),
    path("calibration/<int:calibration>/retire/", calibration_retire, name="calibration-retire"),
    path("calibration/<int:calibration>/discard/", calibration_discard, name="calibration-discard"),
]
