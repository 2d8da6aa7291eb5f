from django.apps import AppConfig


class RatingsConfig(AppConfig):
    name = "ratings"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from qmm.services import validity
        from ratings import checks, kick, triggers  # noqa: F401
        from ratings.scoring import available_versions, load_methodology

        post_migrate.connect(triggers.sync_after_migrate, sender=self)
        kick.connect()
        validity.register(lambda: load_methodology(available_versions()[-1]).qmm.valid_months)
