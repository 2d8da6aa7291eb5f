from django.db import migrations

KEPT = """
CREATE FUNCTION products_attestation_protect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Who attested, what and when is never changed: void the row with a reason, or attest another.';
END $$;
CREATE TRIGGER attestation_is_kept BEFORE UPDATE ON products_kpisubmission FOR EACH ROW WHEN (
    OLD.attested_at IS NOT NULL AND (
        ROW(NEW.attestor_name, NEW.attestor_title, NEW.attestation, NEW.attested_by_id)
            IS DISTINCT FROM ROW(OLD.attestor_name, OLD.attestor_title, OLD.attestation, OLD.attested_by_id)
        -- What nobody signed may become a draft again.
        OR NEW.attested_at IS DISTINCT FROM OLD.attested_at AND (
            NEW.attested_at IS NOT NULL OR OLD.attested_by_id IS NOT NULL
            OR OLD.attestor_name <> '' OR OLD.attestation <> ''
        )
    )
) EXECUTE FUNCTION products_attestation_protect();
CREATE TRIGGER attestation_is_kept BEFORE UPDATE ON products_enrolment FOR EACH ROW WHEN (
    OLD.attestation <> '' AND ROW(NEW.attestation, NEW.attested_by_id)
        IS DISTINCT FROM ROW(OLD.attestation, OLD.attested_by_id)
) EXECUTE FUNCTION products_attestation_protect();

CREATE FUNCTION products_disclosure_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE is_filled boolean := true;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN  -- a table without rows may be emptied with those that it points to
        EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I)', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO is_filled;
    END IF;
    IF is_filled THEN
        RAISE EXCEPTION 'What was asked and what was disclosed is kept for ever: it cannot be deleted.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER grant_is_not_truncated BEFORE TRUNCATE ON products_disclosuregrant
FOR EACH STATEMENT EXECUTE FUNCTION products_disclosure_keep();
CREATE TRIGGER request_is_not_truncated BEFORE TRUNCATE ON products_disclosurerequest
FOR EACH STATEMENT EXECUTE FUNCTION products_disclosure_keep();
CREATE TRIGGER request_is_kept BEFORE DELETE ON products_disclosurerequest
FOR EACH ROW EXECUTE FUNCTION products_disclosure_keep();
"""
UNKEPT = "DROP FUNCTION products_attestation_protect() CASCADE; DROP FUNCTION products_disclosure_keep() CASCADE"


class Migration(migrations.Migration):
    """Attestations and requests for disclosure are kept. Figures may be corrected by SQL: each change is audited."""

    dependencies = [("products", "0014_product_name")]

    operations = [migrations.RunSQL([KEPT], reverse_sql=UNKEPT)]
