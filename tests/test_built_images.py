"""What an image holds, sets and starts, from its Dockerfile and its context."""

from __future__ import annotations

import pytest
from built_images import PYTHON, at, built, project
from hypothesis import given, settings
from hypothesis import strategies as st

from infralint.facts.text import HOLE

TREE = {
    "main.py": "",
    "app/__init__.py": "",
    "app/main.py": "",
    "app/data/x.json": "",
    "start.sh": "#!/bin/sh\nexec python main.py\n",
    "requirements.txt": "",
}


@pytest.mark.parametrize(
    ("instructions", "path", "expected"),
    [
        # COPY: files, folders, several, destinations with and without a slash.
        ("COPY main.py .", "/app/main.py", "main.py"),
        ("COPY main.py ./", "/app/main.py", "main.py"),
        ("COPY main.py /app", "/app/main.py", "main.py"),
        ("COPY main.py /srv/run.py", "/srv/run.py", "main.py"),
        ("COPY main.py /usr/local/bin", "/usr/local/bin/main.py", "main.py"),
        ("COPY main.py sub/", "/app/sub/main.py", "main.py"),
        ("COPY main.py sub", "/app/sub", "main.py"),
        ("COPY app .", "/app/main.py", "app/main.py"),
        ("COPY app .", "/app/app/main.py", "absent"),
        ("COPY app/ service/", "/app/service/data/x.json", "app/data/x.json"),
        ("COPY app service", "/app/service", "folder"),
        ("COPY . .", "/app/app/main.py", "app/main.py"),
        ("COPY . .", "/app/none.py", "absent"),
        ("COPY ./ /", "/main.py", "main.py"),
        ("COPY app/ main.py ./", "/app/data/x.json", "app/data/x.json"),
        ("COPY app/ main.py ./", "/app/main.py", "main.py"),
        ('COPY ["main.py", "/a b/"]', "/a b/main.py", "main.py"),
        ("COPY --chown=a:b --chmod=755 --link main.py .", "/app/main.py", "main.py"),
        ("COPY /main.py .", "/app/main.py", "main.py"),
        ("COPY ../main.py .", "/app/main.py", "main.py"),
        ("copy main.py .", "/app/main.py", "main.py"),
        ("COPY \\\n  # which\n  main.py \\\n  .", "/app/main.py", "main.py"),
        ("COPY main.py $NONE/x.py", "/x.py", "main.py"),
        # Globs.
        ("COPY *.py ./", "/app/main.py", "main.py"),
        ("COPY app/*.py ./", "/app/__init__.py", "app/__init__.py"),
        ("COPY ap? ./", "/app/data/x.json", "app/data/x.json"),
        ("COPY none* ./", "/app/none.py", "absent"),
        ("COPY *.py *.sh ./", "/app/start.sh", "start.sh"),
        # --exclude and --parents.
        ("COPY --exclude=*.py app/ ./", "/app/main.py", "absent"),
        ("COPY --exclude=*.py app/ ./", "/app/data/x.json", "app/data/x.json"),
        ("COPY --exclude=**/x.json --exclude=main.py . .", "/app/main.py", "absent"),
        ("COPY --exclude=**/x.json . .", "/app/app/data/x.json", "absent"),
        ("COPY --parents app/main.py /to/", "/to/app/main.py", "app/main.py"),
        ("COPY --parents **/*.json /to/", "/to/app/data/x.json", "app/data/x.json"),
        ("COPY --parents app/./data /to/", "/to/data/x.json", "app/data/x.json"),
        ("COPY --parents app/./data /to/", "/to/app/data/x.json", "absent"),
        # Here-documents.
        ("COPY <<EOF /app/x.py\nprint()\nEOF", "/app/x.py", "made"),
        ("COPY <<A.py <<'B.py' ./\nA.py\nB.py", "/app/B.py", "made"),
        # ADD: addresses, archives, git.
        ("ADD https://example.com/a/b.py?x=1 ./", "/app/b.py", "made"),
        ("ADD https://example.com/a/b.py x.py", "/app/x.py", "made"),
        ("ADD https://github.com/a/b.git /src", "/src/setup.py", "open"),
        ("ADD git@example.com:a/b.git /src", "/src/setup.py", "open"),
        ("ADD main.py .", "/app/main.py", "main.py"),
        # Folders.
        ("WORKDIR sub/../other\nCOPY main.py .", "/app/other/main.py", "main.py"),
        ("WORKDIR /x\nWORKDIR y\nCOPY main.py .", "/x/y/main.py", "main.py"),
        ("ENV HOME=/home/a\nWORKDIR ${HOME}/b\nCOPY main.py .", "/home/a/b/main.py", "main.py"),
        ("ARG D=/opt/x\nWORKDIR $D\nCOPY main.py .", "/opt/x/main.py", "main.py"),
        ("ARG D\nWORKDIR /a$D\nCOPY main.py .", "/x/main.py", "open"),
        ("WORKDIR $UNSET_NAME/x\nCOPY main.py .", "/app/x/main.py", "absent"),
        # RUN.
        ("COPY . .\nRUN rm -rf app", "/app/app/main.py", "absent"),
        ("COPY . .\nRUN rm main.py", "/app/main.py", "absent"),
        ("COPY . .\nRUN test -f x && rm main.py", "/app/main.py", "main.py"),
        ("COPY . .\nRUN rm -rf app/*", "/app/app/main.py", "app/main.py"),
        ("COPY . .\nRUN rm -rf app\nCOPY main.py app/main.py", "/app/app/main.py", "main.py"),
        ("COPY . .\nRUN mv app/main.py /srv/m.py", "/srv/m.py", "app/main.py"),
        ("COPY . .\nRUN cp main.py /srv/", "/srv/main.py", "main.py"),
        ("COPY . .\nRUN cp -r app /srv/app", "/srv/app/main.py", "open"),
        ("RUN mkdir -p /a/b && cd /a/b && touch c.py", "/a/b/c.py", "made"),
        ("RUN mkdir -p /a/b", "/a", "folder"),
        ("RUN (cd /a && touch c.py)", "/a/c.py", "made"),
        ("RUN (cd /a && touch c.py); touch d.py", "/app/d.py", "made"),
        ("RUN cd $UNKNOWN && touch c.py", "/x/c.py", "open"),
        ("ARG U\nRUN cd $U && touch c.py", "/x/c.py", "open"),
        ("RUN echo 1 > x.py", "/app/x.py", "made"),
        ("RUN cat > /x.py <<EOF\na\nEOF", "/x.py", "made"),
        ("RUN <<EOF\necho 1 > x.py\nEOF", "/app/x.py", "made"),
        ("RUN echo 1 | tee -a x.py", "/app/x.py", "made"),
        ("RUN echo 1 > /dev/null", "/app/x.py", "absent"),
        ("RUN git clone https://e.com/x.git /src", "/src/a.py", "open"),
        ("RUN git clone https://e.com/x.git /src", "/app/a.py", "absent"),
        ("RUN git clone https://e.com/x.git", "/app/x/a.py", "open"),
        ("RUN curl -fsSLo /opt/x.py https://e.com/x", "/opt/x.py", "open"),
        ("RUN curl -fsSL https://e.com/x -o /opt/x.py", "/app/x.py", "absent"),
        ("RUN curl -O https://e.com/x.py", "/app/x.py", "open"),
        ("RUN wget https://e.com/x.py", "/app/x.py", "open"),
        ("RUN curl https://e.com/x | tar -xzC /opt", "/opt/x.py", "open"),
        ("RUN curl https://e.com/x | tar -xzC /opt", "/app/x.py", "absent"),
        ("RUN curl https://e.com/i.sh | sh", "/app/x.py", "absent"),
        ("RUN curl https://e.com/i.sh | sh", "/app/bin/tool", "open"),
        ("RUN pip install -r requirements.txt", "/app/x.py", "absent"),
        ("RUN pip install -r requirements.txt", "/app/x.sh", "absent"),
        ("RUN pip install --target=/deps x", "/deps/x.py", "open"),
        ("RUN python -m venv /venv", "/venv/bin/uvicorn", "open"),
        ("RUN python manage.py collectstatic --noinput", "/app/x.py", "absent"),
        ("RUN python build.py", "/app/x.py", "open"),
        ("RUN python -c 'import nltk; nltk.download()'", "/app/x.py", "absent"),
        ("RUN python -c \"open('x.py', 'w')\"", "/app/x.py", "open"),
        ("RUN make", "/anywhere/x.py", "open"),
        ("RUN ./build.sh", "/app/x.py", "open"),
        ("RUN apt-get update && apt-get install -y curl", "/app/x.py", "absent"),
        ("RUN useradd x && chown -R x . && chmod +x start.sh", "/app/x.py", "absent"),
        ("RUN npm run build", "/app/x.py", "absent"),
        ("RUN npm run build", "/app/dist/x.js", "open"),
        ('RUN ["touch", "x.py"]', "/app/x.py", "made"),
        ('RUN ["sh", "-c", "cd /a; touch x.py"]', "/a/x.py", "made"),
        ("RUN --mount=type=bind,target=/src cp /src/main.py /x.py", "/x.py", "main.py"),
        ("RUN --mount=type=bind,target=/src true", "/src/main.py", "absent"),
        ("RUN if true; then (", "/app/x.py", "open"),
        ("RUN <<EOF\n#!/usr/bin/env python3\nx\nEOF", "/app/x.py", "open"),
        ("ENV D=/a\nRUN touch $D/${N:-x}.py", "/a/x.py", "made"),
        # Systems that the base brings.
        ("", "/usr/bin/env", "open"),
        ("", "/usr/src/x.py", "absent"),
        ("", "/app", "folder"),
        ("", "/", "folder"),
        ("ONBUILD COPY . .", "/app/main.py", "absent"),
    ],
)
def test_the_files_of_an_image(instructions: str, path: str, expected: str) -> None:
    assert at(built(PYTHON + instructions + "\n", TREE), path) == expected


