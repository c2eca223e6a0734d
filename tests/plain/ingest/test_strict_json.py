"""The door's JSON against the categories of JSONTestSuite (y_ accepted, n_ refused, i_ decided here)."""

import json
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from distribution_visibility.lib.base.errors import InvalidJson
from distribution_visibility.lib.ingest import strict_json

# What JSONTestSuite calls y_: RFC 8259 demands that these are accepted (inside an array, because
# the top level of a body is an object or an array).
ACCEPTED = {
    "array empty": (b"[]", []),
    "array with spaces": (b" [ 1 ,\t2\r\n] \n", [1, 2]),
    "array heterogeneous": (b'[null, 1, "1", {}, []]', [None, 1, "1", {}, []]),
    "array with several null": (b"[1,null,null,null,2]", [1, None, None, None, 2]),
    "array ending with newline": (b'["a"]\n', ["a"]),
    "number minus zero": (b"[-0]", [0]),
    "number 0e1": (b"[0e1]", [0.0]),
    "number 0e+1": (b"[0e+1]", [0.0]),
    "number 1E-2": (b"[1E-2]", [0.01]),
    "number 1E+2": (b"[1E+2]", [100.0]),
    "number 123.456e78": (b"[123.456e78]", [123.456e78]),
    "number close to zero": (b"[-0.000000000000000000000000000001]", [-1e-30]),
    "number of many decimals": (b"[0.1234567890123456789012345]", [0.1234567890123456789012345]),
    "number largest of 64 bits": (b"[9223372036854775807]", [2**63 - 1]),
    "number smallest of 64 bits": (b"[-9223372036854775808]", [-(2**63)]),
    "object empty": (b"{}", {}),
    "object with empty name": (b'{"":0}', {"": 0}),
    "object with names that differ in case": (b'{"a":1,"A":2}', {"a": 1, "A": 2}),
    "object same name at two levels": (b'{"a":{"a":1}}', {"a": {"a": 1}}),
    "object extreme numbers": (b'{"min":-1.0e+28,"max":1.0e+28}', {"min": -1e28, "max": 1e28}),
    "object long strings": (b'{"x":[{"id":"' + b"x" * 400 + b'"}]}', {"x": [{"id": "x" * 400}]}),
    "string with all escapes": (rb'["\"\\\/\b\f\n\r\t"]', ['"\\/\b\f\n\r\t']),
    "string with escaped unicode": (rb'["\u0060\u012a\u12AB"]', ["\u0060\u012a\u12ab"]),
    "string with escaped pair": (rb'["\ud83d\ude39\uD83D\uDC8D"]', ["\U0001f639\U0001f48d"]),
    "string with escaped control": (rb'["\u0012"]', ["\x12"]),
    "string with escaped backslash before u": (rb'["\\u0000\\ud800"]', ["\\u0000\\ud800"]),
    "string with noncharacter": (rb'["\uFFFF\uDBFF\uDFFE"]', ["\uffff\U0010fffe"]),
    "string with DEL": (b'["\x7f"]', ["\x7f"]),
    "string of UTF-8": ('["€𝄞\u2028"]'.encode(), ["€𝄞\u2028"]),
    "string of an SSCC is no number": (b'["00340123450000000018"]', ["00340123450000000018"]),
    "string of brackets is no depth": (b'["' + b"[{" * 500 + b'"]', ["[{" * 500]),
    "string of brackets after an escaped quote": (b'["\\"' + b"[" * 99 + b'\\\\"]', ['"' + "[" * 99 + "\\"]),
    "strings that touch": (b'["["' + b',"["' * 99 + b"]", ["["] * 100),
    "depth of 64": (b"[" * 64 + b"]" * 64, None),
    "wide and flat": (b"[" + b"[]," * 1000 + b"[]]", [[]] * 1001),
}

