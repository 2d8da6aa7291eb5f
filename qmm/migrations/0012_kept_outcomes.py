from django.db import migrations

KEPT = """
CREATE FUNCTION qmm_outcome_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END $$;

-- The version of the rubric and the outcome are a case's own for ever; which establishment it is of, a merge says.
CREATE TRIGGER case_is_kept BEFORE UPDATE ON qmm_assessmentcase FOR EACH ROW WHEN (
    OLD.rubric_id IS NOT NULL AND NEW.rubric_id IS DISTINCT FROM OLD.rubric_id
    OR OLD.assessment_id IS NOT NULL AND NEW.assessment_id IS DISTINCT FROM OLD.assessment_id
) EXECUTE FUNCTION qmm_outcome_keep('A case keeps its version of the rubric and its outcome for ever.');

CREATE FUNCTION qmm_outcome_protect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM qmm_assessmentcase WHERE assessment_id = OLD.id) THEN
        RAISE EXCEPTION 'The outcome of an assessment is never changed: void it with a reason.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER outcome_is_kept BEFORE UPDATE ON qmm_assessment FOR EACH ROW WHEN (
    ROW(NEW.completed_on, NEW.management_commitment, NEW.business_continuity, NEW.advanced_pqs,
        NEW.technical_excellence, NEW.employee_engagement)
    IS DISTINCT FROM ROW(OLD.completed_on, OLD.management_commitment, OLD.business_continuity, OLD.advanced_pqs,
        OLD.technical_excellence, OLD.employee_engagement)
) EXECUTE FUNCTION qmm_outcome_protect();

CREATE FUNCTION qmm_closed_protect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM qmm_assessmentcase WHERE id = OLD.case_id AND closed_on IS NOT NULL) THEN
        RAISE EXCEPTION 'The case is closed: what was agreed on and written in it is kept as it is.';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER consensus_is_kept BEFORE UPDATE OR DELETE ON qmm_consensusscore
FOR EACH ROW EXECUTE FUNCTION qmm_closed_protect();
CREATE TRIGGER sheet_is_kept BEFORE UPDATE OR DELETE ON qmm_casesheet
FOR EACH ROW WHEN (OLD.kind IN ('questionnaire', 'draft')) EXECUTE FUNCTION qmm_closed_protect();

CREATE TRIGGER comment_is_kept BEFORE UPDATE ON qmm_factcomment FOR EACH ROW WHEN (
    OLD.answered_at IS NOT NULL
    OR ROW(NEW.case_id, NEW.element, NEW.passage, NEW.text, NEW.by_id, NEW.at)
        IS DISTINCT FROM ROW(OLD.case_id, OLD.element, OLD.passage, OLD.text, OLD.by_id, OLD.at)
) EXECUTE FUNCTION qmm_outcome_keep('A comment and its answer are kept as they were written.');
CREATE TRIGGER comment_is_not_deleted BEFORE DELETE ON qmm_factcomment
FOR EACH ROW EXECUTE FUNCTION qmm_outcome_keep('A comment and its answer are kept as they were written.');
CREATE TRIGGER case_file_is_append_only BEFORE UPDATE OR DELETE ON qmm_casefile
FOR EACH ROW EXECUTE FUNCTION qmm_outcome_keep('The files of a case are kept.');

CREATE FUNCTION qmm_assignment_protect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM qmm_elementscore WHERE assignment_id = OLD.id) THEN
        RAISE EXCEPTION 'Levels stay with the assessor who gave them.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assignment_keeps_its_person BEFORE UPDATE ON qmm_caseassignment FOR EACH ROW
WHEN (ROW(NEW.case_id, NEW.membership_id) IS DISTINCT FROM ROW(OLD.case_id, OLD.membership_id))
EXECUTE FUNCTION qmm_assignment_protect();

CREATE TRIGGER calibration_sheet_is_kept BEFORE UPDATE OR DELETE ON qmm_calibrationsheet
FOR EACH ROW WHEN (OLD.submitted_at IS NOT NULL)
EXECUTE FUNCTION qmm_outcome_keep('A submitted sheet is kept as it is.');

CREATE FUNCTION qmm_record_not_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE is_filled boolean;
BEGIN
    -- A table without rows may be emptied with those that it points to.
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I)', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO is_filled;
    IF is_filled THEN
        RAISE EXCEPTION '% is kept for ever: it cannot be emptied.', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""
EMPTIED = """
CREATE TRIGGER record_is_not_truncated BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION qmm_record_not_truncated();
"""
TABLES = (
    "qmm_caseevent",
    "qmm_casefile",
    "qmm_casesheet",
    "qmm_conflictdeclaration",
    "qmm_consensusscore",
    "qmm_earlierentry",
    "qmm_elementscore",
    "qmm_establishmentmerge",
    "qmm_factcomment",
    "qmm_finding",
    "qmm_findingfile",
    "qmm_scorereopening",
    "qmm_sitegrant",
)
UNKEPT = "; ".join(
    f"DROP FUNCTION {name}() CASCADE"
    for name in (
        "qmm_outcome_keep",
        "qmm_outcome_protect",
        "qmm_closed_protect",
        "qmm_assignment_protect",
        "qmm_record_not_truncated",
    )
)


class Migration(migrations.Migration):
    """What a case came to, and what was written on the way, is kept by the database, whoever writes."""

    dependencies = [("qmm", "0011_imports_and_evidence")]

    operations = [
        migrations.RunSQL([KEPT, *(EMPTIED.format(table=table) for table in TABLES)], reverse_sql=UNKEPT),
    ]
