"""Commands in Python: lists that grow and change, calls that run them, helpers."""

from __future__ import annotations

import textwrap

import msgspec
import pytest

from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE
from infralint.kinds import Kind
from infralint.readers.dispatch import read_file

HEAD = "import asyncio, os, shlex, subprocess, sys\nfrom subprocess import check_call as cc, run\n"


def facts(code: str) -> FileFacts:
    return read_file((HEAD + textwrap.dedent(code)).encode(), Kind.PYTHON, "postgres")


def commands(code: str) -> list[str]:
    """Every command as one line: `?` is not known, `*` follows words that split, `~` optional ones."""
    found = facts(code)
    assert found.problem is None
    return [
        " ".join(word.value.replace(HOLE, "?") + "*" * word.splits + "~" * word.optional for word in command.words)
        for command in found.commands
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("subprocess.run(['docker', 'run', name, f'--x={y}'], check=True)", "docker run ? --x=?"),
        ("subprocess.run(args=('pip', 'install', 'x'))", "pip install x"),
        ("cc(['sudo', 'env', 'A=b', 'gcloud', 'x'])", "gcloud x"),
        ("os.system('gcloud x | tee log')", "gcloud x"),
        ("subprocess.run(f'gcloud x --y={z}', shell=True)", "gcloud x --y=?*"),
        ("subprocess.check_output(['bash', '-c', 'cd a && gcloud x'])", "gcloud x"),
        ("async def f():\n    await asyncio.create_subprocess_exec('gcloud', 'x', *rest)", "gcloud x ?*"),
        ("async def f():\n    await asyncio.create_subprocess_shell('gcloud x')", "gcloud x"),
        ("subprocess.run(shlex.split(f\"gcloud x '{y} z' --a\"))", "gcloud x ? z --a"),
        ("anything('gcloud x  --y'.split())", "gcloud x --y"),
        ("client.do(['gcloud', 'x', str(y)])", "gcloud x ?"),
        ("def f():\n    return ['gcloud', 'x']", "gcloud x"),
        ("GCLOUD = 'gcloud'\nBASE = ['run', 'jobs']\nx([GCLOUD, *BASE, 'list'])", "gcloud run jobs list"),
        ("base = ['gcloud', 'run']\nsubprocess.run(base + ['deploy'] + more)", "gcloud run deploy ?*"),
        ("def f(a):\n    c = ['gcloud', 'x']\n    c += ['--a', a]\n"
         "    c.append('-b')\n    c.extend(['--c'])\n    go(c)",
         "gcloud x --a ? -b --c"),
        ("def f(a):\n    c = ['gcloud', 'x']\n    if a:\n"
         "        c.append('--a')\n    elif b:\n        c += ['--b']\n    go(c)",
         "gcloud x --a~ --b~"),
        ("def f(a):\n    c = ['gcloud', 'x', *(['--a'] if a else [])]\n"
         "    for b in a:\n        c.extend(b)\n    go(c)",
         "gcloud x --a~ ?*~"),
        ("def f(a):\n    c = ['gcloud', 'x', 'y']\n    c[2] = 'z'\n"
         "    c.insert(1, 'beta')\n    go(c)", "gcloud beta x z"),
        ("def f(a):\n    c = ['gcloud', 'x']\n    c[c.index('x')] = 'z'\n    go(c)", "gcloud z"),
        ("def f(a):\n    c = ['gcloud', 'x', *[f'--y={b}' for b in a]]\n    go(c)", "gcloud x --y=?~"),
        ("def f(a):\n    c = ['gcloud', 'x']\n    try:\n"
         "        go(c)\n    except E:\n        raise", "gcloud x"),
        ("class A:\n    C = ['gcloud', 'x']\n", "gcloud x"),
        ("match a:\n    case 1:\n        go(['gcloud', 'x'])\n", "gcloud x"),
    ],
)  # fmt: skip
def test_a_command(code: str, expected: str) -> None:
    assert expected in commands(code)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def run_gcloud(*args):\n    run(['gcloud', *args, '-q'])\n"
         "run_gcloud('x', y, *z)", "gcloud x ? ?* -q"),
        ("def run_gcloud(args):\n    run(['gcloud'] + args)\nrun_gcloud(['x'] + ['y'])", "gcloud x y"),
        ("def run_gcloud(args):\n    cmd = ['gcloud']\n"
         "    cmd.extend(args)\n    run(cmd)\nrun_gcloud(['x'])", "gcloud x"),
        ("def run_gcloud(c):\n    run(c, shell=True)\nrun_gcloud(f'gcloud x {y} --z')", "gcloud x ?* --z"),
        ("def run_gcloud(c):\n    run(shlex.split(c))\nrun_gcloud('gcloud x')", "gcloud x"),
        ("class A:\n    def run_gcloud(self, verb, args):\n        run(['gcloud', verb, *args])\n"
         "    def h(self):\n        self.run_gcloud('x', ['y'])", "gcloud x y"),
    ],
)  # fmt: skip
def test_a_helper_puts_its_words_around(code: str, expected: str) -> None:
    assert expected in commands(code)


