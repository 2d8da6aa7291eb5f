from django.db import migrations

KEPT = """
CREATE FUNCTION ratings_record_not_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE is_filled boolean;
BEGIN
    -- A table without rows may be emptied with those that it points to.
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I)', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO is_filled;
    IF is_filled THEN
        RAISE EXCEPTION '% is kept for ever: it cannot be emptied.', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER publication_is_not_truncated BEFORE TRUNCATE ON ratings_publication
FOR EACH STATEMENT EXECUTE FUNCTION ratings_record_not_truncated();
CREATE TRIGGER setting_change_is_not_truncated BEFORE TRUNCATE ON ratings_settingchange
FOR EACH STATEMENT EXECUTE FUNCTION ratings_record_not_truncated();
CREATE TRIGGER review_is_not_truncated BEFORE TRUNCATE ON ratings_reviewrequest
FOR EACH STATEMENT EXECUTE FUNCTION ratings_record_not_truncated();
CREATE TRIGGER review_message_is_not_truncated BEFORE TRUNCATE ON ratings_reviewmessage
FOR EACH STATEMENT EXECUTE FUNCTION ratings_record_not_truncated();
CREATE TRIGGER review_file_is_not_truncated BEFORE TRUNCATE ON ratings_reviewfile
FOR EACH STATEMENT EXECUTE FUNCTION ratings_record_not_truncated();
CREATE TRIGGER review_notice_is_not_truncated BEFORE TRUNCATE ON ratings_reviewnotice
FOR EACH STATEMENT EXECUTE FUNCTION ratings_record_not_truncated();
"""
# The rows are locked as they are read: a decision that is not committed yet is waited for.
THREAD = """
CREATE FUNCTION ratings_review_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed timestamptz;
BEGIN
    IF TG_TABLE_NAME = 'ratings_reviewfile' THEN
        SELECT r.closed_at INTO closed FROM ratings_reviewrequest r
        JOIN ratings_reviewmessage m ON m.request_id = r.id WHERE m.id = NEW.message_id FOR SHARE OF r;
    ELSE
        SELECT r.closed_at INTO closed FROM ratings_reviewrequest r WHERE r.id = NEW.request_id FOR SHARE;
    END IF;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'The request for review is closed: nothing more comes into its thread.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_message_while_open BEFORE INSERT ON ratings_reviewmessage
FOR EACH ROW EXECUTE FUNCTION ratings_review_open();
CREATE TRIGGER review_file_while_open BEFORE INSERT ON ratings_reviewfile
FOR EACH ROW EXECUTE FUNCTION ratings_review_open();

CREATE FUNCTION ratings_review_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'submitted' THEN
            RAISE EXCEPTION 'A request for review begins as submitted.';
        END IF;
        RETURN NEW;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('submitted', 'in_review'), ('submitted', 'withdrawn'), ('in_review', 'more_asked'), ('in_review', 'decided'),
        ('in_review', 'withdrawn'), ('more_asked', 'in_review'), ('more_asked', 'decided'), ('more_asked', 'withdrawn')
    ) THEN
        RAISE EXCEPTION 'A request for review does not go from % to %.', OLD.state, NEW.state;
    END IF;
    IF NEW.taken_by_id IS NULL AND NEW.state <> 'withdrawn' THEN
        RAISE EXCEPTION 'Nobody has taken the request into review.';
    END IF;
    IF NEW.closed_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM ratings_reviewmessage m WHERE m.request_id = NEW.id AND m.written_at = NEW.closed_at
            AND m.author_id = NEW.closed_by_id AND m.event = CASE NEW.state WHEN 'decided' THEN 'decide' ELSE 'withdraw' END
    ) THEN
        RAISE EXCEPTION 'A request for review is closed by a message in its thread.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_begins BEFORE INSERT ON ratings_reviewrequest
FOR EACH ROW EXECUTE FUNCTION ratings_review_move();
CREATE TRIGGER review_moves_by_rule BEFORE UPDATE ON ratings_reviewrequest
FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION ratings_review_move();
"""
UNKEPT = """
DROP FUNCTION ratings_record_not_truncated() CASCADE;
DROP FUNCTION ratings_review_open() CASCADE;
DROP FUNCTION ratings_review_move() CASCADE;
"""


class Migration(migrations.Migration):
    """Nothing that is kept can be emptied, and a thread follows ratings/reviews/rules.py also where SQL writes it."""

    dependencies = [("ratings", "0006_preview")]

    operations = [migrations.RunSQL([KEPT, THREAD], reverse_sql=UNKEPT)]
