"""The catalogue's addresses: roles by family, specialty and level; competencies, whose pages show who needs them."""

from django.contrib.sitemaps.views import sitemap
from django.urls import include, path
from django.views.decorators.http import require_safe

from ladder.middleware import catalogue_page
from roles.sitemaps import CatalogueSitemap
from roles.views import catalogue

app_name = "roles"
role = [
    path("", catalogue.role, name="role"),
    path("job.json", catalogue.job_json, name="job_json"),
    path("history/", catalogue.history, name="history"),
    path("history/<int:number>/", catalogue.version, name="version"),
    path("difference/", catalogue.difference, name="difference"),
]
urlpatterns = [
    path("roles/", catalogue.roles, name="roles"),
    path("roles/compare/", catalogue.compare, name="compare"),
    path("roles/map/", catalogue.lattice, name="map"),
    path("roles/<slug:family>/", catalogue.family, name="family"),
    path("roles/<slug:family>/<slug:specialty>/", catalogue.ladder, name="ladder"),
    path("roles/<slug:family>/<slug:specialty>/<slug:level>.json", catalogue.role_json, name="role_json"),
    path("roles/<slug:family>/<slug:specialty>/<slug:level>/", include(role)),
    path("competencies/", catalogue.competencies, name="competencies"),
    path("competencies/<slug:slug>/", catalogue.competency, name="competency"),
    path(
        "sitemap.xml",
        catalogue_page(require_safe(sitemap)),
        {"sitemaps": {"catalogue": CatalogueSitemap}},
        name="sitemap",
    ),
]
