"""Results that their firm sees before they are published, and the settings of the program."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PROTECT = """
CREATE FUNCTION ratings_record_protect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was published and what was set is kept for ever: it cannot be changed or deleted.';
END $$;
CREATE TRIGGER publication_is_append_only BEFORE UPDATE OR DELETE ON ratings_publication
FOR EACH STATEMENT EXECUTE FUNCTION ratings_record_protect();
CREATE TRIGGER setting_change_is_append_only BEFORE UPDATE OR DELETE ON ratings_settingchange
FOR EACH STATEMENT EXECUTE FUNCTION ratings_record_protect();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0010_disclosure_grant"),
        ("ratings", "0005_review_request"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Preview",
            fields=[
                (
                    "product",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="preview",
                        serialize=False,
                        to="products.product",
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(
                        db_index=True, help_text="The first change that was not published; later ones do not move it."
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                (
                    "snapshot",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="publication",
                        serialize=False,
                        to="ratings.ratingsnapshot",
                    ),
                ),
                ("published_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddField(
            model_name="ratingsnapshot",
            name="held",
            field=models.BooleanField(
                db_default=False,
                help_text="Not published when it was computed; where it was later, a Publication says when.",
            ),
        ),
        migrations.CreateModel(
            name="SettingChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("value", models.IntegerField()),
                ("value_before", models.IntegerField()),
                ("reason", models.CharField(max_length=500)),
                ("changed_at", models.DateTimeField(auto_now_add=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-changed_at", "-id"],
                "constraints": [models.UniqueConstraint(fields=("name", "version"), name="setting_change_in_order")],
            },
        ),
        migrations.RunSQL([PROTECT], reverse_sql="DROP FUNCTION ratings_record_protect() CASCADE"),
    ]
