"""The demo's feed: format-valid, bounded, and signed as each provider documents."""

import json
import re
import shutil
import subprocess
import time

import pytest

from distribution_visibility.lib.base.errors import VerificationError
from distribution_visibility.lib.ingest.adapters import ADAPTERS, Delivery
from distribution_visibility.lib.ingest.verification import Key, SignedRequest, get_preset_scheme
from scripts import demo, demo_feed

BASE = "http://127.0.0.1:1"
NUMBERS = sorted({news.number for news in (*demo_feed.story.HISTORY, *demo_feed.story.FEED)})


def _signed(request):
    return SignedRequest(request.data, {name.lower(): [value] for name, value in request.header_items()})


def _body(news):
    parcel = demo_feed.story.get_parcel(news.number)
    scan = demo_feed.carrier_bodies.Scan(demo_feed._now(), news.code, news.place, news.text)
    build = demo_feed.carrier_bodies.build
    return parcel, build(parcel.source, parcel.carrier, news.number, [scan], None, news.signed_by)


def _of_each_source():
    feed = {demo_feed.story.get_parcel(news.number).source: news for news in demo_feed.story.FEED}
    return sorted(feed.items())


@pytest.mark.parametrize(("code", "news"), _of_each_source())
def test_each_source_signs_as_its_provider_documents(code, news):
    source = demo_feed.sources()[code]
    request = demo_feed.prepare(BASE, code, _body(news)[1])
    scheme = get_preset_scheme(source["preset"])
    verified = scheme.verify(_signed(request), [Key("demo", source["secret"])], time.time())
    assert verified.key_id == "demo"
    request.data += b" "
    with pytest.raises(VerificationError):
        scheme.verify(_signed(request), [Key("demo", source["secret"])], time.time())


@pytest.mark.parametrize("code", ["canonical", "shippo"])
def test_what_was_signed_an_hour_ago_is_refused(code):
    source = demo_feed.sources()[code]
    request = demo_feed.prepare(BASE, code, _body(dict(_of_each_source())[code])[1], now=time.time() - 3600)
    with pytest.raises(VerificationError):
        get_preset_scheme(source["preset"]).verify(_signed(request), [Key("demo", source["secret"])], time.time())


def test_the_demo_comes_from_three_sources_that_sign_differently():
    assert [code for code, _news in _of_each_source()] == ["canonical", "easypost", "shippo"]
    assert len({source["preset"] for source in demo_feed.sources().values()}) == 3


@pytest.mark.parametrize("news", [*demo_feed.story.HISTORY, *demo_feed.story.FEED], ids=lambda news: news.code)
def test_every_message_is_one_that_the_sources_adapter_understands(news):
    parcel, body = _body(news)
    events = ADAPTERS[parcel.source].parse(Delivery(body))
    assert [event.data.tracking_number for event in events] == [news.number]
    assert events[0].is_test or parcel.source == "canonical"


def test_the_feed_has_a_human_pace_and_an_end():
    times = [news.when for news in demo_feed.story.FEED]
    steps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    assert min(steps) >= 6
    assert max(steps) <= 10
    assert 240 <= times[-1] <= 320


def test_the_parcel_to_delay_by_hand_is_left_alone_by_the_feed():
    assert demo_feed.story.DELAY_ME not in {news.number for news in demo_feed.story.FEED}


@pytest.mark.parametrize("number", NUMBERS)
def test_tracking_numbers_have_their_carriers_check_digit(number):
    if number.startswith("1Z"):
        values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in number[2:-1]]
        expected = -sum(value * (2 if place % 2 else 1) for place, value in enumerate(values)) % 10
    elif len(number) == 12:
        expected = sum(int(digit) * (3, 1, 7)[place % 3] for place, digit in enumerate(number[:-1])) % 11 % 10
    else:
        assert len(number) == 10
        expected = int(number[:-1]) % 7
    assert int(number[-1]) == expected


def test_a_second_run_goes_on_with_what_was_not_delivered(monkeypatch):
    posted = []
    monkeypatch.setattr(demo_feed, "_delivered", lambda _url: set(NUMBERS) - {demo_feed.story.FEED[0].number})
    monkeypatch.setattr(demo_feed, "post", lambda _url, _code, body: posted.append(body) or 202)
    monkeypatch.setattr(demo_feed.time, "sleep", lambda _seconds: None)
    demo_feed.play(BASE)
    assert {body["data"]["tracking_number"] for body in posted} == {demo_feed.story.FEED[0].number}


def test_without_a_server_the_delay_says_what_to_do(capsys):
    with pytest.raises(demo_feed.SetupError, match="make demo"):
        demo_feed.send_delay(BASE)


def test_the_welcome_names_address_logins_secrets_and_a_line_to_paste(capsys):
    demo.print_welcome("http://127.0.0.1:8069")
    text = capsys.readouterr().out
    for login, _what in demo.LOGINS:
        assert re.search(rf"^ +{login} ", text, re.MULTILINE)
    for source in demo_feed.sources().values():
        assert f"http://127.0.0.1:8069/visibility/v1/sources/{source['code']}/events" in text
        assert source["secret"] in text
    assert "python3 -m scripts.demo_feed delay" in text


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_the_line_with_curl_signs_as_easypost_does(tmp_path):
    curl = tmp_path / "curl"
    curl.write_text('#!/bin/sh\nfor word; do printf "%s\\0" "$word"; done\n', encoding="utf-8")
    curl.chmod(0o755)
    line = demo.curl_command(BASE)
    assert "\n" not in line
    output = subprocess.run(["bash", "-c", f'PATH="{tmp_path}:$PATH"; {line}'], capture_output=True, check=True).stdout
    words = output.decode().split("\0")
    body = words[words.index("--data-binary") + 1]
    headers = [words[place + 1] for place, word in enumerate(words) if word == "-H"]
    named = {name.lower(): [value] for name, value in (header.split(": ", 1) for header in headers)}
    source = demo_feed.sources()["easypost"]
    signed = SignedRequest(body.encode(), named)
    assert get_preset_scheme("easypost").verify(signed, [Key("demo", source["secret"])], time.time()).key_id == "demo"
    assert ADAPTERS["easypost"].parse(Delivery(json.loads(body)))[0].data.tracking_number == demo_feed.story.DELAY_ME
