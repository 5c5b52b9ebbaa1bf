"""What is kept of you, taking it along, erasing it; and the link of people who left."""

from django.urls import include, path

from privacy import views

app_name = "privacy"
own = [
    path("", views.mine, name="mine"),
    path("kept/", views.kept, name="kept"),
    path("archive/", views.ask, name="ask"),
    path("archive/<uuid:token>.zip", views.archive, name="archive"),
    path("erase/", views.erase, name="erase"),
]
left = [
    path("", views.left, name="left"),
    path("<uuid:token>.zip", views.left_archive, name="left_archive"),
]
urlpatterns = [path("accounts/data/", include(own)), path("left/<str:signed>/", include(left))]
