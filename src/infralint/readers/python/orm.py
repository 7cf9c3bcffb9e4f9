"""SQLAlchemy in one module."""
from __future__ import annotations
from collections.abc import Mapping
import libcst as cst
from infralint.facts.files import FileFacts
from infralint.readers.python.context import Handler, PythonFile

class OrmVisitor:
    def __init__(self, file: PythonFile) -> None:
        self.file = file
    def handlers(self) -> Mapping[type[cst.CSTNode], Handler]:
        return {cst.Call: self.call}
    def call(self, node: cst.CSTNode) -> None:
        assert isinstance(node, cst.Call)
        print(self.file.resolve(node.func), self.file.span(node), [self.file.text_of(a.value) for a in node.args])
    def finish(self, facts: FileFacts) -> FileFacts:
        return facts

def make(file: PythonFile, dialect: str) -> OrmVisitor:
    return OrmVisitor(file)