@pytest.mark.parametrize(
    ("dockerfile", "path", "expected"),
    [
        ("FROM scratch\nCOPY main.py /\n", "/usr/bin/x", "absent"),
        ("FROM company/base:1\nCOPY main.py /app/\n", "/app/x.py", "open"),
        ("FROM company/base:1\nCOPY main.py /app/\n", "/app/main.py", "main.py"),
        ("FROM company/base:1\nCOPY main.py .\n", "/main.py", "open"),
        ("FROM python:3-onbuild\n", "/usr/src/app/x.py", "open"),
        ("FROM docker.io/library/python:3\nWORKDIR /a\n", "/a/x.py", "absent"),
        ("FROM public.ecr.aws/docker/library/python:3\nWORKDIR /a\n", "/a/x.py", "absent"),
        ("FROM gcr.io/distroless/python3-debian12\nWORKDIR /a\n", "/a/x.py", "absent"),
        ("FROM ghcr.io/astral-sh/uv:python3.13-bookworm\nWORKDIR /a\n", "/a/x.py", "absent"),
        ("ARG B=python:3\nFROM $B\nWORKDIR /a\n", "/a/x.py", "absent"),
        ("ARG B\nFROM $B\n", "/a/x.py", "open"),
        ("# syntax=docker/dockerfile:1\nFROM python:3\n", "/a/x.py", "absent"),
        ("# syntax=example.com/own:1\nFROM python:3\n", "/a/x.py", "open"),
        ("# escape=`\nFROM python:3\nCOPY main.py `\n  /a/\n", "/a/main.py", "main.py"),
        ("FROM python:3 AS a\nCOPY main.py /x/\nFROM a\n", "/x/main.py", "main.py"),
        ("FROM python:3 AS a\nCOPY main.py /x/\nFROM python:3\n", "/x/main.py", "absent"),
        ("FROM python:3 AS a\nCOPY main.py /x/\nFROM python:3\nCOPY --from=a /x /y\n", "/y/main.py", "main.py"),
        ("FROM python:3\nCOPY main.py /x/\nFROM python:3\nCOPY --from=0 /x/main.py /y/\n", "/y/main.py", "main.py"),
        ("FROM python:3 AS a\nCOPY main.py /x/\nFROM python:3\nCOPY --from=A /x/*.py /y/\n", "/y/main.py", "main.py"),
        ("FROM python:3 AS a\nRUN make\nFROM python:3\nCOPY --from=a /x /y\n", "/y/main.py", "open"),
        ("FROM python:3 AS a\nRUN make\nFROM python:3\nCOPY --from=a /x /y\n", "/z/main.py", "absent"),
        ("FROM python:3\nCOPY --from=company/x:1 /x /y\n", "/y/a.py", "open"),
        ("FROM python:3\nCOPY --from=company/x:1 /x /y/\n", "/y/x", "open"),
        ("FROM python:3\nARG S\nCOPY --from=$S /x /y\n", "/y/a.py", "open"),
        ("FROM python:3 AS a\nONBUILD COPY main.py /x/\nFROM a\n", "/x/main.py", "main.py"),
        ("FROM b\n", "/a/x.py", "open"),
        ("FROM mcr.microsoft.com/windows/servercore:1\nWORKDIR C:\\app\n", "/app/x.py", "open"),
    ],
)
def test_stages_and_bases(dockerfile: str, path: str, expected: str) -> None:
    assert at(built(dockerfile, TREE), path) == expected


