from django.apps import AppConfig


class RatingsConfig(AppConfig):
    name = "ratings"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from ratings import checks, kick, triggers  # noqa: F401

        post_migrate.connect(triggers.sync_after_migrate, sender=self)
        kick.connect()
