"""No supply node names an establishment that was merged into another."""

from django.db import migrations

STANDS = """
CREATE TRIGGER establishment_stands BEFORE INSERT OR UPDATE OF establishment_id ON products_supplynode
FOR EACH ROW EXECUTE FUNCTION qmm_establishment_stands();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0016_withdrawal_stated"),
        ("qmm", "0009_establishment_merge"),
    ]

    operations = [
        migrations.RunSQL(STANDS, reverse_sql="DROP TRIGGER establishment_stands ON products_supplynode;"),
    ]
