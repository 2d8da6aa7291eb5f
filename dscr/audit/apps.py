from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "dscr.audit"
    label = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created
        from django.db.models.signals import post_migrate

        from dscr.audit import actor, checks, signals, triggers  # noqa: F401

        post_migrate.connect(triggers.sync_after_migrate, sender=self)
        connection_created.connect(actor.tell_new_connection)
        signals.connect()
