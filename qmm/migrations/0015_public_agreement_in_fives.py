from typing import Any

from django.db import migrations, models


def recompute_soon(apps: Any, schema_editor: Any) -> None:
    """Figures stand until the next look, which computes where no run is known."""
    apps.get_model("qmm", "AgreementRun").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("qmm", "0014_improvement_plan")]

    operations = [
        migrations.RunPython(recompute_soon, migrations.RunPython.noop),
        migrations.RemoveField(model_name="agreementrun", name="assessments"),
        migrations.AddField(
            model_name="agreementrun",
            name="finished",
            field=models.JSONField(
                default=dict, help_text="Assessments that two assessors have finished, by year and all."
            ),
        ),
    ]
