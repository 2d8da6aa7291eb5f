from django.apps import AppConfig


class QmmConfig(AppConfig):
    name = "qmm"
