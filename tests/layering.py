"""Reads the imports of every module and holds them against a table; the table is in test_layering.py."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Rules:
    """Imports that are allowed.

    `allowed` maps a unit ("hwcore.quant") to the units it may import, itself apart. `forbidden` maps a unit to the
    third-party packages it may not import. `split` holds the packages whose direct children are units of their own,
    every one declared. `free` are top-level folders that may import anything and that nothing else may import.
    """

    allowed: Mapping[str, frozenset[str]]
    forbidden: Mapping[str, frozenset[str]]
    split: frozenset[str]
    free: frozenset[str]

    @property
    def packages(self) -> frozenset[str]:
        """The top-level packages that the table is about."""
        return frozenset(unit.partition(".")[0] for unit in self.allowed)


@dataclass(frozen=True)
class Import:
    """One import: the dotted target, where it stands, and how it was written."""

    target: str
    line: int
    in_function: bool
    relative: bool


def is_source_folder(path: Path) -> bool:
    """Tell whether a folder holds Python source of ours, at any depth."""
    return path.is_dir() and not path.name.startswith(".") and any(path.rglob("*.py"))


def unit_of(dotted: str, root: Path, rules: Rules) -> str:
    """Return the unit of a dotted name: the longest declared one, or an undeclared child of a split package."""
    parts = dotted.split(".")
    # The innermost split package that has such a child, so that a split package may lie in another one.
    for length in range(len(parts) - 1, 0, -1):
        child = root.joinpath(*parts[: length + 1])
        if ".".join(parts[:length]) in rules.split and (child.is_dir() or child.with_suffix(".py").is_file()):
            return ".".join(parts[: length + 1])
    while len(parts) > 1 and ".".join(parts) not in rules.allowed:
        parts.pop()
    return ".".join(parts)


class ImportReader(ast.NodeVisitor):
    """Collects the imports of one module, those under TYPE_CHECKING and inside functions as well."""

    def __init__(self, package: list[str]) -> None:
        self.package = package
        self.depth = 0
        self.found: list[Import] = []

    def _add(self, target: str, node: ast.stmt | ast.expr, *, relative: bool = False) -> None:
        self.found.append(Import(target, node.lineno, self.depth > 0, relative))

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._add(alias.name, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = [node.module] if node.module else []
        if node.level:
            base = self.package[: len(self.package) - node.level + 1] + base
        for alias in node.names:
            self._add(".".join([*base, alias.name]), node, relative=node.level > 0)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in {"import_module", "__import__"} and node.args and isinstance(node.args[0], ast.Constant):
            # By name a module may be loaded late, for a command that starts fast; the table holds for it all the same.
            self.found.append(Import(str(node.args[0].value), node.lineno, in_function=False, relative=False))
        self.generic_visit(node)

    def _visit_function(self, node: ast.AST) -> None:
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _visit_function


def read_imports(path: Path, root: Path) -> list[Import]:
    """Return every import of the module at `path`, relative ones resolved."""
    parts = list(path.relative_to(root).with_suffix("").parts)
    reader = ImportReader(parts[:-1])
    reader.visit(ast.parse(path.read_text(encoding="utf-8"), str(path)))
    return reader.found


def _faults_of_module(path: Path, root: Path, rules: Rules) -> Iterator[str]:
    unit = unit_of(".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"), root, rules)
    may = rules.allowed.get(unit, frozenset()) | {unit}
    barred = frozenset().union(*(names for name, names in rules.forbidden.items() if f"{unit}.".startswith(f"{name}.")))
    for imported in read_imports(path, root):
        top = imported.target.partition(".")[0]
        where = f"{path.relative_to(root)}:{imported.line}: {unit}"
        if top in rules.free:
            yield f"{where} imports {imported.target}; nothing imports {top}"
        elif top in rules.packages or imported.relative:
            target = unit_of(imported.target, root, rules)
            if target not in may:
                yield f"{where} imports {target}; allowed: {', '.join(sorted(may - {unit})) or 'nothing'}"
            if target != unit and imported.in_function:
                yield f"{where} imports {target} inside a function; move the import up, or the concept to a lower step"
            if target != unit and imported.relative:
                yield f"{where} imports {target} relatively, beyond its own package; write the full name"
        elif top in barred:
            yield f"{where} imports {top}, which has no place there"


def _undeclared(root: Path, rules: Rules) -> Iterator[str]:
    for path in sorted(root.iterdir()):
        if is_source_folder(path) and path.name not in rules.packages | rules.free:
            yield f"{path.name}/ is not declared in the table of tests/test_layering.py"
    for package in sorted(rules.split):
        for path in sorted(root.joinpath(*package.split(".")).iterdir()):
            unit = f"{package}.{path.stem}"
            is_unit = is_source_folder(path) or (path.suffix == ".py" and path.name != "__init__.py")
            if is_unit and unit not in rules.allowed:
                yield f"{path.relative_to(root)} is not declared: add {unit} to the table of tests/test_layering.py"


def faults(root: Path, rules: Rules) -> list[str]:
    """Return every breach of the rules below `root`, one line each; none means the layering holds."""
    found = list(_undeclared(root, rules))
    for package in sorted(rules.packages):
        for path in sorted((root / package).rglob("*.py")):
            found.extend(_faults_of_module(path, root, rules))
    return found
