"""Every page of the catalogue that a search engine should know."""

from typing import ClassVar

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from roles.queries.snapshot import snapshot


class CatalogueSitemap(Sitemap):
    changefreq: ClassVar[str] = "weekly"

    def items(self) -> list[str]:
        catalogue = snapshot()
        ladders = [reverse("roles:ladder", args=path.split("/")) for path in catalogue.ladders]
        pages = [reverse("roles:roles"), reverse("roles:map"), reverse("roles:compare"), reverse("roles:competencies")]
        return [
            *pages,
            *ladders,
            *(card.url for card in catalogue.roles),
            *(one.url for one in catalogue.competencies.values()),
        ]

    def location(self, item: str) -> str:
        return item
