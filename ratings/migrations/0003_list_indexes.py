from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ratings", "0002_storage"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="productrating",
            index=models.Index(fields=["status", "band", "score"], name="head_by_band"),
        ),
        migrations.AddIndex(
            model_name="productrating",
            index=models.Index(fields=["status", "coverage"], name="head_by_coverage"),
        ),
        migrations.AddIndex(
            model_name="productrating",
            index=models.Index(fields=["published_snapshot"], name="head_by_snapshot"),
        ),
    ]