def test_what_is_sent_follows_the_ignore_file() -> None:
    files = {**TREE, ".dockerignore": "app\n!app/main.py\n*.sh\n"}
    image = built(PYTHON + "COPY . .\n", files)
    assert [at(image, path) for path in ("/app/app/main.py", "/app/app/__init__.py", "/app/start.sh")] == [
        "app/main.py",
        "absent",
        "absent",
    ]
    own = built(PYTHON + "COPY . .\n", {**files, "Dockerfile.dockerignore": "main.py\n"})
    assert [at(own, "/app/start.sh"), at(own, "/app/main.py")] == ["start.sh", "absent"]


def test_what_git_ignores_may_be_made_before_the_build() -> None:
    files = {**TREE, ".gitignore": "local.py\nmade/\n", ".dockerignore": "made/no.py\n"}
    image = built(PYTHON + "COPY . .\n", files)
    assert [at(image, f"/app/{name}") for name in ("local.py", "made/x.py", "made/no.py", "other.py")] == [
        "open",
        "open",
        "absent",
        "absent",
    ]


def test_variables_of_an_image() -> None:
    image = built(
        "ARG V=1\nFROM python:3\nARG V\nARG W=w$V\nENV A=$W B='x y' C=$A\nENV D=${A}-${V:-2} OLD\nENV E some words\n"
        "ENV PYTHONPATH=/app:lib:$PYTHONPATH\nWORKDIR /app\nUSER app\n",
        TREE,
    )
    values = {name: setting.value.value for name, setting in image.environment.items()}
    assert values == {
        "A": "w1", "B": "x y", "C": "", "D": "w1-1", "E": "some words", "PYTHONPATH": "/app:lib:",
    }  # fmt: skip
    assert (image.workdir, image.user, image.python_path) == ("/app", "app", ("/app", "/app/lib"))


