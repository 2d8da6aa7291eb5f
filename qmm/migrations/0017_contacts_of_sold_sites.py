from django.db import migrations

# Whoever records it: page, admin, import or psql. Where no owner was known the operator named them, and they stay.
ENDED = """
CREATE FUNCTION qmm_contacts_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE qmm_establishmentcontact SET ended_at = now() WHERE establishment_id = NEW.id AND ended_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER contacts_end_with_their_owner AFTER UPDATE OF owner_id ON qmm_establishment FOR EACH ROW
WHEN (OLD.owner_id IS NOT NULL AND NEW.owner_id IS DISTINCT FROM OLD.owner_id) EXECUTE FUNCTION qmm_contacts_end();
"""


class Migration(migrations.Migration):
    """The people whom a former owner named are not told to the next one, nor to assessors as whom to ask."""

    dependencies = [("qmm", "0016_kept_plan")]

    operations = [migrations.RunSQL(ENDED, reverse_sql="DROP FUNCTION qmm_contacts_end() CASCADE")]
