"""The WSGI entry that gunicorn serves."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dscr.settings")
application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # all pages, before the first request rather than with it
