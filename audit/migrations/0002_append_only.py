"""The database refuses to change or remove what stands in the trail; and the group of those who read it."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

REFUSAL = "the audit trail is only added to"
TABLE = "audit_event"
PEOPLE = ("by_id", "about_id")
# When an account is erased its row is let go of, and nothing else.
LETS_GO = "(NEW.by_id IS NULL OR NEW.by_id = OLD.by_id) AND (NEW.about_id IS NULL OR NEW.about_id = OLD.about_id)"


def freeze(apps, schema_editor):
    """All columns that there are, so that a later migration that takes this off and puts it on again misses none."""
    with schema_editor.connection.cursor() as cursor:
        described = schema_editor.connection.introspection.get_table_description(cursor, TABLE)
    columns = [one.name for one in described if one.name not in PEOPLE]
    if schema_editor.connection.vendor == "sqlite":
        same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in columns)
        for event, when in (("UPDATE", f"WHEN NOT ({LETS_GO} AND {same})"), ("DELETE", "")):
            schema_editor.execute(
                f"CREATE TRIGGER {TABLE}_frozen_{event.lower()} BEFORE {event} ON {TABLE} {when} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
                params=None,
            )
        return
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in columns)
    schema_editor.execute(
        f"CREATE FUNCTION {TABLE}_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = '23514'; END $$",
        params=None,
    )
    for event, when in (("UPDATE", f"WHEN (NOT ({LETS_GO} AND {same}))"), ("DELETE", "")):
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_frozen_{event.lower()} BEFORE {event} ON {TABLE} FOR EACH ROW {when} "
            f"EXECUTE FUNCTION {TABLE}_frozen()",
            params=None,
        )


def thaw(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for event in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER {TABLE}_frozen_{event}")
    else:
        schema_editor.execute(f"DROP FUNCTION {TABLE}_frozen() CASCADE")


def auditors(apps, schema_editor):
    config = apps.get_app_config("audit")
    config.models_module = True  # Django makes permissions after all migrations; this one needs its own already
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = None
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name="Auditors")
    group.permissions.add(apps.get_model("auth", "Permission").objects.get(codename="view_event", content_type__app_label="audit"))


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(freeze, thaw), migrations.RunPython(auditors, migrations.RunPython.noop)]