@pytest.mark.parametrize(
    "code",
    [
        "print('gcloud x')", "x = 'gcloud x'", "client.run_gcloud(['x'])", "['a', 'gcloud']",
        "def run_gcloud(args):\n    run(['gcloud'] + args)\nother.run_gcloud(['x'])",
        "def run_gcloud(args):\n    run(['gcloud'] + args)\n"
        "def run_gcloud(args):\n    run(args)\nrun_gcloud(['x'])",
        "def f(c):\n    c = ['gcloud', 'x']\n    c = build()\n    c.append('x')",
    ],
)  # fmt: skip
def test_what_is_not_known_to_run_is_no_command_with_x(code: str) -> None:
    assert "gcloud x x" not in commands(code)
    assert commands(code) in ([], ["gcloud ?*"], ["gcloud x"], ["gcloud ?*", "?*"])


def test_both_forms_of_a_list_are_commands() -> None:
    code = """
        def f(exists):
            cmd = ["gcloud", "run", "jobs", "create", name]
            if exists:
                cmd[3] = "update"
            if exists:
                cmd.append("--clear-x")
            run(cmd)
    """
    # Which form has the optional flag is not known.
    assert commands(code) == ["gcloud run jobs update ? ?*", "gcloud run jobs create ? ?*"] or commands(code) == [
        "gcloud run jobs create ? ?*",
        "gcloud run jobs update ? ?*",
    ]


def test_a_list_is_what_it_is_where_it_is_used() -> None:
    code = """
        def f():
            cmd = ["gcloud", "run", "jobs", "create", "x"]
            run(cmd)
            cmd[3] = "update"
            run(cmd)
            cmd[index] = "other"
            run(cmd)
    """
    assert sorted(commands(code)) == ["gcloud run jobs create x", "gcloud run jobs update x"]


def test_a_branch_that_leaves_does_not_count() -> None:
    code = """
        def f(local):
            cmd = ["gcloud", "x"]
            if local:
                cmd.append("--local")
                return cmd
            run(cmd)
    """
    assert sorted(commands(code)) == ["gcloud x", "gcloud x --local"]


def test_spans_lie_inside_of_the_quotes() -> None:
    source = HEAD + 'cmd = ["gcloud", "x", f"--é={y}"]\nrun(cmd)\n'
    (command,) = read_file(source.encode(), Kind.PYTHON, "postgres").commands
    place = command.words[2].text.locate(0, 3)
    assert source[place.start : place.end] == "--é"
    assert source[command.span.start : command.span.end] == '["gcloud", "x", f"--é={y}"]'


