import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_confirmed_addresses"),
        ("qmm", "0002_assessment_cases"),
    ]

    operations = [
        migrations.AddField(
            model_name="establishment",
            name="reported_by",
            field=models.ForeignKey(
                blank=True,
                help_text="The firm that gave it in confidence, where no register names it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="access.organisation",
            ),
        ),
    ]
