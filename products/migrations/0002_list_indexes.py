import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

import products.models.directory


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["dosage_form"], name="product_dosage_form"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                django.db.models.functions.text.Lower("nonproprietary_name"), models.F("ndc"), name="product_by_name"
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                django.db.models.functions.text.Lower("labeler_name"), models.F("ndc"), name="product_by_labeler"
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=django.contrib.postgres.indexes.GinIndex(
                products.models.directory.Separated("route"), name="product_routes"
            ),
        ),
    ]
