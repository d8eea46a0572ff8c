#!/bin/sh
# Writes the settings file that superset_config.py reads from the container's environment, then runs one of
#   init    schema, roles, the administrator
#   serve   the server
set -eu
umask 077
python - <<'PYTHON'
import json
import os

names = ("environment", "secret_key", "guest_token_secret", "metadata_uri")
settings = {name: os.environ["SETTINGS_" + name.upper()] for name in names}
with open(os.environ["HYBRID_SUPERSET_SETTINGS"], "w", encoding="utf-8") as file:
    json.dump(settings, file)
PYTHON
unset SETTINGS_SECRET_KEY SETTINGS_GUEST_TOKEN_SECRET SETTINGS_METADATA_URI

case "$1" in
  init)
    python /app/docker/prepare_superset.py
    # Through Superset's own code instead of `superset fab create-admin`, which takes the password as an argument.
    exec python - <<'PYTHON'
import os

from superset.app import create_app

app = create_app()
with app.app_context():
    from superset import security_manager

    if security_manager.find_user(username="admin") is None:
        made = security_manager.add_user(
            "admin",
            "Local",
            "Admin",
            "admin@localhost.invalid",
            security_manager.find_role("Admin"),
            password=os.environ["SUPERSET_ADMIN_PASSWORD"],
        )
        if not made:
            raise SystemExit("the administrator was not created")
PYTHON
    ;;
  serve)
    exec gunicorn --bind 0.0.0.0:8088 --worker-class gthread --workers 2 --threads 4 --timeout 300 --log-level warning "superset.app:create_app()"
    ;;
  *)
    echo "usage: with-settings.sh init|serve" >&2
    exit 1
    ;;
esac
