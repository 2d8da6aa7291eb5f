import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

# In order, so that two writers of the same new names wait for each other instead of meeting in a deadlock.
FILL = """
INSERT INTO products_productname (name)
SELECT DISTINCT lower(name) AS name FROM {products} p,
    unnest(ARRAY[p.nonproprietary_name, p.proprietary_name, p.labeler_name::text]) AS name
WHERE name <> '' ORDER BY 1 ON CONFLICT DO NOTHING
"""
KEEP = f"""
CREATE FUNCTION products_keep_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {FILL.format(products="changed")};
    RETURN NULL;
END $$;
CREATE TRIGGER keep_names_insert AFTER INSERT ON products_product
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION products_keep_names();
CREATE TRIGGER keep_names_update AFTER UPDATE ON products_product
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION products_keep_names();
"""


class Migration(migrations.Migration):
    """A search looks for names among the names, and for products by the names it found: one small trigram index in
    the place of a large one on the products."""

    dependencies = [("products", "0013_raw_files")]

    operations = [
        migrations.CreateModel(
            name="ProductName",
            fields=[("name", models.TextField(primary_key=True, serialize=False))],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["name"], name="product_name_trigram", opclasses=["gin_trgm_ops"]
                    )
                ],
            },
        ),
        migrations.RunSQL([FILL.format(products="products_product")], reverse_sql=migrations.RunSQL.noop),
        migrations.RunSQL([KEEP], reverse_sql="DROP FUNCTION products_keep_names() CASCADE"),
        migrations.RemoveIndex(model_name="product", name="product_names_trigram"),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                django.db.models.functions.text.Lower("proprietary_name"), name="product_by_proprietary_name"
            ),
        ),
        # Without figures on what the new indexes hold, searches would read every product until the next autovacuum.
        migrations.RunSQL("ANALYZE products_product; ANALYZE products_productname", reverse_sql=migrations.RunSQL.noop),
    ]
