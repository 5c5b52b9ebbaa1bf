"""Every address, a tree of nouns; the apps by name."""

from django.contrib import admin
from django.urls import include, path

from ladder import views

handler429 = "ladder.limits.too_often"
urlpatterns = [
    path("", include("dashboards.urls")),
    path("", include("roles.urls")),
    path("", include("accomplishments.urls")),
    path("", include("audit.urls")),
    path("", include("privacy.urls")),
    path("appearance/", views.appearance, name="appearance"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("health/", views.health, name="health"),
    path("accounts/", include("people.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
