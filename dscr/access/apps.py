from django.apps import AppConfig
from django.core.checks import register


class AccessConfig(AppConfig):
    name = "dscr.access"
    label = "access"
    verbose_name = "Access"

    def ready(self) -> None:
        from dscr.access import signals  # noqa: F401  listens once imported
        from dscr.access.checks import url_rules_complete

        register(url_rules_complete)