def test_the_search_path_is_absolute_or_not_known() -> None:
    assert built(PYTHON + "ENV PYTHONPATH=src:/lib/x\n").python_path == ("/app/src", "/lib/x")
    assert built("FROM company/x:1\nENV PYTHONPATH=/a:$PYTHONPATH\n").python_path is None


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [
        ('CMD ["python", "main.py"]', [("/app", "python main.py")]),
        ("CMD python main.py --x", [("/app", "python main.py --x")]),
        ("CMD cd app && python main.py", [("/app", "cd app"), ("/app/app", "python main.py")]),
        ('ENTRYPOINT ["python"]\nCMD ["main.py"]', [("/app", "python main.py")]),
        ('ENTRYPOINT python main.py\nCMD ["ignored"]', [("/app", "python main.py")]),
        ('CMD ["x"]\nENTRYPOINT ["python"]', [("/app", "python x")]),
        ('CMD ["sh", "-c", "exec python main.py"]', [("/app", "python main.py")]),
        ("ENV M=app.main\nCMD python -m $M", [("/app", "python -m app.main")]),
        ('ENV M=app.main\nCMD ["python", "-m", "$M"]', [("/app", "python -m $M")]),
        (
            'COPY start.sh .\nENTRYPOINT ["./start.sh"]',
            [("/app", "./start.sh"), ("/app", "python main.py")],
        ),
        (
            'COPY start.sh .\nENTRYPOINT ["tini", "--", "sh", "start.sh"]',
            [("/app", "tini -- sh start.sh"), ("/app", "python main.py")],
        ),
        (
            'COPY wrap.sh /usr/local/bin/wrap\nENTRYPOINT ["wrap"]\nCMD ["python", "main.py"]',
            [("/app", "wrap python main.py"), ("/app", "cd /srv"), ("/srv", "python main.py")],
        ),
        (
            'COPY wrap.sh /\nENTRYPOINT ["/wrap.sh"]\nCMD python main.py',
            [("/app", f"/wrap.sh {HOLE}"), ("/app", "cd /srv"), ("/app", "python main.py")],
        ),
        ('ENTRYPOINT ["tini", "--"]\nCMD python main.py', [("/app", f"tini -- {HOLE}"), ("/app", "python main.py")]),
        (
            'COPY serve.sh /\nENTRYPOINT ["/serve.sh"]\nCMD ["--port", "1"]',
            [("/app", "/serve.sh --port 1"), ("/app", "uvicorn app:app")],
        ),
        ("COPY loop.sh .\nCMD ./loop.sh", [("/app", "./loop.sh"), ("/app", "./loop.sh")]),
    ],
)
def test_what_a_container_starts(instructions: str, expected: list[tuple[str, str]]) -> None:
    files = {
        **TREE,
        "wrap.sh": '#!/bin/sh\nset -e\ncd /srv\nexec gosu app "$@"\n'.replace("set -e\n", ""),
        "serve.sh": '#!/bin/sh\nexec uvicorn app:app "$@"\n',
        "loop.sh": "#!/bin/sh\n./loop.sh\n",
    }
    command = built(PYTHON + instructions + "\n", files).command
    assert command is not None
    found = [(each.workdir, " ".join(word.value for word in each.command.words)) for each in command.started]
    assert found == expected


