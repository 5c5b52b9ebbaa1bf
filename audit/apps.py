from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import listeners  # noqa: PLC0415  Django's own place for it: models are there only now

        listeners.connect()
