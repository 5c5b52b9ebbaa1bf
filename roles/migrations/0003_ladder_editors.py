"""The group of those who edit the ladder in the admin without being superusers."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MAY = {
    "competencies": ("area", "competency", "indicator", "proficiencylevel"),
    "roles": ("family", "specialty", "level", "role", "roleversion", "sentence", "requirement", "move"),
}


def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name="Ladder editors")
    for label, models in MAY.items():
        # Django makes permissions after all migrations have run; this one needs its own already.
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
        config.models_module = None
        group.permissions.add(
            *apps.get_model("auth", "Permission").objects.filter(
                content_type__app_label=label, content_type__model__in=models
            )
        )


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0002_published_versions_never_change"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
