"""Brings the metadata database of HYBRID_SUPERSET_SETTINGS to this Superset's schema, with its roles and permissions.

The same as `superset db upgrade` followed by `superset init`, in one process: most of either is the start of Python.
"""

import flask_migrate

from superset.app import create_app

app = create_app()
with app.app_context():
    flask_migrate.upgrade()

# The roles of the application are filled from the views that were registered at its start: the tables must exist by then.
app = create_app()
with app.app_context():
    from superset import appbuilder, security_manager
    from superset.extensions import db

    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    db.session.commit()
