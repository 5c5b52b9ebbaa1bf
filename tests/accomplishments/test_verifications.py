"""Asking for a word and giving one: who may, what it does to the match, what goes out by mail."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accomplishments.choices import Answer, Void
from accomplishments.jobs import nightly
from accomplishments.models import OPEN_FOR, Accomplishment, Record, Verification
from accomplishments.queries.evidence import claims_of, policy_in_force, shape_of
from accomplishments.queries.verifications import LINKS, colleagues, question_behind
from accomplishments.scoring.matching import compare
from accomplishments.services import entries
from accomplishments.services.verifications import (
    Asked,
    Confidential,
    NotLogged,
    NotOpen,
    NotTheirs,
    NotWanted,
    Stated,
    answer,
    ask,
    expire,
    remind,
    resolve,
    withdraw,
)
from people.models import Team, User
from roles.shapes.gap import Need
from tests.conftest import texts, tree, words
from tests.factories.accomplishments import claim_of, entry, verified
from tests.factories.competencies import IndicatorFactory
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return UserFactory(name="Noor Haddad", email="noor@ladder.example")


@pytest.fixture
def made(owner: User) -> Accomplishment:
    return entry(person=owner, title="Cut the latency", situation="It was *slow*.", claims={"design": 2, "ops": 3})


@pytest.fixture
def sven() -> User:
    return UserFactory(name="Sven Lindqvist", email="sven@ladder.example")


def asking(made: Accomplishment, whom: Asked, **how: Any) -> list[Verification]:
    return ask(entry=made, claims=made.claims.all(), whom=whom, by=made.person, **how)


def client_of(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def match_of(person: User, need: int = 2) -> tuple[float, float]:
    shape = shape_of("a/b/l1", 1, [Need("design", need, "core")])
    found = compare(shape, claims_of(person.pk, timezone.localdate()), policy_in_force(), timezone.localdate())
    return float(found.match), float(found.verified)


# ── Asking ──────────────────────────────────────────────────────────────────


def test_ask_makes_one_question_a_claim_and_one_mail(made: Accomplishment, sven: User) -> None:
    before = Record.objects.get(pk=made.person_id).token
    rows = asking(made, Asked(verifier=sven), question="You reviewed it.")
    assert [(row.claim.competency.slug, row.name, row.answer, row.owner_id) for row in rows] == [
        ("design", "Sven Lindqvist", "", made.person_id),
        ("ops", "Sven Lindqvist", "", made.person_id),
    ]
    assert len({row.batch for row in rows}) == 1
    assert Record.objects.get(pk=made.person_id).token != before
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["sven@ladder.example"], "Noor Haddad asks: did you see this work?")
    for body in (letter.body, letter.alternatives[0][0]):
        for said in ("Cut the latency", "Design, level 2", "Ops, level 3", "You reviewed it.", "/verify/"):
            assert said in body


def test_colleague_without_a_name_is_called_by_as_much_of_the_address_as_fits(made: Accomplishment) -> None:
    nameless = UserFactory(name="", email=f"a@{'.'.join(['b' * 60] * 3)}.example")
    assert {row.name for row in asking(made, Asked(verifier=nameless))} == {nameless.email[:120]}


def test_ask_again_asks_only_what_was_not_asked(made: Accomplishment, sven: User) -> None:
    ask(entry=made, claims=[claim_of(made, "ops")], whom=Asked(verifier=sven), by=made.person)
    assert [row.claim.competency.slug for row in asking(made, Asked(verifier=sven))] == ["design"]
    assert asking(made, Asked(verifier=sven)) == []
    assert (Verification.objects.count(), len(mail.outbox)) == (2, 2)


def test_nobody_is_asked_about_their_own_work(made: Accomplishment, sven: User) -> None:
    for whom in (Asked(verifier=made.person), Asked(email="NOOR@ladder.example", name="N")):
        with pytest.raises(NotTheirs):
            asking(made, whom)
    with pytest.raises(NotTheirs):
        ask(entry=made, claims=made.claims.all(), whom=Asked(verifier=UserFactory()), by=sven)
    assert (Verification.objects.count(), len(mail.outbox)) == (0, 0)


def test_database_refuses_a_word_on_ones_own_work(made: Accomplishment, sven: User) -> None:
    (row, _) = asking(made, Asked(verifier=sven))
    for wrong in (
        {"verifier": made.person},
        {"email": "x@y.example"},
        {"part": "watched"},
        {"voided_at": timezone.now()},
        {"voided_for": Void.EXPIRED},
        {"reminders": 3},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Verification.objects.filter(pk=row.pk).update(**wrong)


def test_only_what_is_logged_can_be_asked_about(made: Accomplishment, sven: User) -> None:
    draft = entry(person=made.person, log=False, claims={"design": 1})
    with pytest.raises(NotLogged):
        asking(draft, Asked(verifier=sven))
    entries.archive(entry=made, by=made.person)
    with pytest.raises(NotLogged):
        asking(made, Asked(verifier=sven))


def test_claims_of_another_entry_are_not_asked_about(made: Accomplishment, sven: User) -> None:
    other = entry(claims={"design": 1})
    assert ask(entry=made, claims=other.claims.all(), whom=Asked(verifier=sven), by=made.person) == []


def test_mail_cannot_be_given_headers_by_a_name(made: Accomplishment, sven: User) -> None:
    User.objects.filter(pk=made.person_id).update(name="Noor\nBcc: all@ladder.example")
    asking(Accomplishment.objects.get(pk=made.pk), Asked(verifier=sven))
    (letter,) = mail.outbox
    assert letter.subject == "Noor Bcc: all@ladder.example asks: did you see this work?"
    assert list(letter.message().keys()).count("Bcc") == 0


# ── Answering ───────────────────────────────────────────────────────────────


def test_confirmation_raises_the_match_and_tells_the_owner(made: Accomplishment, sven: User) -> None:
    (design, ops) = asking(made, Asked(verifier=sven))
    assert match_of(made.person) == (0.5, 0.0)
    mail.outbox.clear()
    answer(
        batch=[design, ops],
        stated={design.pk: Stated(Answer.CONFIRMED), ops.pk: Stated(Answer.CONFIRMED_OTHER, 2, "led", "I saw it.")},
    )
    assert match_of(made.person) == (1.0, 1.0)
    ops.refresh_from_db()
    assert (ops.level, ops.part, ops.note, ops.as_manager) == (2, "led", "I saw it.", False)
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (
        ["noor@ladder.example"],
        "Sven Lindqvist answered about “Cut the latency”",
    )
    assert "Ops, claimed at 3: Confirmed at another level (2)" in letter.body


def test_manager_is_a_fact_of_the_day_of_the_answer(made: Accomplishment, sven: User) -> None:
    made.person.manager = sven
    made.person.save()
    verified(claim_of(made, "design"), by=sven)
    User.objects.filter(pk=made.person_id).update(manager=None)
    assert match_of(made.person) == (0.8, 0.8)


def test_revised_answer_is_a_new_row_and_the_old_one_stays(made: Accomplishment, sven: User) -> None:
    first = verified(claim_of(made, "design"), by=sven)
    answer(batch=[first], stated={first.pk: Stated(Answer.DISPUTED, note="It was mine.")})
    rows = Verification.objects.order_by("pk").values_list("answer", "note", "voided_for")
    assert list(rows) == [("confirmed", "", "revised"), ("disputed", "It was mine.", "")]
    assert match_of(made.person) == (0.0, 0.0)
    with pytest.raises(NotOpen):
        answer(batch=[first], stated={first.pk: Stated(Answer.CONFIRMED)})
    assert Verification.objects.count() == 2


def test_same_answer_sent_twice_is_one_answer_and_one_mail(made: Accomplishment, sven: User) -> None:
    asked = asking(made, Asked(verifier=sven))
    mail.outbox.clear()
    for note in ("We broke it up.", "We broke it up.", "We broke it up later."):
        answer(batch=asked, stated={one.pk: Stated(Answer.DISPUTED, note=note) for one in asked})
        asked = list(Verification.objects.standing().order_by("pk"))
    assert [row.note for row in Verification.objects.filter(claim=asked[0].claim).order_by("pk")] == [
        *("We broke it up.", "We broke it up later.")
    ]
    assert len(mail.outbox) == 2


def test_settled_dispute_that_is_stated_again_is_open_again(made: Accomplishment, sven: User) -> None:
    dispute = verified(claim_of(made, "design"), by=sven, says=Answer.DISPUTED, note="Not so.")
    resolve(verification=dispute, by=made.person, note="We talked.")
    answer(batch=[dispute], stated={dispute.pk: Stated(Answer.DISPUTED, note="Not so.")})
    assert [row.resolved_at for row in Verification.objects.standing()] == [None]


def test_answer_to_what_is_gone_changes_nothing(made: Accomplishment, sven: User) -> None:
    rows = asking(made, Asked(verifier=sven))
    withdraw(entry=made, batch=rows[0].batch)
    with pytest.raises(NotOpen):
        answer(batch=rows, stated={row.pk: Stated(Answer.CONFIRMED) for row in rows})
    assert set(Verification.objects.values_list("answer", "voided_for")) == {("", "withdrawn")}


def test_dispute_is_settled_by_the_owner_or_their_manager(made: Accomplishment, sven: User) -> None:
    manager = UserFactory()
    User.objects.filter(pk=made.person_id).update(manager=manager)
    row = verified(claim_of(made, "design"), by=sven, says=Answer.DISPUTED, note="No.")
    with pytest.raises(NotTheirs):
        resolve(verification=Verification.objects.get(pk=row.pk), by=sven, note="We talked.")
    assert match_of(made.person) == (0.0, 0.0)
    assert resolve(verification=Verification.objects.get(pk=row.pk), by=manager, note="We talked.") is True
    assert resolve(verification=Verification.objects.get(pk=row.pk), by=manager, note="We talked.") is False
    assert match_of(made.person) == (0.5, 0.0)


def test_settled_dispute_is_told_to_the_colleague_who_disputed(made: Accomplishment, sven: User) -> None:
    row = verified(claim_of(made, "design"), by=sven, says=Answer.DISPUTED, note="No.")
    mail.outbox.clear()
    resolve(verification=Verification.objects.get(pk=row.pk), by=made.person, note="We talked.")
    resolve(verification=Verification.objects.get(pk=row.pk), by=made.person, note="We talked.")
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["sven@ladder.example"], "The dispute about “Cut the latency” is settled")
    for body in (letter.body, letter.alternatives[0][0]):
        for said in (
            "Noor Haddad",
            "Cut the latency",
            "Design 2",
            "We talked.",
            f"http://127.0.0.1:8000/verify/{row.batch}/",
        ):
            assert said in body


def test_dispute_that_the_manager_settled_is_told_to_the_owner_too(made: Accomplishment, sven: User) -> None:
    manager = UserFactory(name="Mara")
    User.objects.filter(pk=made.person_id).update(manager=manager)
    row = verified(claim_of(made, "design"), by=sven, says=Answer.DISPUTED, note="No.")
    mail.outbox.clear()
    for note in ("It was both.", "It was neither."):
        resolve(verification=Verification.objects.get(pk=row.pk), by=manager, note=note)
    links = {letter.to[0]: letter for letter in mail.outbox}
    assert (len(mail.outbox), sorted(links)) == (2, ["noor@ladder.example", "sven@ladder.example"])
    letter = links["noor@ladder.example"]
    for body in (letter.body, letter.alternatives[0][0]):
        for said in ("Mara settled", "It was both.", "What Sven Lindqvist stated", f"8000/log/{made.pk}/"):
            assert said in body
        assert "answer anew" not in body


def test_dispute_that_is_stated_again_says_nothing_of_how_the_last_was_settled(
    made: Accomplishment, sven: User
) -> None:
    dispute = verified(claim_of(made, "design"), by=sven, says=Answer.DISPUTED, note="Not so.")
    resolve(verification=dispute, by=made.person, note="We talked.")
    again = Verification.objects.get(pk=dispute.pk)
    answer(batch=[again], stated={again.pk: Stated(Answer.DISPUTED, note="Not so.")})
    rows = Verification.objects.filter(claim=dispute.claim).order_by("pk")
    assert list(rows.values_list("resolved_by", "settled_note")) == [(made.person_id, "We talked."), (None, "")]


def test_settled_dispute_is_not_told_to_people_outside(made: Accomplishment) -> None:
    (row, _) = asking(made, Asked(email="ola@elsewhere.example", name="Ola"))
    answer(batch=[row], stated={row.pk: Stated(Answer.DISPUTED, note="No.")})
    mail.outbox.clear()
    assert resolve(verification=Verification.objects.get(pk=row.pk), by=made.person, note="We talked.") is True
    assert mail.outbox == []


# ── By the schedule ─────────────────────────────────────────────────────────


def test_reminders_go_out_on_day_7_and_day_21_and_never_again(made: Accomplishment, sven: User) -> None:
    asking(made, Asked(verifier=sven))
    mail.outbox.clear()
    start, reminded = timezone.now(), []
    for day in range(31):
        with time_machine.travel(start + timedelta(days=day, minutes=1), tick=False):
            for _ in range(2):
                reminded += [day] * remind()
    assert reminded == [7, 21]
    assert [letter.subject for letter in mail.outbox] == ["Reminder: Noor Haddad asks: did you see this work?"] * 2


def test_question_expires_after_thirty_days(made: Accomplishment, sven: User) -> None:
    (design, ops) = asking(made, Asked(verifier=sven))
    answer(batch=[ops], stated={ops.pk: Stated(Answer.CONFIRMED)})
    with time_machine.travel(timezone.now() + OPEN_FOR - timedelta(minutes=1), tick=False):
        assert expire() == 0
    with time_machine.travel(timezone.now() + OPEN_FOR + timedelta(minutes=1), tick=False):
        nightly()
        assert expire() == 0
    rows = Verification.objects.order_by("pk").values_list("pk", "voided_for")
    assert list(rows) == [(design.pk, "expired"), (ops.pk, "")]
    assert len(asking(made, Asked(verifier=sven))) == 1  # one may ask anew


def test_owner_is_told_once_of_all_that_ran_out(made: Accomplishment, sven: User) -> None:
    other = entry(person=made.person, title="Wrote the guide", claims={"design": 1})
    archived = entry(person=made.person, title="Put away", claims={"design": 1})
    (_, ops) = asking(made, Asked(verifier=sven))
    asking(made, Asked(email="ola@elsewhere.example", name="Ola"))
    asking(other, Asked(verifier=sven))
    asking(archived, Asked(verifier=sven))
    entries.archive(entry=archived, by=archived.person)
    answer(batch=[ops], stated={ops.pk: Stated(Answer.CONFIRMED)})
    asking(entry(claims={"design": 1}), Asked(verifier=sven))  # somebody else's
    mail.outbox.clear()
    with time_machine.travel(timezone.now() + OPEN_FOR + timedelta(minutes=1), tick=False):
        assert (expire(), expire()) == (6, 0)
    letters = {letter.to[0]: letter for letter in mail.outbox}
    assert len(mail.outbox) == len(letters) == 2
    letter = letters["noor@ladder.example"]
    assert letter.subject == "Nobody answered what you asked"
    said = letter.body.partition("\n-- \n")[0]
    links = [f"http://127.0.0.1:8000/log/{one.pk}/" for one in (other, made)]
    assert [line.strip() for line in said.split("\n") if line.startswith("  ")] == [
        *("Wrote the guide", "- Sven Lindqvist: Design 1", links[0]),
        *("Cut the latency", "- Sven Lindqvist: Design 2", "- Ola: Design 2, Ops 3", links[1]),
    ]
    for one in ("Wrote the guide", "Ola: Design 2, Ops 3", links[0], links[1]):
        assert one in letter.alternatives[0][0]


def test_nothing_ran_out_tells_nobody(made: Accomplishment, sven: User) -> None:
    asking(made, Asked(verifier=sven))
    mail.outbox.clear()
    nightly()
    assert mail.outbox == []


def test_archived_entry_reminds_nobody(made: Accomplishment, sven: User) -> None:
    asking(made, Asked(verifier=sven))
    entries.archive(entry=made, by=made.person)
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        assert remind() == 0


# ── Pages ───────────────────────────────────────────────────────────────────


def test_ask_page_offers_those_who_are_near_first_and_finds_others(made: Accomplishment) -> None:
    team = Team.objects.create(name="Quotes", slug="quotes")
    mate, manager, far = UserFactory(name="Zoe", team=team), UserFactory(name="Mara"), UserFactory(name="Far Away")
    UserFactory(name="Gone Away", is_active=False)
    User.objects.filter(pk=made.person_id).update(team=team, manager=manager)
    me = User.objects.get(pk=made.person_id)
    assert colleagues(me) == [manager, mate]
    assert colleagues(me, "away") == [far]
    verified(claim_of(made, "design"), by=far)
    assert colleagues(me) == [far, manager, mate]


def test_ask_page_asks_colleagues_and_people_outside(made: Accomplishment, sven: User) -> None:
    client = client_of(made.person)
    address = f"/log/{made.pk}/ask/"
    keys = [str(claim.pk) for claim in made.claims.all()]
    assert texts(tree(client.get(f"{address}?who=sven")), ".//fieldset[@id='colleagues']/div") == ["Sven Lindqvist"]
    response = client.post(
        address,
        {"claims": keys, "people": [sven.pk], "email": "ola@elsewhere.example", "name": "Ola", "question": "Hi"},
    )
    assert (response.status_code, response.headers["Location"]) == (302, f"/log/{made.pk}/")
    rows = Verification.objects.order_by("pk").values_list("verifier", "email", "name", "question")
    assert (
        list(rows) == [(sven.pk, "", "Sven Lindqvist", "Hi")] * 2 + [(None, "ola@elsewhere.example", "Ola", "Hi")] * 2
    )
    assert [letter.to for letter in mail.outbox] == [["sven@ladder.example"], ["ola@elsewhere.example"]]


def test_finding_colleagues_keeps_all_that_was_filled_in(made: Accomplishment, sven: User) -> None:
    chosen, address = UserFactory(name="Zoe"), f"/log/{made.pk}/ask/"
    client, ticked = client_of(made.person), str(claim_of(made, "ops").pk)
    filled = {"claims": [ticked], "people": [str(chosen.pk), "x"], "email": "not yet", "name": "Ola", "question": "Hi"}
    page = tree(client.post(address, filled | {"who": "sven", "find": "1"}))
    ticks = {box.get("value") for box in page.iterfind(".//form[@method='post']//input[@checked]")}
    assert ticks == {ticked, str(chosen.pk)}
    assert {name: page.find(f".//*[@id='id_{name}']").get("value") for name in ("who", "email", "name")} == {
        "who": "sven",
        "email": "not yet",
        "name": "Ola",
    }
    assert words(page.find(".//textarea")) == "Hi"
    assert texts(page, ".//fieldset[@id='colleagues']/div") == ["Zoe", "Sven Lindqvist"]
    assert (page.findall(".//ul[@class='errorlist']"), Verification.objects.count()) == ([], 0)
    headers = {"HX-Request": "true", "HX-Target": "colleagues"}
    found = tree(client.get(address, {"who": "sven", "people": [chosen.pk]}, headers=headers))
    assert [box.get("value") for box in found.iterfind(".//input[@checked]")] == [str(chosen.pk)]
    assert texts(found, ".//fieldset/div") == ["Zoe", "Sven Lindqvist"]


def test_only_claims_without_a_word_or_a_question_are_ticked_beforehand(owner: User, sven: User) -> None:
    made = entry(person=owner, claims={"confirmed": 1, "asked": 1, "disputed": 1, "new": 1})
    verified(claim_of(made, "confirmed"))
    verified(claim_of(made, "disputed"), says=Answer.DISPUTED, note="Not so.")
    ask(entry=made, claims=[claim_of(made, "asked")], whom=Asked(verifier=sven), by=owner)
    page = tree(client_of(owner).get(f"/log/{made.pk}/ask/"))
    ticks = [box.get("value") for box in page.iterfind(".//input[@name='claims'][@checked]")]
    assert ticks == [str(claim_of(made, name).pk) for name in ("disputed", "new")]


def test_entry_that_is_archived_while_one_asks_is_asked_about_by_nobody(made: Accomplishment) -> None:
    def archived_meanwhile(execute: Any, sql: str, *args: Any) -> Any:
        if "outbox_refusal" in sql:  # the form is being checked
            Accomplishment.objects.update(state="archived")
        return execute(sql, *args)

    data = {"claims": [claim_of(made, "ops").pk], "email": "ola@elsewhere.example", "name": "Ola"}
    client = client_of(made.person)
    with connection.execute_wrapper(archived_meanwhile):
        response = client.post(f"/log/{made.pk}/ask/", data)
    assert (response.status_code, response.headers["Location"]) == (302, f"/log/{made.pk}/")
    said = texts(tree(client.get(f"/log/{made.pk}/")), ".//div[@role='status']/p")
    assert said == ["Something changed meanwhile, so nobody was asked."]
    assert not Verification.objects.exists()


def test_ask_page_refuses_every_address_of_ones_own(made: Accomplishment, sven: User) -> None:
    for confirmed in (False, True):
        address = f"{confirmed}@home.example"
        EmailAddress.objects.create(user=made.person, email=address.lower(), verified=confirmed)
        data = {"claims": [claim.pk for claim in made.claims.all()], "email": address.upper(), "name": "A friend"}
        page = tree(client_of(made.person).post(f"/log/{made.pk}/ask/", data), 422)
        assert texts(page, ".//ul[@class='errorlist']") == ["Nobody verifies their own work."]
        with pytest.raises(NotTheirs):
            asking(made, Asked(email=address.upper(), name="A friend"))


@pytest.mark.parametrize(("confirmed", "asked"), [(True, "sven@ladder.example"), (False, None)])
def test_ask_page_knows_the_further_addresses_that_colleagues_confirmed(
    confirmed: bool, asked: str | None, made: Accomplishment, sven: User
) -> None:
    EmailAddress.objects.create(user=sven, email="sven@home.example", verified=confirmed)
    data = {"claims": [claim_of(made, "ops").pk], "email": "Sven@home.example", "name": "Somebody outside"}
    assert client_of(made.person).post(f"/log/{made.pk}/ask/", data).status_code == 302
    assert Verification.objects.values_list("verifier__email", flat=True).get() == asked


def test_confidential_entry_goes_to_nobody_outside(made: Accomplishment, sven: User) -> None:
    Accomplishment.objects.update(confidential=True)
    made.refresh_from_db()
    data = {"claims": [claim_of(made, "ops").pk], "email": "ola@elsewhere.example", "name": "Ola"}
    client = client_of(made.person)
    page = tree(client.post(f"/log/{made.pk}/ask/", data), 422)
    assert texts(page, ".//ul[@class='errorlist']") == [
        "This entry is confidential: only colleagues can be asked about it."
    ]
    with pytest.raises(Confidential):
        asking(made, Asked(email="ola@elsewhere.example", name="Ola"))
    assert client.post(f"/log/{made.pk}/ask/", data | {"email": "SVEN@ladder.example"}).status_code == 302
    assert Verification.objects.get().verifier == sven


def test_ask_page_turns_a_colleagues_address_into_the_colleague(made: Accomplishment, sven: User) -> None:
    data = {"claims": [made.claims.all()[0].pk], "email": "SVEN@ladder.example", "name": "S"}
    client_of(made.person).post(f"/log/{made.pk}/ask/", data)
    assert list(Verification.objects.values_list("verifier", "email")) == [(sven.pk, "")]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Choose a claim."),
        ({"claims": "own"}, "Choose a colleague, or give the address of somebody outside."),
        ({"claims": "own", "email": "noor@ladder.example", "name": "x"}, "Nobody verifies their own work."),
        ({"claims": "own", "email": "ola@elsewhere.example"}, "Say who that is."),
        ({"claims": "other", "email": "ola@elsewhere.example", "name": "x"}, "is not one of the available choices."),
    ],
)
def test_ask_page_says_what_is_missing_and_keeps_what_was_typed(
    made: Accomplishment, given: dict[str, str], said: str
) -> None:
    keys = {"own": made.claims.all()[0].pk, "other": entry(claims={"design": 1}).claims.get().pk}
    data = {name: keys.get(value, value) for name, value in given.items()} | {"question": "Kept as it is"}
    response = client_of(made.person).post(f"/log/{made.pk}/ask/", data)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert "Kept as it is" in response.content.decode()
    assert (Verification.objects.count(), len(mail.outbox)) == (0, 0)


def test_question_pages_are_for_who_was_asked_alone(made: Accomplishment, sven: User) -> None:
    (row, _) = asking(made, Asked(verifier=sven))
    others = {
        "owner": made.person,
        "manager": UserFactory(),
        "superuser": UserFactory(is_superuser=True, is_staff=True),
    }
    User.objects.filter(pk=made.person_id).update(manager=others["manager"])
    address = f"/verify/{row.batch}/"
    assert {name: client_of(one).get(address).status_code for name, one in others.items()} == dict.fromkeys(others, 404)
    for one in others.values():
        client_of(one).post(address, {f"{row.pk}-answer": "confirmed"})
    assert set(Verification.objects.values_list("answer", flat=True)) == {""}
    for verb in (f"/log/{made.pk}/ask/", f"/log/{made.pk}/ask/{row.batch}/withdraw/"):
        assert client_of(sven).post(verb).status_code == 404
    assert client_of(sven).post(f"/verify/dispute/{row.pk}/").status_code == 404
    page = tree(client_of(sven).get(address))
    assert words(page.find(".//h2")) == "Cut the latency"
    assert page.find(".//em").text == "slow"


def test_inbox_shows_the_oldest_first_and_takes_answers(made: Accomplishment, sven: User) -> None:
    newer = entry(person=made.person, title="Newer", claims={"design": 1})
    (new,) = asking(newer, Asked(verifier=sven), at=timezone.now() - timedelta(days=1))
    (old, other) = asking(made, Asked(verifier=sven), at=timezone.now() - timedelta(days=2))
    client = client_of(sven)
    page = tree(client.get("/verify/"))
    assert texts(page, ".//article//h2") == ["Cut the latency", "Newer"]
    assert words(page.find(".//h1")) == "To verify 2 waiting"
    wrong = client.post(f"/verify/{old.batch}/", {f"{old.pk}-answer": "disputed", f"{other.pk}-answer": "confirmed"})
    assert wrong.status_code == 422
    assert "Say what is not so. They will read it." in wrong.content.decode()
    assert Verification.objects.exclude(answer="").count() == 0
    done = client.post(
        f"/verify/{old.batch}/",
        {
            f"{old.pk}-answer": "disputed",
            f"{old.pk}-note": "It was the team.",
            f"{other.pk}-answer": "confirmed_other",
            f"{other.pk}-level": "1",
            f"{other.pk}-part": "contributed",
        },
    )
    assert (done.status_code, done.headers["Location"]) == (302, "/verify/")
    rows = Verification.objects.order_by("pk").values_list("pk", "answer", "level", "part", "note")
    assert list(rows) == [
        (new.pk, "", None, "", ""),
        (old.pk, "disputed", None, "", "It was the team."),
        (other.pk, "confirmed_other", 1, "contributed", ""),
    ]
    page = tree(client.get("/verify/"))
    assert texts(page, ".//article//h2") == ["Newer"]
    assert texts(page, ".//section/h2") == ["You wait for", "What you stated"]
    assert texts(page, ".//section[2]//li/p") == [
        f"Noor Haddad, {timezone.localdate():%-d %B %Y}Design 2: disputedOps 3: confirmed at another level (1)"
    ]


def in_place(client: Client, row: Verification, **data: str) -> tuple[int, Any]:
    """An answer from the inbox by htmx: the status, and the parts that came back."""
    headers = {"HX-Request": "true", "HX-Target": f"question-{row.batch}"}
    response = client.post(f"/verify/{row.batch}/", data, headers=headers)
    return response.status_code, tree(response, response.status_code)


def test_answer_in_place_gives_what_stands_there_then_and_the_count(made: Accomplishment, sven: User) -> None:
    asking(entry(person=made.person, title="Newer", claims={"design": 1}), Asked(verifier=sven))
    row, other = asking(made, Asked(verifier=sven))
    client = client_of(sven)
    status, page = in_place(client, row, **{f"{row.pk}-answer": "confirmed", f"{other.pk}-answer": "bogus"})
    place = f"question-{row.batch}"
    assert (status, [part.get("id") for part in page]) == (422, [place])
    assert words(page.find(".//*[@autofocus]")) == "Nothing is sent yet. Ops needs an answer."
    assert page.find(f".//input[@id='id_{row.pk}-answer_0']").get("checked") is not None
    status, page = in_place(client, row, **{f"{one.pk}-answer": "confirmed" for one in (row, other)})
    assert (status, [part.get("id") for part in page]) == (200, [place, "waiting"])
    assert words(page[0]) == (
        "Cut the latency: Thank you. Noor Haddad will see what you stated. Answer anew: Cut the latency"
    )
    assert (words(page[1]), page[1].get("hx-swap-oob")) == ("1 waiting", "true")
    assert Verification.objects.filter(answer=Answer.CONFIRMED).count() == 2


@pytest.mark.parametrize(
    ("given", "needs"),
    [
        ({}, "an answer"),
        ({"answer": "disputed"}, "a reason"),
        ({"answer": "confirmed_other"}, "another level"),
        ({"answer": "confirmed", "note": "x" * 2001}, "another note"),
        ({"answer": "confirmed_other", "part": "none"}, "another level and another part"),
    ],
)
def test_answer_that_is_refused_says_what_it_needs(
    given: dict[str, str], needs: str, made: Accomplishment, sven: User
) -> None:
    row, other = asking(made, Asked(verifier=sven))
    data = {f"{other.pk}-answer": "confirmed"} | {f"{row.pk}-{name}": value for name, value in given.items()}
    _, page = in_place(client_of(sven), row, **data)
    assert texts(page, ".//*[@role='alert']") == [f"Nothing is sent yet. Design needs {needs}."]


def test_verifier_reads_the_measure_and_what_the_level_is(made: Accomplishment, sven: User, link: str) -> None:
    Accomplishment.objects.update(measure_name="Refunds", measure_before=12, measure_after=0)
    IndicatorFactory(competency=claim_of(made, "ops").competency, level__number=3, level__name="Lead", text="Runs it.")
    (row, _) = asking(made, Asked(verifier=sven))
    pages = [tree(Client().get(link)), *(tree(client_of(sven).get(f"/verify/{one}")) for one in ("", f"{row.batch}/"))]
    for page in pages:
        assert "Refunds: 12 to 0" in texts(page, ".//article/p")
        assert texts(page, ".//fieldset/div/p[@class='small']") == ["3 Lead, for example: Runs it."]


def test_inbox_says_how_long_one_waits_as_home_does(made: Accomplishment, sven: User) -> None:
    asking(made, Asked(verifier=sven), at=timezone.now() - timedelta(days=13))
    for reminders, said in ((0, ""), (1, ", reminded once"), (2, ", reminded 2 times")):
        Verification.objects.update(reminders=reminders)
        page = tree(client_of(made.person).get("/verify/"))
        assert texts(page, ".//section[1]//li/p") == [f"Sven Lindqvist, asked 13 days ago{said}"]
    home = tree(client_of(made.person).get("/"))
    assert texts(home, ".//section[@id='asked']//p[2]") == ["Design 2, Ops 3 · asked 13 days ago"]


def test_answer_in_place_to_what_is_withdrawn_says_so(made: Accomplishment, sven: User) -> None:
    row, other = asking(made, Asked(verifier=sven))
    withdraw(entry=made, batch=row.batch)
    status, page = in_place(client_of(sven), row, **{f"{one.pk}-answer": "confirmed" for one in (row, other)})
    assert status == 200
    assert words(page[0]) == "This question: This question is no longer open. Nothing was changed."
    assert words(page[1]) == "All answered."


@pytest.mark.parametrize("level", ["", "3", "9", "x"])
def test_another_level_must_be_another_level(made: Accomplishment, sven: User, level: str) -> None:
    (row,) = ask(entry=made, claims=[claim_of(made, "ops")], whom=Asked(verifier=sven), by=made.person)
    data = {f"{row.pk}-answer": "confirmed_other", f"{row.pk}-level": level}
    assert client_of(sven).post(f"/verify/{row.batch}/", data).status_code == 422
    assert Verification.objects.get().answer == ""


def test_answer_to_a_withdrawn_question_says_so(made: Accomplishment, sven: User) -> None:
    (row, other) = asking(made, Asked(verifier=sven))
    response = client_of(made.person).post(f"/log/{made.pk}/ask/{row.batch}/withdraw/", follow=False)
    assert response.headers["Location"] == f"/log/{made.pk}/"
    data = {f"{one.pk}-answer": "confirmed" for one in (row, other)}
    response = client_of(sven).post(f"/verify/{row.batch}/", data, follow=True)
    assert "This question is no longer open. Nothing was changed." in response.content.decode()
    assert set(Verification.objects.values_list("answer", flat=True)) == {""}


def test_home_says_what_waits_for_an_answer(made: Accomplishment, sven: User) -> None:
    client = client_of(sven)

    def waiting() -> str | None:
        panel = tree(client.get("/")).find(".//section[@id='verify-inbox']//h2")
        return None if panel is None else words(panel)

    assert waiting() is None
    (row, _) = asking(made, Asked(verifier=sven))
    assert waiting() == "To verify 1 waiting"
    entries.archive(entry=made, by=made.person)
    assert waiting() is None
    entries.unarchive(entry=made, by=made.person)
    assert waiting() == "To verify 1 waiting"
    withdraw(entry=made, batch=row.batch)
    assert waiting() is None


def test_inbox_costs_the_same_for_one_and_for_many(made: Accomplishment, sven: User) -> None:
    client = client_of(sven)
    counts = []
    for number in (1, 9):
        for _ in range(number):
            asking(entry(claims={"design": 1, f"c{number}": 2}), Asked(verifier=sven))
        with CaptureQueriesContext(connection) as queries:
            client.get("/verify/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10 + 3  # the looks with their savepoint


# ── Outside ─────────────────────────────────────────────────────────────────


@pytest.fixture
def link(made: Accomplishment) -> str:
    asking(made, Asked(email="ola@elsewhere.example", name="Ola"))
    (letter,) = mail.outbox
    found = re.search(r"https?://[^/]+(/outside/\S+)", letter.body)
    assert found
    return found.group(1)


def test_link_shows_the_question_and_takes_one_answer(link: str, made: Accomplishment) -> None:
    client = Client()
    response = client.get(link)
    page = tree(response)
    assert words(page.find(".//h1")) == "Noor Haddad asks you, Ola"
    assert words(page.find(".//h2")) == "Cut the latency"
    assert response.headers["Referrer-Policy"] == "same-origin"  # with less, a browser's own answer has no origin
    assert "no-store" in response.headers["Cache-Control"]
    data = {f"{row.pk}-answer": "confirmed" for row in Verification.objects.all()}
    done = client.post(link, data)
    assert (done.status_code, done.headers["Location"]) == (302, "/outside/thanks/")
    assert match_of(made.person) == (1.0, 1.0)
    forwarded = Client().get(link)
    assert forwarded.status_code == 404
    assert "Cut the latency" not in forwarded.content.decode()
    assert Client().post(link, data | {f"{next(iter(data))}": "disputed"}).status_code == 404
    assert set(Verification.objects.values_list("answer", flat=True)) == {"confirmed"}


def test_link_that_is_forged_late_or_withdrawn_shows_nothing(link: str, made: Accomplishment) -> None:
    row = Verification.objects.first()
    signed = link.removeprefix("/outside/").removesuffix("/")
    batch, stamp, signature = signed.split(":")
    forged = [
        f"{uuid.uuid4().hex}:{stamp}:{signature}",
        f"{batch}:{stamp}:{'a' * len(signature)}",
        f"{batch}:zzzzzz:{signature}",
        batch,
    ]
    assert {Client().get(f"/outside/{one}/").status_code for one in forged} == {404}
    with time_machine.travel(timezone.now() + OPEN_FOR + timedelta(minutes=1), tick=False):
        assert Client().get(link).status_code == 404
    assert Client().get(link).status_code == 200
    withdraw(entry=made, batch=row.batch)
    assert Client().get(link).status_code == 404


def test_link_shows_nothing_to_who_asks(link: str, made: Accomplishment, sven: User) -> None:
    assert [client_of(one).get(link).status_code for one in (made.person, sven)] == [404, 200]


def test_link_shows_nothing_once_the_entry_is_confidential(link: str, made: Accomplishment) -> None:
    Accomplishment.objects.update(confidential=True)
    mail.outbox.clear()
    assert Client().get(link).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        assert (remind(), mail.outbox) == (0, [])


def test_link_that_was_open_twice_takes_one_answer(link: str) -> None:
    signed = link.removeprefix("/outside/").removesuffix("/")
    first, second = question_behind(signed), question_behind(signed)  # both pages are there before either is sent
    assert first
    assert second
    answer(batch=first.rows, stated={row.pk: Stated(Answer.CONFIRMED) for row in first.rows})
    with pytest.raises(NotOpen):
        answer(batch=second.rows, stated={row.pk: Stated(Answer.DISPUTED, note="No.") for row in second.rows})
    assert set(Verification.objects.values_list("answer", flat=True)) == {"confirmed"}


def test_link_with_any_character_changed_shows_nothing(link: str) -> None:
    signed = link.removeprefix("/outside/").removesuffix("/")
    found = set()
    for place, there in enumerate(signed):
        for other in {"0", "A", there.swapcase()} - {there}:
            cache.clear()  # the limit
            found.add(Client().get(f"/outside/{signed[:place]}{other}{signed[place + 1 :]}/").status_code)
    assert found == {404}


def test_person_outside_who_refused_is_not_asked_and_who_asks_is_told(made: Accomplishment) -> None:
    asking(made, Asked(email="ola@elsewhere.example", name="Ola"))
    (letter,) = mail.outbox
    stop = re.search(r"Don't ask me again: https?://[^/]+(/\S+)", letter.body)
    assert stop
    Client().post(stop[1])
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        remind()
    other = entry(person=made.person, claims={"design": 1})
    with pytest.raises(NotWanted):
        asking(other, Asked(email="OLA@elsewhere.example", name="Ola"))
    data = {"claims": [other.claims.get().pk], "email": "Ola@Elsewhere.example", "name": "Ola", "question": "Kept"}
    response = client_of(made.person).post(f"/log/{other.pk}/ask/", data)
    page = tree(response, 422)
    assert texts(page, ".//ul[@class='errorlist']/li") == [
        "They want no mail from Ladder, whoever asks. Speak to them, or ask somebody else."
    ]
    assert page.find(".//input[@name='email']").get("value") == "Ola@Elsewhere.example"
    assert (Verification.objects.filter(claim__accomplishment=other).count(), len(mail.outbox)) == (0, 1)


def test_muted_question_is_asked_without_a_mail(made: Accomplishment, sven: User) -> None:
    User.objects.filter(pk=sven.pk).update(muted=["question"])
    sven.refresh_from_db()
    asking(made, Asked(verifier=sven))
    assert (Verification.objects.count(), mail.outbox) == (2, [])
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        remind()
    assert [letter.subject for letter in mail.outbox] == ["Reminder: Noor Haddad asks: did you see this work?"]


def test_link_of_a_colleagues_question_does_not_open_outside(made: Accomplishment, sven: User) -> None:
    (row, _) = asking(made, Asked(verifier=sven))
    assert Client().get(f"/outside/{LINKS.sign(row.batch.hex)}/").status_code == 404


def test_outside_links_are_limited_by_address() -> None:
    answers = [Client().get(f"/outside/{n}/") for n in range(61)]
    assert {one.status_code for one in answers[:60]} == {404}
    assert answers[60].status_code == 429
    assert 0 < int(answers[60].headers["Retry-After"]) <= 3600
    assert Client(REMOTE_ADDR="192.0.2.9").get("/outside/x/").status_code == 404


def test_reminders_leave_out_who_cannot_sign_in(made: Accomplishment, sven: User) -> None:
    asking(made, Asked(verifier=sven))
    User.objects.filter(pk=sven.pk).update(is_active=False)
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        assert remind() == 0


@pytest.mark.parametrize("key", ["9" * 40, "9223372036854775808", "x", "-1", "²"])
def test_ask_page_refuses_keys_that_no_row_can_have(made: Accomplishment, sven: User, key: str) -> None:
    client, claim = client_of(made.person), made.claims.all()[0].pk
    for data in ({"claims": [key], "people": [sven.pk]}, {"claims": [claim], "people": [key]}):
        assert client.post(f"/log/{made.pk}/ask/", data).status_code == 422
    assert Verification.objects.count() == 0
