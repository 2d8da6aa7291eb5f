from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "dscr.api"
    label = "api"
    verbose_name = "API"

    def ready(self) -> None:
        # schema tells drf-spectacular of our authentication, signals listens.
        from dscr.api import schema, signals  # noqa: F401  work once imported
