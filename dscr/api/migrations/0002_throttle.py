"""The counters of requests. Unlogged: they survive no crash and cost no write-ahead log."""

from django.db import migrations

CREATE = """
CREATE UNLOGGED TABLE api_throttle (key text PRIMARY KEY, started bigint NOT NULL, used integer NOT NULL)
WITH (fillfactor = 50)
"""


class Migration(migrations.Migration):
    dependencies = [("api", "0001_tokens")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE api_throttle")]