def test_an_image_without_a_command_starts_that_of_its_base() -> None:
    assert built("FROM python:3\n").command is None


def test_an_entrypoint_empties_the_command_of_its_base() -> None:
    image = built('FROM python:3 AS a\nCMD ["x"]\nFROM a\nENTRYPOINT ["python"]\n')
    assert image.command is not None
    assert image.command.command is not None
    assert [word.value for word in image.command.command.words] == ["python"]


def test_a_base_of_the_project_is_looked_into() -> None:
    found = project(
        {
            "base/Dockerfile": "FROM python:3\nWORKDIR /srv\nENV A=1\nCOPY lib.py .\nONBUILD COPY own.py .\n",
            "base/lib.py": "",
            "app/Dockerfile": 'FROM shop/base:1\nCMD ["python", "lib.py"]\n',
            "app/own.py": "",
            "Makefile": "all:\n\tdocker build -t shop/base:1 base\n\tdocker build -t shop/app app\n",
        }
    )
    (image,) = found.builds.named("shop/app:3")
    assert [at(image, "/srv/lib.py"), at(image, "/srv/own.py"), at(image, "/srv/x.py")] == [
        "base/lib.py",
        "app/own.py",
        "absent",
    ]
    assert (image.workdir, image.environment["A"].value.value) == ("/srv", "1")


def test_images_that_build_upon_each_other_have_an_end() -> None:
    found = project(
        {
            "a/Dockerfile": "FROM b:1\nCOPY --from=b:1 /x /x\n",
            "b/Dockerfile": "FROM a:1\nFROM c\nFROM b\n",
            "Makefile": "all:\n\tdocker build -t a:1 a\n\tdocker build -t b:1 b\n",
        }
    )
    assert {at(image, "/x") for image in found.builds.all} == {"open"}


