"""The WSGI door that granian calls."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "joinedup_web.config.settings")
application = get_wsgi_application()
