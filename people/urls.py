"""What people say of themselves and want; below `accounts/`, beside the pages of django-allauth."""

from django.urls import path

from people.views import invitation, mail, profile

app_name = "people"
urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("mail/", mail.mail, name="mail"),
    path("mail/stop/<str:signed>/", mail.stop, name="stop"),
    path("invitation/<str:signed>/", invitation.invitation, name="invitation"),
]
