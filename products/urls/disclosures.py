"""What a firm discloses, and which products it enrolls."""

from django.urls import path

from products.views import disclosure_request, enrolment, grant

urlpatterns = [
    path("disclosures/", grant.grant_list_page, name="grant-list"),
    path("disclosures/new/", grant.grant_create, name="grant-create"),
    path("disclosures/<int:grant>/withdraw/", grant.grant_withdraw_page, name="grant-withdraw"),
    path("disclosures/received/", disclosure_request.received_list, name="received-list"),
    path("disclosures/requests/", disclosure_request.request_list, name="request-list"),
    path("disclosures/requests/new/<str:ndc>/", disclosure_request.request_create, name="request-create"),
    path("disclosures/requests/<int:asked>/decline/", disclosure_request.request_decline_page, name="request-decline"),
    path("enrollments/new/", enrolment.enrolment_create_page, name="enrolment-create"),
    path("enrollments/<str:ndc>/withdraw/", enrolment.enrolment_withdraw_page, name="enrolment-withdraw"),
]
