"""Addresses of the API's establishments, rubrics and assessments, of calibration and the agreement of assessors."""

from django.urls import include, path

from qmm.api import (
    agreement,
    calibration,
    case_detail,
    case_files,
    case_list,
    case_sheets,
    case_team,
    consensus,
    fact_check,
    findings,
    reports,
    rubrics,
    scores,
    search,
    sites,
    views,
)

case = [
    path("", case_detail.CaseDetail.as_view(), name="case-detail"),
    path("timeline/", case_detail.CaseTimeline.as_view(), name="case-timeline"),
    path("steps/", case_detail.CaseSteps.as_view(), name="case-step"),
    path("assignment/", case_team.CaseAssign.as_view(), name="case-assign"),
    path("assignment/<int:assignment>/reopen/", case_team.ScoreReopen.as_view(), name="score-reopen"),
    path("declarations/", case_team.CaseDeclare.as_view(), name="case-declare"),
    path("sheets/<str:sheet>/", case_sheets.CaseSheetDetail.as_view(), name="case-sheet"),
    path("files/", case_files.CaseFileList.as_view(), name="case-file-list"),
    path("files/<int:case_file>/", case_files.CaseFileDetail.as_view(), name="case-file"),
    path("scores/", scores.OwnScores.as_view(), name="own-score-list"),
    path("scores/finish/", findings.ScoresFinish.as_view(), name="own-score-finish"),
    path("scores/<str:element>/", scores.OwnScore.as_view(), name="own-score-detail"),
    path("findings/", findings.FindingList.as_view(), name="own-finding-list"),
    path("findings/<int:finding>/", findings.FindingDetail.as_view(), name="own-finding-detail"),
    path("findings/<int:finding>/files/", findings.FindingFiles.as_view(), name="own-finding-files"),
    path("finding-files/<int:file>/", findings.FindingFileDetail.as_view(), name="finding-file"),
    path("consensus/", consensus.ConsensusList.as_view(), name="consensus-list"),
    path("consensus/<str:element>/", consensus.ConsensusElement.as_view(), name="consensus-detail"),
    path("fact-check/", fact_check.FactCheck.as_view(), name="fact-check-list"),
    path("report/", reports.AssessmentReport.as_view(), name="assessment-report"),
    path("fact-check/<int:comment>/answer/", fact_check.FactAnswer.as_view(), name="fact-check-answer"),
]
site = [
    path("", views.EstablishmentDetail.as_view(), name="establishment-detail"),
    path("contacts/", sites.ContactList.as_view(), name="site-contact-list"),
    path("contacts/<int:contact>/", sites.ContactDetail.as_view(), name="site-contact-detail"),
    path("contacts/<int:contact>/confirm/", sites.ContactConfirm.as_view(), name="site-contact-confirm"),
    path("grants/", sites.SiteGrantList.as_view(), name="site-grant-list"),
    path("grants/<int:site_grant>/", sites.SiteGrantDetail.as_view(), name="site-grant-detail"),
]
urlpatterns = [
    path("agreement/", agreement.Agreement.as_view(), name="agreement"),
    path("assessments/", case_list.CaseList.as_view(), name="case-list"),
    path("assessments/<int:case>/", include(case)),
    path("calibration/", calibration.CalibrationList.as_view(), name="calibration-list"),
    path("calibration/<int:calibration>/", calibration.CalibrationDetail.as_view(), name="calibration-detail"),
    path("calibration/<int:calibration>/submit/", calibration.CalibrationSubmit.as_view(), name="calibration-submit"),
    path("establishments/", views.EstablishmentList.as_view(), name="establishment-list"),
    path("establishments/search/", search.EstablishmentSearch.as_view(), name="establishment-search-list"),
    path("establishments/<int:pk>/", include(site)),
    path("rubrics/", rubrics.RubricList.as_view(), name="rubric-list"),
    path("rubrics/<str:version>/", rubrics.RubricDetail.as_view(), name="rubric-detail"),
]