def test_facts_survive_the_cache() -> None:
    found = facts("def f(a):\n    c = ['gcloud', *a]\n    c += ['--b']\n    run(c)")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=FileFacts) == found


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(e, n):\n    run(['gcloud', 'jobs', 'update' if e else 'create', n, '--t', '5'])",
         ["gcloud jobs create ? --t 5", "gcloud jobs update ? --t 5"]),
        ("def f(e):\n    verb = 'update' if e else 'create'\n    run(['gcloud', 'jobs', verb])",
         ["gcloud jobs create", "gcloud jobs update"]),
        ("def f(e):\n    if e:\n        verb = 'update'\n    else:\n        verb = 'create'\n    run(['gcloud', 'jobs', verb])",
         ["gcloud jobs create", "gcloud jobs update"]),
        ("def f(e):\n    c = ['gcloud', 'jobs', 'x']\n    c[2] = 'update' if e else 'create'\n    run(c)",
         ["gcloud jobs create", "gcloud jobs update"]),
        ("def f(e):\n    verb = 'x'\n    for verb in e:\n        run(['gcloud', verb])", ["gcloud ?"]),
        ("def f(e):\n    with e as verb:\n        run(['gcloud', verb])", ["gcloud ?"]),
        ("def f(x):\n    c = 'gcloud run'\n    c += ' --a'\n    if x:\n        c += f' --b {x}'\n    run(c, shell=True)",
         ["gcloud run --a", "gcloud run --a --b ?*"]),
        ("def f(x):\n    c = 'gcloud run'\n    for y in x:\n        c += ' --a'\n    os.system(c)", []),
        ("def f(x):\n    c = 'gcloud run ' + 'jobs'\n    os.system(c + ' list')", ["gcloud run jobs list"]),
        ("def f(x):\n    c = ['gcloud', 'run', x]\n    run(' '.join(c), shell=True)", ["gcloud run ?*"]),
        ("def f(x):\n    os.system(shlex.join(['gcloud', 'run', x]))", ["gcloud run ?*"]),
        ("def f(c):\n    c.run('gcloud run x --t 5', hide=True)", ["gcloud run x --t 5"]),
        ("def f(session):\n    session.run('gcloud', 'run', 'x', '--t', '5', external=True)", ["gcloud run x --t 5"]),
        ("from u import run_command\nrun_command('gcloud x --y')", ["gcloud x --y"]),
        ("from u import run_command, log_command\nlog_command('gcloud x --y')", []),
        ("import shutil\ndef f():\n    program = shutil.which('gcloud')\n    run([program, 'x'])", ["gcloud x"]),
        ("import shutil\nrun([shutil.which('gcloud') or 'gcloud', 'x'])", ["gcloud x"]),
        ("def f():\n    program = os.environ.get('GCLOUD', 'gcloud')\n    run([program, 'x'])", ["gcloud x"]),
        ("def f():\n    verb = os.environ.get('VERB', 'update')\n    run(['gcloud', verb])", ["gcloud ?"]),
        ("def f(verb):\n    verb = verb or 'update'\n    run(['gcloud', verb])", ["gcloud ?"]),
        ("def f():\n    c = ['gcloud', 'beta', 'x']\n    del c[1]\n    run(c)", ["gcloud x"]),
        ("def f():\n    c = ['gcloud', 'beta', 'x']\n    c.pop(1)\n    c.append('-q')\n    run(c)", ["gcloud x -q"]),
        ("def f(e):\n    c = ['gcloud', 'x']\n    c.append('--a' if e else '--b')\n    run(c)", ["gcloud x --a", "gcloud x --b"]),
        ("def g(verb, *more):\n    run(['gcloud', 'run', verb, *more, '-q'])\ng('deploy', '--x', y)",
         ["gcloud run ? ?* -q", "gcloud run deploy --x ? -q"]),
        ("def g(verb, args):\n    run(['gcloud', verb] + args)\ng('deploy', ['--x'])\ng('list', build())\ng()",
         ["gcloud ? ?*", "gcloud deploy --x"]),
    ],
)  # fmt: skip
def test_spellings(code: str, expected: list[str]) -> None:
    # A list that a text is made of is seen as a list, too.
    assert sorted(set(commands(code)) - {"gcloud run ?"} | set(expected)) == sorted(expected)
    assert set(expected) <= set(commands(code))


def test_a_list_that_is_only_passed_on_is_not_known_to_run() -> None:
    found = facts(
        "def f(x):\n    send(['gcloud', 'a', x])\n    run(['gcloud', 'b'])\n    c = ['gcloud', 'c']\n    run(c)\n    send(c)"
    )
    assert {command.words[1].value: command.run for command in found.commands} == {"a": False, "b": True, "c": True}
