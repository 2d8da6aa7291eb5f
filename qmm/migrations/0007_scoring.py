import uuid

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT = """
-- Whether a text is another one with something written into it at one place: then nothing of that one is lost.
CREATE FUNCTION qmm_is_written_on(before text, after text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE low int := 0; high int := length(before); middle int;
BEGIN
    IF length(after) < high THEN RETURN false; END IF;
    WHILE low < high LOOP
        middle := (low + high + 1) / 2;
        IF left(before, middle) = left(after, middle) THEN low := middle; ELSE high := middle - 1; END IF;
    END LOOP;
    RETURN right(after, length(before) - low) = right(before, length(before) - low);
END $$;

CREATE FUNCTION qmm_refuse_after_finishing(assignment bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE finished timestamptz;
BEGIN
    SELECT finished_at INTO finished FROM qmm_caseassignment WHERE id = assignment FOR SHARE;
    IF finished IS NOT NULL THEN
        RAISE EXCEPTION 'The assessor has finished: what was given is kept for ever as it was.';
    END IF;
END $$;

CREATE FUNCTION qmm_score_protect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM qmm_refuse_after_finishing(OLD.assignment_id);
    IF ROW(NEW.assignment_id, NEW.element) IS DISTINCT FROM ROW(OLD.assignment_id, OLD.element) THEN
        RAISE EXCEPTION 'A level stays with its assessor and its element.';
    END IF;
    IF OLD.level IS NOT NULL AND NEW.level IS DISTINCT FROM OLD.level
        OR NOT qmm_is_written_on(OLD.notes, NEW.notes)
    THEN
        INSERT INTO qmm_earlierentry (score_id, version, entry, kept_at) VALUES
            (OLD.id, OLD.version, jsonb_build_object('level', OLD.level, 'notes', OLD.notes), now());
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER score_is_protected BEFORE UPDATE ON qmm_elementscore
FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION qmm_score_protect();

CREATE FUNCTION qmm_finding_protect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM qmm_refuse_after_finishing(OLD.assignment_id);
    IF ROW(NEW.assignment_id, NEW.element, NEW.form) IS DISTINCT FROM ROW(OLD.assignment_id, OLD.element, OLD.form) THEN
        RAISE EXCEPTION 'A finding stays with its assessor and its element.';
    END IF;
    INSERT INTO qmm_earlierentry (finding_id, version, entry, kept_at) VALUES (OLD.id, OLD.version,
        jsonb_build_object('kind', OLD.kind, 'text', OLD.text, 'evidence', OLD.evidence, 'removed', OLD.removed_at),
        now());
    RETURN NEW;
END $$;
CREATE TRIGGER finding_is_protected BEFORE UPDATE ON qmm_finding
FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION qmm_finding_protect();

CREATE FUNCTION qmm_finish_protect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.finished_at IS NOT NULL OR NOT EXISTS (
        SELECT FROM qmm_scorereopening WHERE assignment_id = OLD.id AND finished_at = OLD.finished_at
    ) THEN
        RAISE EXCEPTION 'When an assessor finished is never changed; it is reopened with a recorded reason.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER finish_is_protected BEFORE UPDATE ON qmm_caseassignment FOR EACH ROW
WHEN (OLD.finished_at IS NOT NULL AND NEW.finished_at IS DISTINCT FROM OLD.finished_at)
EXECUTE FUNCTION qmm_finish_protect();

CREATE FUNCTION qmm_score_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What an assessor gave is kept for ever: it cannot be deleted, nor its history changed.';
END $$;
CREATE TRIGGER score_is_kept BEFORE DELETE ON qmm_elementscore
FOR EACH ROW EXECUTE FUNCTION qmm_score_keep();
CREATE TRIGGER finding_is_kept BEFORE DELETE ON qmm_finding
FOR EACH ROW EXECUTE FUNCTION qmm_score_keep();
CREATE TRIGGER finding_file_is_append_only BEFORE UPDATE OR DELETE ON qmm_findingfile
FOR EACH ROW EXECUTE FUNCTION qmm_score_keep();
CREATE TRIGGER earlier_is_append_only BEFORE UPDATE OR DELETE ON qmm_earlierentry
FOR EACH ROW EXECUTE FUNCTION qmm_score_keep();
CREATE TRIGGER reopening_is_append_only BEFORE UPDATE OR DELETE ON qmm_scorereopening
FOR EACH ROW EXECUTE FUNCTION qmm_score_keep();
"""
UNKEPT = """
DROP FUNCTION qmm_score_protect() CASCADE; DROP FUNCTION qmm_finding_protect() CASCADE;
DROP FUNCTION qmm_finish_protect() CASCADE; DROP FUNCTION qmm_score_keep() CASCADE;
DROP FUNCTION qmm_refuse_after_finishing(bigint); DROP FUNCTION qmm_is_written_on(text, text)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("qmm", "0006_course"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="consensusscore",
            name="level",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Empty while only the reason is written.",
                null=True,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)],
            ),
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("element", models.CharField(help_text="Code in the case's version of the rubric.", max_length=4)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("strength", "Strength"),
                            ("opportunity", "Opportunity"),
                            ("critical_gap", "Critical gap"),
                        ],
                        max_length=12,
                    ),
                ),
                ("text", models.TextField(max_length=5000)),
                (
                    "evidence",
                    models.TextField(blank=True, help_text="Documents, records, interviews.", max_length=1000),
                ),
                (
                    "form",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="Of the form it was sent by: sent twice, it is one finding."
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="qmm.caseassignment"
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="EarlierEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("entry", models.JSONField(help_text="level, notes; or kind, text, evidence, removed.")),
                ("kept_at", models.DateTimeField()),
                (
                    "score",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="earlier",
                        to="qmm.elementscore",
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="earlier",
                        to="qmm.finding",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "earlier entries",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="FindingFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="As it was given, made harmless.", max_length=150)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pdf", "PDF"),
                            ("png", "PNG picture"),
                            ("jpeg", "JPEG picture"),
                            ("xlsx", "Excel workbook"),
                            ("docx", "Word document"),
                            ("csv", "CSV"),
                            ("txt", "text"),
                        ],
                        max_length=5,
                    ),
                ),
                ("stored_name", models.CharField(help_text="Within the private folder.", max_length=100, unique=True)),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("size", models.PositiveBigIntegerField(help_text="Bytes.")),
                ("given_at", models.DateTimeField(auto_now_add=True)),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="qmm.finding"
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a finding",
                "verbose_name_plural": "files of findings",
                "ordering": ["given_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ScoreReopening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("finished_at", models.DateTimeField(help_text="When the assessor had finished before.")),
                ("reason", models.TextField(max_length=2000)),
                ("reopened_at", models.DateTimeField(auto_now_add=True)),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reopenings", to="qmm.caseassignment"
                    ),
                ),
                (
                    "reopened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(fields=("assignment", "form"), name="finding_once"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["strength", "opportunity", "critical_gap"])), name="finding_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="earlierentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finding__isnull", True), ("score__isnull", False)),
                    models.Q(("finding__isnull", False), ("score__isnull", True)),
                    _connector="OR",
                ),
                name="earlier_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorereopening",
            constraint=models.UniqueConstraint(fields=("assignment", "finished_at"), name="reopening_once"),
        ),
        migrations.AddField(
            model_name="consensusscore",
            name="version",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RunSQL([KEPT], reverse_sql=UNKEPT),
    ]
