"""Pages of assessments: the rubric."""

from django.urls import path, register_converter

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
]