def test_steps_are_in_order_with_what_they_saw() -> None:
    image = built(PYTHON + "ARG X=1\nRUN a && cd sub && b $X\nUSER u\nCOPY main.py .\nRUN c\n", TREE)
    runs = [(" ".join(word.value for word in run.command.words), run.workdir, run.user) for run in image.runs]
    assert runs == [("a", "/app", ""), ("cd sub", "/app", ""), ("b 1", "/app/sub", ""), ("c", "/app", "u")]
    assert [type(step).__name__ for step in image.steps] == ["RunStep", "RunStep", "RunStep", "CopyStep", "RunStep"]
    assert image.runs[-1].environment["X"].value.value == "1"


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            ["FROM a", "FROM a AS b", "FROM b", "COPY . .", "COPY --from=b . /x", "COPY --from=1 /x* /y/", "WORKDIR $A/x",
             "ARG A=$A$A", "ENV A=${A:-$B} B", "RUN cd x && rm -rf / || mv a b", "ENTRYPOINT [\"./start.sh\"]", "CMD $A",
             "ONBUILD COPY x y", "ADD x.tar.gz .", "RUN --mount=from=b,source=/x,target=/y ls", "COPY a", "SHELL [\"x\"]",
             "RUN <<E\nx\nE", "COPY <<E /x/\nE", "VOLUME /x", "COPY --parents ./a/./b /c", "CMD [\"sh\", \"-c\"]"]
        ),
        max_size=12,
    )
)  # fmt: skip
def test_no_order_of_instructions_is_refused(lines: list[str]) -> None:
    found = project({"Dockerfile": "\n".join(lines), **TREE})
    for image in found.builds.all:
        assert image.files.find("/x/y") is not None
        assert isinstance(image.files.files(), dict)
    assert isinstance(found.missing_sources, tuple)
    assert isinstance(found.missing_starts, tuple)


@pytest.mark.parametrize("count", [60, 61, 5000])
def test_many_stages_that_take_from_each_other(count: int) -> None:
    stages = "FROM python:3 AS s0\nCOPY main.py /x/\n" + "".join(
        f"FROM s{number - 1} AS s{number}\nCOPY --from=s{number - 1} /x /x\n" for number in range(1, count)
    )
    images = project({"Dockerfile": stages, **TREE}).builds.all
    assert [at(image, "/x/main.py") for image in images] == (["main.py"] if count <= 60 else [])


def test_many_instructions_are_no_burden() -> None:
    lines = "".join(
        f"COPY . /d{number}\nRUN rm -rf /d{number}/app && cd /x && touch {number}\n" for number in range(200)
    )
    image = built("FROM python:3\n" + lines + "CMD python /d3/main.py\n", TREE)
    assert [at(image, path) for path in ("/d7/main.py", "/d7/app/main.py", "/x/9")] == ["main.py", "absent", "made"]
    assert len(image.files.files()) == 200 * 4


@pytest.mark.parametrize(
    ("dockerfile", "is_listed"),
    [
        ("FROM python:3\nCOPY . /app/\nRUN rm -r /app/lib\n", True),
        ("FROM python:3\nCOPY . /app/\nRUN test -f /x && rm -r /app/lib\n", False),
        (
            "FROM python:3 AS a\nCOPY . /app/\nRUN test -f /x && rm -r /app/lib\nFROM a\nCOPY --from=a /app /srv\n",
            False,
        ),
        ("FROM python:3 AS a\nCOPY . /app/\nFROM python:3\nCOPY --from=a --exclude=x.py /app/lib /srv\n", True),
    ],
)
def test_the_list_of_files_and_a_look_at_one_agree(dockerfile: str, is_listed: bool) -> None:
    """Only what may have been deleted is known without being listed."""
    image = built(dockerfile, {"lib/x.py": "", "lib/y.py": "", "main.py": ""})
    assert image.files.is_listed == is_listed
    folders = ("/app", "/app/lib", "/srv", "/srv/lib")
    paths = {f"{folder}/{name}" for folder in folders for name in ("x.py", "y.py", "main.py")}
    known = {path for path in paths if at(image, path).endswith(".py")}
    listed = paths & set(image.files.files())
    assert known == listed if is_listed else known > listed
