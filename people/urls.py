"""What people say of themselves; below `accounts/`, beside the pages of django-allauth."""

from django.urls import path

from people.views import profile

app_name = "people"
urlpatterns = [
    path("profile/", profile.profile, name="profile"),
]
