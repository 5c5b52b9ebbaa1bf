"""The groups of those who work in the admin without being superusers: editors write roles, HR reads roles and people."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LADDER = {
    "competencies": ("area", "competency", "indicator", "proficiencylevel"),
    "roles": ("family", "specialty", "level", "role", "roleversion", "sentence", "requirement", "move"),
}
MAY = {
    "Ladder editors": {"add": LADDER, "change": LADDER, "delete": LADDER, "view": LADDER},
    "HR admins": {"view": {**LADDER, "people": ("user",)}},
}


def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for label in ("competencies", "roles", "people"):
        # Django makes permissions after all migrations have run; this one needs its own already.
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
        config.models_module = None
    permissions = apps.get_model("auth", "Permission").objects
    for name, actions in MAY.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        for action, labels in actions.items():
            for label, models in labels.items():
                codenames = [f"{action}_{model}" for model in models]
                group.permissions.add(*permissions.filter(content_type__app_label=label, codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0002_published_versions_never_change"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
