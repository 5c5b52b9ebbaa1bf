from django.apps import AppConfig


class AccomplishmentsConfig(AppConfig):
    name = "accomplishments"
