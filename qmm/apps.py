from django.apps import AppConfig


class QmmConfig(AppConfig):
    name = "qmm"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from qmm.services import first_calibration, first_rubric

        post_migrate.connect(first_rubric.publish_after_migrate, sender=self)
        post_migrate.connect(first_calibration.publish_after_migrate, sender=self)  # refers to the rubric
