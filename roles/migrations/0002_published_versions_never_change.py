"""A published role version never changes: the database itself refuses, whoever asks."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

VERSIONS = "roles_roleversion"
ROWS = ("roles_sentence", "roles_requirement", "roles_move", "roles_searchterm")
REFUSAL = "a published role version never changes"


def _sqlite() -> list[str]:
    made = [
        f"""CREATE TRIGGER {VERSIONS}_frozen_{event.lower()} BEFORE {event} ON {VERSIONS}
        WHEN OLD.state = 'published' BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""
        for event in ("UPDATE", "DELETE")
    ]
    for table in ROWS:
        for event, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
            ids = ", ".join(f"{row}.version_id" for row in rows)
            made.append(
                f"""CREATE TRIGGER {table}_frozen_{event.lower()} BEFORE {event} ON {table}
                WHEN EXISTS (SELECT 1 FROM {VERSIONS} WHERE id IN ({ids}) AND state = 'published')
                BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""  # noqa: S608  our own table names
            )
    return made


def _postgresql() -> list[str]:
    made = [
        f"""CREATE FUNCTION role_version_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.state = 'published' THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = '23514'; END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END $$""",
        f"""CREATE FUNCTION role_rows_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE frozen boolean;
        BEGIN
            IF TG_OP <> 'INSERT' THEN
                SELECT state = 'published' INTO frozen FROM {VERSIONS} WHERE id = OLD.version_id;
                IF frozen THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = '23514'; END IF;
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            SELECT state = 'published' INTO frozen FROM {VERSIONS} WHERE id = NEW.version_id;
            IF frozen THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = '23514'; END IF;
            RETURN NEW;
        END $$""",  # noqa: S608  our own table names
        f"""CREATE TRIGGER {VERSIONS}_frozen BEFORE UPDATE OR DELETE ON {VERSIONS}
        FOR EACH ROW EXECUTE FUNCTION role_version_frozen()""",
    ]
    made += [
        f"""CREATE TRIGGER {table}_frozen BEFORE INSERT OR UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION role_rows_frozen()"""
        for table in ROWS
    ]
    return made


def forwards(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in {"sqlite": _sqlite, "postgresql": _postgresql}[schema_editor.connection.vendor]():
        schema_editor.execute(statement, params=None)


def backwards(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION role_version_frozen() CASCADE")
        schema_editor.execute("DROP FUNCTION role_rows_frozen() CASCADE")
        return
    for event in ("update", "delete"):
        schema_editor.execute(f"DROP TRIGGER {VERSIONS}_frozen_{event}")
    for table in ROWS:
        for event in ("insert", "update", "delete"):
            schema_editor.execute(f"DROP TRIGGER {table}_frozen_{event}")


class Migration(migrations.Migration):
    dependencies = [("roles", "0001_initial")]

    operations = [migrations.RunPython(forwards, backwards)]
