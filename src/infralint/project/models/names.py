"""How the tree calls a value: the module and name that it is bound to."""

from __future__ import annotations

from collections.abc import Iterable

from infralint.project.interpret import ClassValue, InstanceValue, Made, ModuleValue


class Names:
    """Names of classes and terms at the top of modules, "app.db:Base"."""

    def __init__(self, modules: Iterable[ModuleValue]) -> None:
        self._names: dict[int, str] = {}
        self._dotted: dict[str, str] = {}
        self._kept: list[object] = []
        for module in modules:
            self._dotted[module.path] = module.dotted
            for name, bound in module.names.items():
                value = bound.value.made if isinstance(bound.value, InstanceValue) else bound.value
                if isinstance(value, Made) and value.frame.path == module.path:
                    self._names.setdefault(id(value), f"{module.dotted}:{name}")
                    self._kept.append(value)

    def of(self, value: ClassValue | Made) -> str:
        """The name of a class, or of the variable that holds a term; the module alone where there is none."""
        if isinstance(value, ClassValue):
            return f"{self._dotted.get(value.path, value.path)}:{value.qualname}"
        path = value.frame.path
        return self._names.get(id(value), f"{self._dotted.get(path, path)}:")
