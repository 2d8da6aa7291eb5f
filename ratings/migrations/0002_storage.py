"""How the database keeps ratings: compact arrays, heads that update in place, snapshots that nobody can change."""

from datetime import date

from django.db import migrations

PROTECT = """
CREATE FUNCTION ratings_snapshot_protect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rating snapshots are kept for ever: they cannot be changed or deleted.';
END $$;
CREATE TRIGGER snapshot_is_append_only BEFORE UPDATE OR DELETE ON ratings_ratingsnapshot
FOR EACH STATEMENT EXECUTE FUNCTION ratings_snapshot_protect();
CREATE TRIGGER snapshot_is_not_truncated BEFORE TRUNCATE ON ratings_ratingsnapshot
FOR EACH STATEMENT EXECUTE FUNCTION ratings_snapshot_protect();
"""


def release_first_methodology(apps, schema_editor):
    apps.get_model("ratings", "MethodologyRelease").objects.get_or_create(
        version="2026.1", defaults={"in_force_from": date(2026, 1, 1)}
    )


class Migration(migrations.Migration):
    dependencies = [("ratings", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                "ALTER TABLE ratings_ratingsnapshot ALTER COLUMN explanation TYPE real[]",
                # Incompressible numbers: trying costs more than it saves.
                "ALTER TABLE ratings_ratingsnapshot ALTER COLUMN explanation SET STORAGE EXTERNAL",
                "ALTER TABLE ratings_ratingsnapshot ALTER COLUMN inputs SET STORAGE EXTERNAL",
                "ALTER TABLE ratings_productrating SET (fillfactor = 60)",
                "ALTER TABLE ratings_stalemark SET (autovacuum_vacuum_scale_factor = 0, "
                "autovacuum_vacuum_threshold = 5000, autovacuum_analyze_scale_factor = 0, "
                "autovacuum_analyze_threshold = 5000)",
            ],
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.RunSQL([PROTECT], reverse_sql=migrations.RunSQL.noop),
        migrations.RunPython(release_first_methodology, migrations.RunPython.noop),
    ]
