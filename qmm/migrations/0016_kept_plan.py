from django.db import migrations

# Log lines and files were kept already; the actions they belong to and the plan that was sent were not.
KEPT = """
CREATE TRIGGER action_is_kept BEFORE UPDATE ON qmm_improvementaction FOR EACH ROW WHEN (
    ROW(NEW.plan_id, NEW.number, NEW.element, NEW.finding_id, NEW.what, NEW.target, NEW.form, NEW.added_at,
        NEW.added_by_id)
    IS DISTINCT FROM ROW(OLD.plan_id, OLD.number, OLD.element, OLD.finding_id, OLD.what, OLD.target, OLD.form,
        OLD.added_at, OLD.added_by_id)
) EXECUTE FUNCTION qmm_outcome_keep('What an action of a plan says is kept as it was sent.');
CREATE TRIGGER action_is_not_deleted BEFORE DELETE ON qmm_improvementaction
FOR EACH ROW EXECUTE FUNCTION qmm_outcome_keep('What an action of a plan says is kept as it was sent.');

CREATE TRIGGER plan_is_kept BEFORE UPDATE ON qmm_improvementplan FOR EACH ROW WHEN (
    OLD.sent_at IS NOT NULL AND
    ROW(NEW.case_id, NEW.texts, NEW.edits, NEW.left_out, NEW.no_action, NEW.sent_at, NEW.sent_by_id)
    IS DISTINCT FROM ROW(OLD.case_id, OLD.texts, OLD.edits, OLD.left_out, OLD.no_action, OLD.sent_at, OLD.sent_by_id)
) EXECUTE FUNCTION qmm_outcome_keep('A plan that was sent is kept as it was.');
CREATE TRIGGER plan_is_not_deleted BEFORE DELETE ON qmm_improvementplan
FOR EACH ROW WHEN (OLD.sent_at IS NOT NULL) EXECUTE FUNCTION qmm_outcome_keep('A plan that was sent is kept as it was.');
"""
EMPTIED = """
CREATE TRIGGER record_is_not_truncated BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION qmm_record_not_truncated();
"""
TABLES = ("qmm_actionchange", "qmm_actionfile", "qmm_improvementaction", "qmm_improvementplan")
UNKEPT = [
    "DROP TRIGGER action_is_kept ON qmm_improvementaction; DROP TRIGGER action_is_not_deleted ON qmm_improvementaction",
    "DROP TRIGGER plan_is_kept ON qmm_improvementplan; DROP TRIGGER plan_is_not_deleted ON qmm_improvementplan",
    *(f"DROP TRIGGER record_is_not_truncated ON {table}" for table in TABLES),
]


class Migration(migrations.Migration):
    """A plan that was sent, and what its actions say, is kept by the database, whoever writes."""

    dependencies = [("qmm", "0015_public_agreement_in_fives")]

    operations = [
        migrations.RunSQL([KEPT, *(EMPTIED.format(table=table) for table in TABLES)], reverse_sql=UNKEPT),
    ]