# What JSONTestSuite calls n_, and what it calls i_ and we refuse because a database, a peer or a
# person would understand something else later.
REFUSED = {
    "nothing": b"",
    "only spaces": b"  \n",
    "array 1 true without comma": b"[1 true]",
    "array colon instead of comma": b'["":1]',
    "array comma after close": b'[""],',
    "array comma and number": b"[,1]",
    "array double comma": b"[1,,2]",
    "array double extra comma": b'["x",,]',
    "array extra close": b'["x"]]',
    "array extra comma": b'["",]',
    "array incomplete": b'["x"',
    "array inner array no comma": b"[3[4]]",
    "array just comma": b"[,]",
    "array just minus": b"[-]",
    "array newlines unclosed": b'["a",\n4\n,1,',
    "array star inside": b"[*]",
    "array unclosed with object": b"[{}",
    "incomplete false": b"[fals]",
    "incomplete null": b"[nul]",
    "incomplete true": b"[tru]",
    "capitalised True": b"[True]",
    "number ++": b"[++1234]",
    "number +1": b"[+1]",
    "number +Inf": b"[+Inf]",
    "number -01": b"[-01]",
    "number -NaN": b"[-NaN]",
    "number .5": b"[.5]",
    "number 0.e1": b"[0.e1]",
    "number 0e": b"[0e]",
    "number 0E+": b"[0E+]",
    "number 0x42": b"[0x42]",
    "number 1 000": b"[1 000.0]",
    "number 1_000": b"[1_000]",
    "number 1e": b"[1.0e]",
    "number 1eE2": b"[1eE2]",
    "number 2.": b"[2.]",
    "number 012": b"[012]",
    "number 123.": b"[123.]",
    "number arabic digit": "[\u0661]".encode(),
    "number fullwidth digit": "[\uff11]".encode(),
    "number Infinity": b"[Infinity]",
    "number minus Infinity": b"[-Infinity]",
    "number NaN": b"[NaN]",
    "number with letter": b"[1ea]",
    "number expression": b"[1+2]",
    "object bad value": b'{"x": truth}',
    "object bracket key": b"{[: 1}",
    "object comma instead of colon": b'{"x", null}',
    "object double colon": b'{"x"::"b"}',
    "object garbage at end": b'{"a":"a" 123}',
    "object key with single quotes": b"{'a':0}",
    "object missing value": b'{"a":',
    "object no colon": b'{"a" b}',
    "object non string key": b"{1:1}",
    "object trailing comma": b'{"id":0,}',
    "object trailing comment": b'{"a":"b"}/**/',
    "object trailing line comment": b'{"a":"b"}//',
    "object unquoted key": b"{a: 1}",
    "object two commas": b'{"a":"b",,"c":"d"}',
    "object with trailing garbage": b'{"a":"b"}#',
    "object trailing second": b"{}{}",
    "single quote": b"['single quote']",
    "string escaped control": b'["\\\x00"]',
    "string escape x": rb'["\x00"]',
    "string escape incomplete": rb'["\"]',
    "string escape emoji": '["\\\U0001f300"]'.encode(),
    "string incomplete escaped character": rb'["\u00A"]',
    "string incomplete surrogate escape": rb'["\uD834\uDd"]',
    "string invalid unicode escape": rb'["\uqqqq"]',
    "string escape with underscore": rb'["\u00_1"]',
    "string escape U": rb'["\U0041"]',
    "string leading escape": rb'[\u0020"asd"]',
    "string no quotes with bad escape": rb"[\n]",
    "string unescaped control": b'["a\x00a"]',
    "string unescaped newline": b'["new\nline"]',
    "string unescaped tab": b'["\t"]',
    "structure angle bracket": b"<.>",
    "structure ascii escape": rb"[\u000A]",
    "structure capitalised null": b"[NULL]",
    "structure form feed": b"[\x0c]",
    "structure no-break space": "[\u00a0]".encode(),
    "structure zero byte after": b"[]\x00",
    "structure object unclosed": b'{"asd":"asd"',
    "structure open array apostrophe": b"['",
    "structure 100000 opening arrays": b"[" * 100000,
    "structure open array object": b'[{"":' * 50000,
    "structure word joiner": "[\u2060]".encode(),
    "scalar string": b'"a"',
    "scalar number": b"42",
    "scalar null": b"null",
    "scalar true": b" true ",
    "i object duplicate name": b'{"a":"b","a":"c"}',
    "i object duplicate name and value": b'{"a":"b","a":"b"}',
    "i object duplicate name by escape": rb'{"a":1,"\u0061":2}',
    "i object duplicate name deep": b'[{"x":{"a":1,"b":2,"a":3}}]',
    "i number huge exponent": b"[1e999]",
    "i number huge exponent capital": b"[1E999]",
    "i number huge exponent with plus": b"[-1.5e+999]",
    "i number huge exponent after point": b"[123123.5e100000]",
    "i number of 400 digits and a point": b"[" + b"9" * 400 + b".0]",
    "i number one beyond 64 bits": b"[9223372036854775808]",
    "i number one below 64 bits": b"[-9223372036854775809]",
    "i number very big negative": b"[-237462374673276894279832749832423479823246327846]",
    "i number of 100000 digits": b"[" + b"7" * 100000 + b"]",
    "i string first surrogate": rb'["\uDADA"]',
    "i string second missing": rb'["\uD888\u1234"]',
    "i string second alone": rb'["\uDFAA"]',
    "i string inverted pair": rb'["\uDd1e\uD834"]',
    "i string two firsts": rb'["\uD800\uD800\n"]',
    "i name of half a pair": rb'{"\ud800":1}',
    "i string U+0000": rb'["a\u0000b"]',
    "i name U+0000": rb'{"a\u0000":1}',
    "i value U+0000 deep": rb'{"a":[{"b":["\u0000"]}]}',
    "i byte order mark": b"\xef\xbb\xbf{}",
    "i UTF-16 with mark": '["é"]'.encode("utf-16"),
    "i UTF-16 little endian": '["é"]'.encode("utf-16-le"),
    "i UTF-16 big endian": '["é"]'.encode("utf-16-be"),
    "i UTF-32": "[]".encode("utf-32-le"),
    "i latin-1": b'["\xe9"]',
    "i lone continuation byte": b'["\x81"]',
    "i overlong slash": b'["\xc0\xaf"]',
    "i overlong of six bytes": b'["\xfc\x83\xbf\xbf\xbf\xbf"]',
    "i surrogate in UTF-8": b'["\xed\xa0\x80"]',
    "i beyond Unicode": b'["\xf4\xbf\xbf\xbf"]',
    "i truncated UTF-8": b'["\xe0\xff"]',
    "i depth of 65": b"[" * 65 + b"]" * 65,
    "i depth of 65 in objects": b'{"a":' * 65 + b"1" + b"}" * 65,
    "i depth of 500": b"[" * 500 + b"]" * 500,
    "i depth behind strings with brackets": b'["]]]]]]","\\"]]]]\\\\",' + b"[" * 64 + b"]" * 65,
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_the_standard_demands_is_accepted(case):
    raw, value = ACCEPTED[case]
    assert strict_json.loads(raw) == (json.loads(raw) if value is None else value)


@pytest.mark.parametrize("case", REFUSED)
def test_what_could_be_understood_in_two_ways_is_refused(case):
    with pytest.raises(InvalidJson) as caught:
        strict_json.loads(REFUSED[case])
    sentence = str(caught.value)
    assert sentence.startswith("The body ") and sentence.endswith(".") and "\n" not in sentence


def test_the_depth_that_is_allowed_is_the_callers_choice():
    assert strict_json.loads(b"[[1]]", max_depth=2) == [[1]]
    with pytest.raises(InvalidJson, match="more than 2 levels"):
        strict_json.loads(b"[[[1]]]", max_depth=2)


def test_a_duplicate_member_is_named_so_that_the_sender_can_mend_it():
    with pytest.raises(InvalidJson, match="two members named 'status'"):
        strict_json.loads(b'{"status":"delivered","id":1,"status":"returned"}')


def test_a_duplicate_members_name_cannot_forge_a_log_line():
    with pytest.raises(InvalidJson) as caught:
        strict_json.loads(rb'{"a\nb":1,"a\nb":2}')
    assert "\n" not in str(caught.value)


texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(st.lists(values, max_size=3) | st.dictionaries(st.sampled_from(["a", "é", '"[']), values), st.booleans())
def test_whatever_another_program_writes_is_read_as_it_was_meant(value, escaped):
    assert strict_json.loads(json.dumps(value, ensure_ascii=escaped).encode()) == value


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='[]{}",:\\u0dD8e+-19. \n\x00é', max_size=60).map(str.encode))
@example(b"[" * 10_000)
@example(b"[1" * 10_000)
def test_nothing_but_invalid_json_is_ever_raised(raw):
    try:
        value = strict_json.loads(raw)
    except InvalidJson:
        return
    # What is accepted is what Python's parser reads too, and PostgreSQL can hold it.
    assert value == json.loads(raw)
    assert "\x00" not in json.dumps(value, ensure_ascii=False)
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def _deepest(text: str) -> int:
    """The plain way to count depth, to hold the fast way against."""
    depth = deepest = position = 0
    while position < len(text):
        if text[position] == '"':
            position += 1
            while position < len(text) and text[position] != '"':
                position += 2 if text[position] == "\\" else 1
        elif text[position] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif text[position] in "]}":
            depth -= 1
        position += 1
    return deepest


@settings(max_examples=80, deadline=None)
@given(st.lists(values, min_size=1, max_size=3), st.integers(1, 4))
def test_depth_is_counted_outside_strings_only(value, limit):
    raw = json.dumps(value)
    try:
        strict_json.loads(raw.encode(), max_depth=limit)
        deep = False
    except InvalidJson:
        deep = True
    assert deep == (_deepest(raw) > limit)


def test_a_full_body_is_read_in_a_few_times_what_the_laxest_parser_takes():
    event = {"id": "evt", "n": 5, "data": {"place": {"city": "Zürich"}, "codes": [{"v": "x"}] * 3, "kg": 1.5}}
    raw = json.dumps([event] * 4000).encode()
    ours, lax = _seconds(strict_json.loads, raw), _seconds(json.loads, raw)
    assert ours < 8 * lax


def _seconds(function, raw):
    best = 1e9
    for _attempt in range(3):
        start = time.perf_counter()
        function(raw)
        best = min(best, time.perf_counter() - start)
    return best
