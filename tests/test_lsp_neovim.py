"""The language server in Neovim, set up with the text of docs/editors.md. Collected where there is a Neovim."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from folder_edits import write
from lsp_editor import ORM, UNRESOLVED

NEOVIM = shutil.which("nvim") or "nvim"
DOCS = Path(__file__).parents[1] / "docs" / "editors.md"

# Opens, edits, fixes and saves as somebody at the keyboard would; what is seen after each step goes to a file.
STEPS = """
local seen = {}

local function codes(path)
  local found = {}
  for _, each in ipairs(vim.diagnostic.get(vim.fn.bufadd(vim.fn.fnamemodify(path, ":p")))) do
    table.insert(found, each.code or each.user_data.lsp.code)
  end
  return table.concat(found, " ")
end

local function step(name, path, wanted)
  local happened = vim.wait(30000, function() return codes(path) == wanted end, 20)
  table.insert(seen, { step = name, found = codes(path), happened = happened })
end

local function replace(old, new)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local start, stop = line:find(old, 1, true)
    if start then
      vim.api.nvim_buf_set_text(0, number - 1, start - 1, number - 1, stop, { new })
      vim.api.nvim_win_set_cursor(0, { number, start })
      return
    end
  end
end

local function act(title)
  local params = vim.lsp.util.make_range_params(0, "utf-16")
  params.context = { diagnostics = {} }
  for _, answer in pairs(vim.lsp.buf_request_sync(0, "textDocument/codeAction", params, 30000) or {}) do
    for _, action in ipairs(answer.result or {}) do
      if action.title == title then
        vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
        return
      end
    end
  end
end

local function run()
  vim.cmd("edit app/order.py")
  replace('"User"', '"Usr"')
  step("edit", "app/order.py", "RULE")
  act("Write `User`")
  step("fix", "app/order.py", "")
  vim.cmd("write")
  table.insert(seen, { step = "fixed line", found = vim.fn.getline(11) })
  vim.cmd("edit app/user.py")
  replace("class User", "class Person")
  step("another file", "app/order.py", "RULE")
  vim.cmd("write")
  replace("class Person", "class User")
  vim.cmd("write")
  step("saved", "app/order.py", "")
  table.insert(seen, { step = "messages", found = vim.fn.execute("messages") })
end

local fine, problem = pcall(run)
if not fine then table.insert(seen, { step = "problem", found = tostring(problem) }) end
vim.fn.writefile({ vim.fn.json_encode(seen) }, "seen.json")
vim.cmd("qall!")
"""


def version() -> tuple[int, int]:
    said = subprocess.run([NEOVIM, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"NVIM v(\d+)\.(\d+)", said)
    assert found, said
    return int(found[1]), int(found[2])


def documented(heading: str) -> list[str]:
    """The Lua blocks below a heading of the page."""
    section = DOCS.read_text(encoding="utf-8").partition(f"\n{heading}\n")[2]
    assert section, heading
    return re.findall(r"```lua\n(.*?)```", re.split(r"\n##+ ", section)[0], re.DOTALL)


def configuration(folder: Path) -> str:
    """What the page says for this Neovim; its configuration folder is `folder`."""
    if version() >= (0, 11):
        server, start = documented("### 0.11 and newer")
        write(folder, {"nvim/lsp/infralint.lua": server})
        return start
    return documented("### 0.8 to 0.10" if version() >= (0, 8) else "### 0.7 (Debian 12)")[0]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Neovim with a configuration of its own, and `infralint` on the PATH."""
    program = tmp_path / "bin" / "infralint"
    write(program.parent, {"infralint": f'#!/bin/sh\nexec "{sys.executable}" -m infralint "$@"\n'})
    program.chmod(0o755)
    homes = {name: str(tmp_path / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    return {**os.environ, **homes, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}


def test_open_edit_see_fix_save(tmp_path: Path, environment: dict[str, str]) -> None:
    folder = tmp_path / "project"
    write(folder, ORM)
    config = Path(environment["XDG_CONFIG_HOME"])
    write(config, {"nvim/init.lua": configuration(config)})
    write(tmp_path, {"steps.lua": STEPS.replace("RULE", UNRESOLVED)})
    command = [NEOVIM, "--headless", "-c", f"luafile {tmp_path / 'steps.lua'}"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert (folder / "seen.json").is_file(), done
    seen: list[dict[str, Any]] = json.loads((folder / "seen.json").read_text(encoding="utf-8"))
    *steps, messages = seen
    assert steps == [
        {"step": "edit", "found": UNRESOLVED, "happened": True},
        {"step": "fix", "found": "", "happened": True},
        {"step": "fixed line", "found": '    user = relationship("User")'},
        {"step": "another file", "found": UNRESOLVED, "happened": True},
        {"step": "saved", "found": "", "happened": True},
    ], seen
    assert "rror" not in messages["found"]
    assert (folder / "app/order.py").read_text(encoding="utf-8") == ORM["app/order.py"]
