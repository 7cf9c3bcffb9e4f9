"""The graph of revisions beside Alembic's own: heads, order, what it refuses."""

from __future__ import annotations

import random
import warnings

import pytest
from alembic.script import revision as alembic

import infralint
from infralint.project.catalog import Origin
from infralint.project.migrations.graph import Revision, RevisionGraph
from infralint.source import Span

NOWHERE = Origin("", Span(0, 0))


def made(id_: str, down: tuple[str, ...] = (), needs: tuple[str, ...] = (), labels: tuple[str, ...] = ()) -> Revision:
    return Revision(id_, f"{id_}.py", NOWHERE, NOWHERE, down, labels, needs, NOWHERE)


def alembics(revisions: list[Revision]) -> alembic.RevisionMap:
    return alembic.RevisionMap(
        lambda: [
            alembic.Revision(each.id, each.down or None, each.depends_on or None, each.labels or None)
            for each in revisions
        ]
    )


def random_graph(seed: int) -> list[Revision]:
    """Revisions whose `down_revision` and `depends_on` name earlier ones, in the order of their files' names."""
    chance = random.Random(seed)
    ids = [f"{chance.randint(0, 99):02}x{number}" for number in range(chance.randint(1, 9))]
    revisions = []
    for at, id_ in enumerate(ids):
        down = chance.sample(ids[:at], min(chance.choice([0, 1, 1, 1, 1, 2]), at))
        # Of two dependencies Alembic takes either first, as a set has them.
        needs = chance.sample(ids[:at], min(chance.choice([0, 0, 0, 0, 1]), at))
        revisions.append(made(id_, tuple(down), tuple(needs)))
    chance.shuffle(revisions)
    return revisions


@pytest.mark.parametrize("block", range(10))
def test_order_and_heads_are_alembics(block: int) -> None:
    for seed in range(block * 200, block * 200 + 200):
        revisions = random_graph(seed)
        theirs, ours = alembics(revisions), RevisionGraph(revisions)
        order = [each.revision for each in theirs.iterate_revisions("heads", "base", implicit_base=True)]
        assert [each.id for each in ours.order] == order[::-1], revisions
        assert [each.id for each in ours.heads] == list(theirs.heads), revisions
        assert {each.id for each in ours.bases} == set(theirs.bases), revisions


def kinds(*revisions: Revision) -> list[str]:
    return [fault.kind for fault in RevisionGraph(revisions).faults]


def refuses(*revisions: Revision) -> bool:
    """Whether Alembic refuses `upgrade head`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            alembics(list(revisions)).get_current_head()
        except (alembic.RevisionError, KeyError):
            return True
    return False


@pytest.mark.parametrize(
    ("revisions", "expected"),
    [
        ([made("a"), made("b", ("a",))], []),
        ([made("a"), made("b", ("x",))], ["unknown"]),
        ([made("a"), made("b", ("a",), ("x",))], ["unknown-dependency"]),
        ([made("a"), made("b", ("a",)), made("c", ("a",))], ["heads"]),
        ([made("a", ("b",)), made("b", ("a",))], ["cycle"]),
        ([made("a", ("a",))], ["cycle"]),
        ([made("a"), made("b", ("a", "d")), made("c", ("b",)), made("d", ("c",)), made("e", ("d",))], []),
        ([made("a"), made("b", ("c",)), made("c", ("b",)), made("d", ("a",))], ["cycle"]),
        ([made("a", (), ("b",)), made("b", ("a",)), made("c")], ["cycle"]),
        ([made("a", labels=("l",)), made("b", ("a",), labels=("l",))], ["duplicate-label"]),
        ([made("a"), made("b", labels=("side",)), made("c", ("a", "b"), ("side",))], []),
    ],
)  # fmt: skip
def test_faults_are_what_alembic_refuses(revisions: list[Revision], expected: list[str]) -> None:
    assert kinds(*revisions) == expected
    assert refuses(*revisions) == bool(expected)


def test_of_two_files_with_one_id_the_last_runs() -> None:
    first, second = made("a"), made("a", ("b",))
    graph = RevisionGraph([first, made("b"), second])
    (fault,) = graph.faults
    assert (fault.kind, fault.revision, fault.others) == ("duplicate", second, (first,))
    assert not graph.order


def test_a_circle_that_alembic_does_not_notice_has_no_order() -> None:
    revisions = [made("a"), made("b", ("a", "d")), made("c", ("b",)), made("d", ("c",)), made("e", ("d",))]
    assert RevisionGraph(revisions).order == ()


def test_a_circle_is_told_once_from_its_smallest_id() -> None:
    (fault,) = RevisionGraph([made("r"), made("c", ("r", "b")), made("b", ("c",)), made("s", ("r",))]).faults
    assert (fault.revision.id, [each.id for each in fault.others]) == ("b", ["c"])


def test_what_cannot_be_told_is_no_fault() -> None:
    graph = RevisionGraph([Revision("?", "a.py", NOWHERE, NOWHERE, open="computed"), made("b", ("gone",))])
    assert (graph.faults, graph.order) == ((), ())


def test_what_is_imported_is_what_it_is_called() -> None:
    """env.py imports its MetaData, a revision its functions."""
    files = {
        "alembic.ini": "[alembic]\nscript_location = alembic\n",
        "alembic/env.py": "from alembic import context\nfrom app.db import metadata as target_metadata\n"
        "context.configure(target_metadata=target_metadata)\n",
        "alembic/versions/1.py": "from app.first import downgrade, upgrade\nrevision = '1'\ndown_revision = None\n",
        "app/__init__.py": "",
        "app/first.py": "from alembic import op\nimport sqlalchemy as sa\n"
        "def upgrade():\n    op.create_table('things', sa.Column('id', sa.Integer, primary_key=True))\n"
        "def downgrade():\n    op.drop_table('things')\n",
        "app/db.py": "from sqlalchemy import Column, Integer, MetaData, Table\nmetadata = MetaData()\n"
        "things = Table('things', metadata, Column('id', Integer, primary_key=True), Column('more', Integer))\n",
    }
    (finding,) = infralint.lint(files).findings
    assert finding.rule == "migration-model-drift"
    assert [(place.path, place.line) for place in finding.related] == [
        ("app/first.py", 4),
        ("alembic/versions/1.py", 2),
    ]
