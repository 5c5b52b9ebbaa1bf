"""A kind for single sign-on; what freezes the trail is taken off meanwhile."""

from importlib import import_module

from django.conf import settings
from django.db import migrations, models

frozen = import_module("audit.migrations.0002_append_only")


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0005_more_kinds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(frozen.thaw, frozen.freeze),
        migrations.RemoveConstraint(
            model_name='event',
            name='trail_kind_known',
        ),
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('signed-in', 'Signed in'), ('signed-out', 'Signed out'), ('sign-in-failed', 'Failed to sign in'), ('signed-up', 'Made an account'), ('password', 'Changed a password'), ('address', 'Changed an e-mail address'), ('sessions', 'Ended sessions'), ('single-sign-on', 'Changed single sign-on'), ('second-factor', 'Changed a second factor'), ('permissions', 'Changed permissions'), ('admin', 'Edited in the admin'), ('viewed', "Looked at somebody's record"), ('verified', "Asked for or gave a word on somebody's work"), ('closed', 'Closed or reopened an account'), ('exported', 'Took their data along'), ('erased', 'Erased somebody')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['signed-in', 'signed-out', 'sign-in-failed', 'signed-up', 'password', 'address', 'sessions', 'single-sign-on', 'second-factor', 'permissions', 'admin', 'viewed', 'verified', 'closed', 'exported', 'erased'])), name='trail_kind_known'),
        ),
        migrations.RunPython(frozen.freeze, frozen.thaw),
    ]
