"""The views of a Project about its modules: what they are called, import and bind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from infralint.project import import_closure
from infralint.project.applications import Applications, edges
from infralint.project.class_members import ClassMembers
from infralint.project.import_closure import ImportGraph
from infralint.project.import_roots import ImportRoots
from infralint.project.import_targets import ImportTargets
from infralint.project.module_names import NameJudge, released, shown, top_level
from infralint.project.modules import ModuleGraph
from infralint.project.placed_images import PartlyAsked, PlacedImages, may_be_built, root_in_images
from infralint.project.unresolved_imports import UnresolvedImport, importing, unresolved_in
from infralint.project.unresolved_patches import UnresolvedPatch, patching, unpatched_in
from infralint.project.views import compared, lens, view

# What is made by file.
MODULE_PARTS: dict[str, Callable[[Any, str], Iterable[Any]]] = {
    "certainly_started": import_closure.certainly_started,
    "possibly_started": import_closure.possibly_started,
    "relative_imports": lambda project, path: [each for each in project.files[path].python.imports if each.level],
    "imported": lambda project, path: (edges(project.modules, path), import_closure.certain(project, path)),
    "loaded": import_closure.loaded,
    "may_be_built": lambda project, key: (may_be_built(project.placed_images, key),),
    "root_in_images": lambda project, key: (root_in_images(project.placed_images, key),),
    "shown": lambda project, path: shown(project.files, project.name_judge, path),
    "named": lambda project, path: (
        top_level(project.files[path], project.modules),
        import_closure.words(project, path),
    ),
    "unresolved_imports": lambda project, path: unresolved_in(project.files, project.name_judge, path),
    "unresolved_patches": lambda project, path: unpatched_in(project.files, project.class_members, path),
}


class ModuleViews:
    """What a Project has of these views; `self` is the Project as the view sees it."""

    @view
    def _module_graph(self: Any) -> ModuleGraph:
        roots = ImportRoots(self.files, PartlyAsked(self.part))
        return ModuleGraph(self.files, self.paths, self.settings.sources, roots)

    @view
    def placed_images(self: Any) -> PlacedImages:
        """The files of the tree in the images that it builds."""
        return PlacedImages(self.builds.all)

    @lens
    def modules(self: Any) -> ModuleGraph:
        """Modules, import roots, and what a name is after imports and re-exports."""
        graph: ModuleGraph = self._module_graph
        return graph.over(self.files)

    @view
    def import_targets(self: Any) -> ImportTargets:
        """What imports may find besides the modules that were read."""
        return ImportTargets(self.paths, self._is_left_out)

    @view
    def unresolved_imports(self: Any) -> tuple[UnresolvedImport, ...]:
        """Imports of the tree's own modules that must fail."""
        return tuple(found for path in importing(self.files) for found in self.part("unresolved_imports", path))

    @view
    def unresolved_patches(self: Any) -> tuple[UnresolvedPatch, ...]:
        """Patches of names that the tree's own modules do not have."""
        return tuple(found for path in patching(self.files) for found in self.part("unresolved_patches", path))

    @lens
    def class_members(self: Any) -> ClassMembers:
        """The attributes of first-party classes."""
        return ClassMembers(self.name_judge)

    @lens
    def name_judge(self: Any) -> NameJudge:
        """Which names the tree's own modules certainly do not have."""
        return NameJudge(self)

    @compared
    def own_packages(self: Any) -> frozenset[str]:
        """Top-level names that are surely the tree's own."""
        return frozenset(head for path in self._outlined for head in self.part("shown", path))

    @compared
    def released(self: Any) -> dict[str, set[str]]:
        """Distributions that are asked for from elsewhere, with the folders of the files that do so."""
        return released(self.files)

    @compared
    def modules_by_name(self: Any) -> dict[str, list[str]]:
        """Modules by the top-level names that they import."""
        found: dict[str, list[str]] = {}
        for path in sorted(self._module_graph.modules):
            for name in self.part("named", path)[0]:
                found.setdefault(name, []).append(path)
        return found

    @lens
    def imports(self: Any) -> ImportGraph:
        """What each module may load."""
        return ImportGraph(self)

    @view
    def modules_by_stem(self: Any) -> dict[str, list[str]]:
        """Modules by the last part of their name."""
        return import_closure.by_stem(self._module_graph.modules)

    @view
    def modules_by_word(self: Any) -> dict[str, list[str]]:
        """Modules by the words of the dotted names that they hold, as far as modules are called so."""
        return import_closure.by_word(self)

    @view
    def applications(self: Any) -> Applications:
        """Which modules belong to one application."""
        return Applications(self._module_graph, [(path, self.part("imported", path)[0]) for path in self._outlined])

    @view
    def _outlined(self: Any) -> tuple[str, ...]:
        return tuple(path for path in sorted(self._module_graph.modules) if self.modules.outline(path))
