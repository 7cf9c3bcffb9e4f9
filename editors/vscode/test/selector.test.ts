// The server is told of each document that it reads.

import assert from "node:assert/strict";
import { test } from "node:test";
import { minimatch } from "minimatch";
import { selector } from "../src/selector";

const read = [
  "app/main.py", "app/main.pyi", "db/01_users.sql", "db/12_users.sql.postgres", "schema.ddl", "Dockerfile", "api/Dockerfile.dev", "api.Dockerfile",
  "api/x.dockerfile", "Containerfile", "docker-compose.yml", "compose.prod.yaml", ".github/workflows/ci.yml", "action.yml", "cloudbuild.yaml",
  "deploy.sh", "x.bash", "x.ksh", "Makefile", "makefile", "GNUmakefile", "rules.mk", "deploy.ps1", "m.psm1", "infra/main.tf", "requirements.txt",
  "requirements-dev.in", "dev-requirements.txt", "requirements/base.txt", "reqs/x/y.pip", "constraints.txt", "deps.txt", "pyproject.toml", "Pipfile",
  "Pipfile.lock", "poetry.lock", "uv.lock", "pdm.lock", ".env", ".env.example", "prod.env", "setup.cfg", "tox.ini", "pytest.ini", "alembic.ini",
  "db/alembic-prod.ini.example", "Procfile", "Procfile.dev", ".dockerignore", "Dockerfile.dockerignore", ".containerignore",
];
const notRead = ["README.md", "app/main.js", "notes.txt", "package.json", "photo.png", "app/main.pyc", "Cargo.lock"];

function isChosen(name: string): boolean {
  return selector.some(({ pattern }) => pattern !== undefined && minimatch(`/home/u/project/${name}`, pattern, { dot: true }));
}

test("names that are read", () => {
  assert.deepEqual(read.filter((name) => !isChosen(name)), []);
});

test("names that are not", () => {
  assert.deepEqual(notRead.filter(isChosen), []);
});

test("only files on a disk", () => {
  assert.deepEqual([...new Set(selector.map(({ scheme }) => scheme))], ["file"]);
});
