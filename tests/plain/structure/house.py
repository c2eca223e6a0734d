"""Reads how the add-ons are built: which class extends which model, in which room, with which methods."""

import ast
import functools
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CORE = ROOT / "distribution_visibility"
ADDONS = sorted(path.parent for path in ROOT.glob("distribution_visibility*/__manifest__.py"))


@dataclass(frozen=True)
class Piece:
    """One class of one model."""

    model: str
    path: Path
    methods: tuple = field(compare=False)

    @property
    def addon(self):
        return self.path.relative_to(ROOT).parts[0]

    @property
    def room(self):
        return str(self.path.relative_to(ROOT).parent)

    @property
    def place(self):
        return str(self.path.relative_to(ROOT))


@functools.cache
def parse(path):
    """The syntax tree of a file, read once."""
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def read_pieces(addon):
    """All classes of models of an add-on, tests left out."""
    found = []
    for path in sorted(addon.rglob("*.py")):
        if "tests" not in path.relative_to(addon).parts:
            found += [piece for node in parse(path).body if (piece := _read_class(node, path))]
    return tuple(found)


def _read_class(node, path):
    if not isinstance(node, ast.ClassDef):
        return None
    told = {}
    for line in node.body:
        if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") in ("_name", "_inherit"):
            told[line.targets[0].id] = ast.literal_eval(line.value)
    parents = told.get("_inherit") or []
    model = told.get("_name") or (parents if isinstance(parents, str) else next(iter(parents), None))
    methods = [line.name for line in node.body if isinstance(line, ast.FunctionDef)]
    return Piece(model, path, tuple(methods)) if model else None


def find_repeated(addon):
    """Methods that several classes of an add-on define for one model: {(model, method): [places]}."""
    places = {}
    for piece in read_pieces(addon):
        for method in piece.methods:
            places.setdefault((piece.model, method), []).append(piece.place)
    return {key: where for key, where in places.items() if len(where) > 1}


def read_imports(path, package):
    """Modules below an add-on that a file imports, as paths of parts from the add-on's folder."""
    here = path.relative_to(package).with_suffix("").parts
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = here[: len(here) - node.level]
            target = base + tuple((node.module or "").split(".")) if node.module else base
            yield target
            if (package.joinpath(*target)).is_dir():
                yield from (target + (alias.name,) for alias in node.names)
