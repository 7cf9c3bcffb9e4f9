// Which documents the server is told of: those that infralint reads. It decides by names where languages do not exist.

interface Filter {
  scheme: "file";
  language?: string;
  pattern?: string;
}

const LANGUAGES = [
  "python", "pip-requirements", "sql", "postgres", "plpgsql", "mysql", "dockerfile", "dockercompose", "yaml", "github-actions-workflow",
  "shellscript", "makefile", "powershell", "terraform", "toml", "dotenv", "ini", "properties",
];

// VS Code knows these as plain text, or as something else, unless an extension says more.
const PATTERNS = [
  "**/*.{py,pyi,sql,ddl,sh,bash,ksh,mk,ps1,psm1,tf,toml,yaml,yml}",
  "**/*.sql.*",
  "**/*{Dockerfile,dockerfile,Containerfile,containerfile}*",
  "**/{Makefile,makefile,GNUmakefile,Procfile,Procfile.dev,Pipfile,Pipfile.lock,poetry.lock,uv.lock,pdm.lock}",
  "**/*{requirement,constraint,req,requires,deps,dependencies}*.{txt,in,pip}",
  "**/{requirements,requirement,reqs,constraints}/**/*.{txt,in,pip}",
  "**/{.env,.env.*,*.env}",
  "**/{setup.cfg,pytest.ini,tox.ini,*alembic*.ini*,*alembic*.cfg*}",
  "**/{.dockerignore,.containerignore,*.dockerignore,*.containerignore}",
];

export const selector: Filter[] = [
  ...LANGUAGES.map((language): Filter => ({ scheme: "file", language })),
  ...PATTERNS.map((pattern): Filter => ({ scheme: "file", pattern })),
];
