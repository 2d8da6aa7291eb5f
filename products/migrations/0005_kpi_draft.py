import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_confirmed_addresses"),
        ("products", "0004_routes_by_value"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="KpiDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quarter_end", models.DateField()),
                ("answers", models.JSONField(default=dict, help_text="Column or <question>_state -> text.")),
                (
                    "notes",
                    models.JSONField(
                        default=dict, help_text="Code of a plausibility warning -> the firm's answer to it."
                    ),
                ),
                (
                    "sources",
                    models.JSONField(default=dict, help_text="Column -> where its figure came from, if not typed."),
                ),
                (
                    "edits",
                    models.JSONField(
                        default=dict, help_text="Key of an answer or note -> {by, name, at} of its last change."
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, help_text="Grows with every change.")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("discarded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.organisation"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="kpi_drafts", to="products.product"
                    ),
                ),
                (
                    "submission",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draft",
                        to="products.kpisubmission",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "KPI draft",
                "ordering": ["product_id", "-quarter_end", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quarter_end__isnull", True),
                            ("quarter_end__range", (datetime.date(1900, 1, 1), datetime.date(2200, 12, 31))),
                            _connector="OR",
                        ),
                        name="kpi_draft_dates_within_reason",
                        violation_error_message="Dates lie between the years 1900 and 2200.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("discarded_at__isnull", True), ("submission__isnull", True)),
                        fields=("product", "organisation", "quarter_end"),
                        name="kpi_draft_one_open_per_quarter",
                    ),
                ],
            },
        ),
    ]
