"""The log, the matches and the targets of the person who is signed in, and what colleagues let them read."""

from django.urls import include, path

from accomplishments.views import entry_form, files, imports, log, match, people, record, targets, verifications

app_name = "accomplishments"
entry = [
    path("", log.entry, name="entry"),
    path("edit/", entry_form.edit, name="edit"),
    path("history/", log.entry_history, name="entry_history"),
    path("ask/", verifications.ask, name="ask"),
    path("ask/<uuid:batch>/withdraw/", verifications.withdraw, name="withdraw"),
    path("archive/", log.archive, name="archive"),
    path("unarchive/", log.unarchive, name="unarchive"),
    path("delete/", log.delete, name="delete"),
    path("undelete/", log.undelete, name="undelete"),
    path("files/", files.add_file, name="add_file"),
    path("files/<int:file>/", files.file, name="file"),
    path("files/<int:file>/remove/", files.remove_file, name="remove_file"),
]
role = [
    path("", match.match, name="match"),
    path("receipt.json", match.receipt, name="receipt"),
    path("not-applicable/", match.exempt, name="exempt"),
]
target = [
    path("unpin/", targets.unpin, name="unpin"),
    path("make_primary/", targets.make_primary, name="make_primary"),
    path("move_on/", targets.move_on, name="move_on"),
    path("stay/", targets.stay, name="stay"),
]
urlpatterns = [
    path("log/", log.log, name="log"),
    path("log/quick/", log.quick_add, name="quick_add"),
    path("log/new/", entry_form.new, name="new"),
    path("log/autosave/", entry_form.autosave, name="autosave"),
    path("log/import/", imports.imports, name="imports"),
    path("log/import/template.csv", imports.import_template, name="import_template"),
    path("log/<int:pk>/", include(entry)),
    path("verify/", verifications.inbox, name="inbox"),
    path("verify/<uuid:batch>/", verifications.respond, name="respond"),
    path("verify/dispute/<int:pk>/", verifications.resolve, name="resolve"),
    path("outside/thanks/", verifications.thanks, name="thanks"),
    path("outside/<str:signed>/", verifications.outside, name="outside"),
    path("match/", match.fit, name="fit"),
    path("match/<slug:family>/<slug:specialty>/<slug:level>/", include(role)),
    path("targets/", targets.targets, name="targets"),
    path("targets/pin/", targets.pin, name="pin"),
    path("targets/<int:pk>/", include(target)),
    path("record/role/", record.current_role, name="current_role"),
    path("record/views/", people.views, name="views"),
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", people.person, name="person"),
]
