"""HR admins look after people: who they are, who comes and who leaves. What they may not is said in `people.admin`."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MAY = (
    *("view_user", "change_user", "add_user", "view_team"),
    *("view_invitation", "add_invitation", "delete_invitation"),
)


def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    config = apps.get_app_config("people")  # as before: Django makes permissions after all migrations only
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = None
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name="HR admins")
    permissions = apps.get_model("auth", "Permission").objects
    group.permissions.add(*permissions.filter(content_type__app_label="people", codename__in=MAY))


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0003_ladder_editors"),
        ("people", "0004_invitation"),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
