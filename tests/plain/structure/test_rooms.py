"""The house: five verbs over a ground floor, rooms that fit on one screen, one class a model a room.

What ``super()`` inside one add-on may still do is listed here by name, each with its reason. The list only gets
shorter: a test fails for what is not in it, and for what is in it and gone.
"""

import collections
from pathlib import Path

import pytest
from house import ADDONS, CORE, ROOT, find_repeated, read_imports, read_pieces

FLOORS = ["base", "ingest", "track", "detect", "documents", "respond", "measure"]
TREES = ["lib", "views", "data", "security", "wizards", "tests"]
MOST_LINES, MOST_FILES = 400, 15

#: (model, method) to why two classes of the core define it.
STACKED = {
    ("base.automation", "_get_governed_models"): "messages add their own model, through the seam that helpdesk uses",
    ("visibility.action.run", "_get_further_undoing"): "the log lies below automation, which knows the rollback action",
}
#: Models that do not fit into one file of 400 lines: room and model to the number of files, each with one concern.
LARGE = {
    ("distribution_visibility/models/track/event", "visibility.event"): 4,
    ("distribution_visibility/models/track/shipment", "visibility.shipment"): 3,
    ("distribution_visibility/models/detect/exception", "visibility.exception"): 10,
    ("distribution_visibility/models/detect/rule", "visibility.rule"): 4,
    ("distribution_visibility/models/detect/expectation", "visibility.expectation"): 2,
    ("distribution_visibility/models/detect/expectation", "visibility.expectation.template"): 2,
    ("distribution_visibility/models/respond/log", "visibility.action.run"): 2,
    ("distribution_visibility/models/respond/automation", "base.automation"): 2,
    ("distribution_visibility/models/respond/automation", "ir.actions.server"): 2,
    ("distribution_visibility/models/respond/outbox", "visibility.outbox.message"): 2,
    ("distribution_visibility/models/respond/warehouse", "stock.picking"): 2,
    ("distribution_visibility/models/respond/brief", "visibility.brief"): 2,
    ("distribution_visibility/models/respond/brief", "visibility.brief.facts"): 2,
    ("distribution_visibility/models/respond/message", "visibility.message"): 4,
    ("distribution_visibility_approvals/models/respond", "visibility.decision"): 2,
}


def rooms(tree="models"):
    return sorted({path.parent for path in (CORE / tree).rglob("*.py") if path.name != "__init__.py"})


def test_no_method_of_a_model_is_defined_twice_without_a_reason():
    repeated = find_repeated(CORE)
    assert {key: where for key, where in repeated.items() if key not in STACKED} == {}
    assert set(STACKED) - set(repeated) == set(), "these are gone: take them off the list"
    assert len(STACKED) <= 30


def test_no_method_is_stacked_more_than_once():
    assert {key: where for key, where in find_repeated(CORE).items() if len(where) > 2} == {}


@pytest.mark.parametrize("addon", [addon for addon in ADDONS if addon != CORE], ids=lambda path: path.name)
def test_the_small_add_ons_define_each_method_once(addon):
    assert find_repeated(addon) == {}


@pytest.mark.parametrize(("room", "model"), LARGE)
def test_the_files_of_a_large_model_are_needed(room, model):
    pieces = (piece for addon in ADDONS for piece in read_pieces(addon))
    files = {piece.path for piece in pieces if (piece.room, piece.model) == (room, model)}
    # each file repeats its imports and its class: about ten lines that one file would save
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) - 10 for path in files)
    assert lines > MOST_LINES - 15, "this fits into one file"


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_a_model_has_one_class_in_a_room(addon):
    counts = collections.Counter((piece.room, piece.model) for piece in read_pieces(addon))
    several = {key: count for key, count in counts.items() if count > 1}
    assert several == {key: count for key, count in LARGE.items() if key[0].split("/")[0] == addon.name}


def belongs(stem, model):
    """A file carries the name of its model, of a part of it, or of what its small models are about."""
    name = model.replace(".", "_")
    return stem == name or stem.startswith(f"{name}_") or name.startswith(f"{stem}_")


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_a_file_is_named_after_its_model(addon):
    pieces = [piece for piece in read_pieces(addon) if "models" in piece.path.parts]
    assert [piece.place for piece in pieces if not belongs(piece.path.stem, piece.model)] == []


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_a_file_fits_the_eye(addon):
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in addon.rglob("*.py")}
    assert {str(path.relative_to(ROOT)): count for path, count in lines.items() if count > MOST_LINES} == {}


def test_a_room_fits_on_one_screen():
    sizes = {room: sum(path.name != "__init__.py" for path in room.glob("*.py")) for room in rooms()}
    assert {str(room): size for room, size in sizes.items() if size > MOST_FILES} == {}


def test_the_rooms_have_the_same_names_everywhere():
    known = {str(room.relative_to(CORE / "models")) for room in rooms()} | set(FLOORS)
    known |= {"detect", "respond", "track", "measure"}
    for tree in TREES:
        below = {path.relative_to(CORE / tree) for path in (CORE / tree).rglob("*") if path.is_dir()}
        found = {str(path) for path in below if "__pycache__" not in path.parts and path.parts[0] != "demo"}
        own = {"ingest/adapters", "ingest/verification"} if tree == "lib" else set()
        assert found - known - own == set(), f"{tree}/ has rooms that models/ does not have"


@pytest.mark.parametrize("tree", ["models", "lib"])
def test_imports_only_go_down(tree):
    wrong = []
    for path in sorted((CORE / tree).rglob("*.py")):
        here = path.relative_to(CORE / tree).parts[0]
        if path.name == "__init__.py" or here not in FLOORS:
            continue
        for target in read_imports(path, CORE):
            there = target[1] if target[0] == tree and len(target) > 1 else here
            if there in FLOORS and FLOORS.index(there) > FLOORS.index(here):
                wrong.append(f"{path.relative_to(CORE)} imports {'.'.join(target)}")
    assert wrong == []


@pytest.mark.parametrize("tree", ["models", "lib"])
def test_no_two_rooms_import_each_other(tree):
    arrows = collections.defaultdict(set)
    for path in sorted((CORE / tree).rglob("*.py")):
        if path.name != "__init__.py":
            here = path.parent.relative_to(CORE)
            for target in read_imports(path, CORE):
                there = next((room for room in _prefixes(target) if room in _folders(tree)), None)
                # a package and what lies in it are one house
                if there and there != here and there != here.parent and there.parent != here:
                    arrows[here].add(there)
    assert _find_circle(arrows) is None


def _prefixes(target):
    """The longest package first."""
    return [Path(*target[:length]) for length in range(len(target), 0, -1)]


def _folders(tree):
    return {path.relative_to(CORE) for path in rooms(tree)}


def _find_circle(arrows):
    """A path of rooms that ends where it began, or None."""
    done = set()

    def walk(room, trail):
        if room in trail:
            return [str(one) for one in trail[trail.index(room) :]] + [str(room)]
        if room in done:
            return None
        for other in sorted(arrows.get(room, ())):
            if circle := walk(other, [*trail, room]):
                return circle
        done.add(room)
        return None

    return next((circle for room in sorted(arrows) if (circle := walk(room, []))), None)
