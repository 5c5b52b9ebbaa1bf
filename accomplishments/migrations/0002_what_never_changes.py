"""The first scoring policy; and the database refuses to change a policy or a line of an entry's history."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

POLICIES, EVENTS = "accomplishments_scoringpolicy", "accomplishments_event"
# An event goes with its entry, so only its change is refused.
FROZEN = (
    (POLICIES, ("UPDATE", "DELETE"), "a scoring policy never changes"),
    (EVENTS, ("UPDATE",), "the history of an entry never changes"),
)
# `by` becomes empty when that account is erased; nothing else of an event may change.
UNLESS = {EVENTS: "NOT (NEW.by_id IS NULL AND NEW.happened = OLD.happened AND NEW.at = OLD.at "
                  "AND NEW.content = OLD.content AND NEW.accomplishment_id = OLD.accomplishment_id)"}


def first_policy(apps, schema_editor):
    policy = apps.get_model("accomplishments", "ScoringPolicy")
    policy.objects.create(version=1, reason="The policy that Ladder starts with.")


def no_policy(apps, schema_editor):
    apps.get_model("accomplishments", "ScoringPolicy").objects.all().delete()


def freeze(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table, events, refusal in FROZEN:
        when = UNLESS.get(table, "")
        for event in events:
            name = f"{table}_frozen_{event.lower()}"
            if schema_editor.connection.vendor == "sqlite":
                schema_editor.execute(
                    f"CREATE TRIGGER {name} BEFORE {event} ON {table} {'WHEN ' + when if when else ''} "
                    f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
                    params=None,
                )
                continue
            # jsonb compares by value, json can't be compared
            schema_editor.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{refusal}' USING ERRCODE = '23514'; END $$",
                params=None,
            )
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
                f"{'WHEN (' + when + ')' if when else ''} EXECUTE FUNCTION {name}()",
                params=None,
            )


def thaw(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table, events, _ in FROZEN:
        for event in events:
            name = f"{table}_frozen_{event.lower()}"
            if schema_editor.connection.vendor == "sqlite":
                schema_editor.execute(f"DROP TRIGGER {name}")
            else:
                schema_editor.execute(f"DROP FUNCTION {name}() CASCADE")


class Migration(migrations.Migration):
    dependencies = [("accomplishments", "0001_initial")]

    operations = [migrations.RunPython(first_policy, no_policy), migrations.RunPython(freeze, thaw)]
