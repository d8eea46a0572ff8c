"""Superset's configuration in the local runtime.

Everything secret comes from the file named in HYBRID_SUPERSET_SETTINGS, which only its owner can read; `hybrid local up`
writes it. What is not set here is Superset's default: CSRF protection and Talisman are on, unsafe databases are refused.
"""

import json
import logging
import os

with open(os.environ["HYBRID_SUPERSET_SETTINGS"], encoding="utf-8") as _file:
    _settings = json.load(_file)

SECRET_KEY = _settings["secret_key"]
SQLALCHEMY_DATABASE_URI = _settings["metadata_uri"]
# A connection may have died with a restarted PostgreSQL: look before use.
SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": True}

# Embedding: guests get what the role Gamma may see, and of that only the dashboard of their token.
FEATURE_FLAGS = {"EMBEDDED_SUPERSET": True, "ENABLE_TEMPLATE_PROCESSING": True}
GUEST_ROLE_NAME = "Gamma"
GUEST_TOKEN_JWT_SECRET = _settings["guest_token_secret"]
FAB_API_KEY_ENABLED = True

# Two local environments are two ports of one host, and cookies do not tell ports apart.
SESSION_COOKIE_NAME = "superset_" + _settings["environment"]

LOG_LEVEL = logging.WARNING
ALEMBIC_SKIP_LOG_CONFIG = True
logging.getLogger("alembic").setLevel(logging.WARNING)
# No Redis on one machine: counters and caches in memory or in the metadata database are right here, and warned about.
for _name in ("flask_limiter", "flask_caching", "py.warnings", "superset.config", "superset.initialization"):
    logging.getLogger(_name).setLevel(logging.ERROR)
RATELIMIT_STORAGE_URI = "memory://"
# One machine, a handful of people: nothing is sent anywhere, no usage pixel is loaded.
CONTENT_SECURITY_POLICY_WARNING = False
