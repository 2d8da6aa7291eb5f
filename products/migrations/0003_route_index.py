from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0002_list_indexes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["route"], name="product_route"),
        ),
    ]
