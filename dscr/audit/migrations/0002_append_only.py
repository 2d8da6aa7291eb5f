"""The audit is only ever added to, by whoever is connected; and a view is noted once an hour."""

from django.db import migrations

PROTECT = """
CREATE FUNCTION audit_entry_protect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit is kept for ever: its entries cannot be changed or deleted.';
END $$;
CREATE TRIGGER audit_entry_is_append_only BEFORE UPDATE OR DELETE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_protect();
CREATE TRIGGER audit_entry_is_not_truncated BEFORE TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_protect();
"""
# What is no row, such as a list of products, is told apart by its name.
VIEW_ONCE = """
CREATE UNIQUE INDEX audit_view_once ON audit_entry (user_id, membership_id, kind, subject_id, view_hour,
    (CASE WHEN subject_id IS NULL THEN label END)) NULLS NOT DISTINCT WHERE view_hour IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_audit_entry")]

    operations = [
        migrations.RunSQL([PROTECT], reverse_sql="DROP FUNCTION audit_entry_protect() CASCADE"),
        migrations.RunSQL([VIEW_ONCE], reverse_sql="DROP INDEX audit_view_once"),
        # Ids do not compress: trying costs more than it saves.
        migrations.RunSQL(
            "ALTER TABLE audit_entry ALTER COLUMN ids SET STORAGE EXTERNAL", reverse_sql=migrations.RunSQL.noop
        ),
    ]
