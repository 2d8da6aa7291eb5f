from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "dscr.access"
    label = "access"
    verbose_name = "Access"
