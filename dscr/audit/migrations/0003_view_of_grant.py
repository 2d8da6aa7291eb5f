"""One grant may open many products: its reading is noted once an hour for each of them."""

from django.db import migrations

PER_PRODUCT = """
DROP INDEX audit_view_once;
CREATE UNIQUE INDEX audit_view_once ON audit_entry (user_id, membership_id, kind, subject_id, view_hour,
    (CASE WHEN subject_id IS NULL THEN label WHEN kind = 'disclosure-grant' THEN detail END))
    NULLS NOT DISTINCT WHERE view_hour IS NOT NULL;
"""
AS_IT_WAS = """
DROP INDEX audit_view_once;
CREATE UNIQUE INDEX audit_view_once ON audit_entry (user_id, membership_id, kind, subject_id, view_hour,
    (CASE WHEN subject_id IS NULL THEN label END)) NULLS NOT DISTINCT WHERE view_hour IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [migrations.RunSQL([PER_PRODUCT], reverse_sql=[AS_IT_WAS])]
