import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ONLY_RETIRED = """
CREATE FUNCTION qmm_rubric_protect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' AND TG_OP = 'UPDATE' THEN
        RETURN NEW;
    ELSIF OLD.state = 'draft' THEN
        RETURN OLD;
    ELSIF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'retired'
            AND to_jsonb(NEW) - '{state,retired_at}'::text[] = to_jsonb(OLD) - '{state,retired_at}'::text[] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A published or discarded rubric is kept as it is: begin a draft and publish it as a new version.';
END $$;
CREATE TRIGGER rubric_is_only_retired BEFORE UPDATE OR DELETE ON qmm_rubric
FOR EACH ROW EXECUTE FUNCTION qmm_rubric_protect();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("qmm", "0003_reported_by"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Rubric",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "version",
                    models.CharField(
                        blank=True,
                        help_text="Year and number; given by publication.",
                        max_length=10,
                        null=True,
                        unique=True,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("published", "In force"),
                            ("retired", "Retired"),
                            ("discarded", "Discarded"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "texts",
                    models.JSONField(default=dict, help_text="Element code -> field -> text (qmm/rubric/fields.py)."),
                ),
                (
                    "removed",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=4),
                        blank=True,
                        default=list,
                        help_text="Codes of elements that publication leaves out; their texts stay in the draft.",
                        size=None,
                    ),
                ),
                (
                    "edits",
                    models.JSONField(default=dict, help_text="Key of a text -> {by, name, at} of its last change."),
                ),
                ("revision", models.PositiveIntegerField(default=1, help_text="Grows with every change of a draft.")),
                ("note", models.TextField(blank=True, help_text="What changed, and why.", max_length=2000)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "based_on",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followers",
                        to="qmm.rubric",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-published_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "draft")), fields=("state",), name="rubric_one_draft"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "published")), fields=("state",), name="rubric_one_in_force"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("published_at__isnull", False),
                                ("state__in", ["published", "retired"]),
                                ("version__isnull", False),
                            ),
                            models.Q(
                                ("published_at__isnull", True),
                                ("state__in", ["draft", "discarded"]),
                                ("version__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="rubric_published_has_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at__isnull", False), ("state", "retired")),
                            models.Q(models.Q(("state", "retired"), _negated=True), ("retired_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="rubric_retired_has_time",
                    ),
                ],
            },
        ),
        migrations.RunSQL([ONLY_RETIRED], reverse_sql="DROP FUNCTION qmm_rubric_protect() CASCADE"),
    ]
