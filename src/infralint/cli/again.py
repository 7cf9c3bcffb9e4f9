"""A command line that was answered before, and few of whose files are others since.

Most runs are such: somebody saved a file. Where that moved nothing but places, the report follows from that of the
run before; all else that the answer came from is known to be as it was. So nothing is imported that reads command
lines, and no other file is looked at.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from infralint.answers import Earlier, Question, say
from infralint.cli.chosen import Selection
from infralint.cli.console import route_log
from infralint.cli.keeping import Asked, write_answer
from infralint.cli.outputs import render
from infralint.cli.running import Options, exit_code, gathered, settings_of
from infralint.cli.scope import targets, wanted_paths
from infralint.manifest import ROOT, Manifest, Stamp
from infralint.remembered import Memory

_log = logging.getLogger("infralint")


def answered_again(question: Question) -> int | None:
    """Print what the command would print, and give its exit code; None where that is for the command to find out."""
    earlier = question.earlier
    if earlier is None:
        return None
    try:
        found = _worked_out(earlier)
    except Exception as error:
        # The command meets it again, and has words for it.
        _log.debug("the answer is worked out anew: %r", error)
        return None
    if found is None:
        return None
    text, code, data = found
    say(text)
    write_answer(question, Path(earlier.root), data)
    return code


def _worked_out(earlier: Earlier) -> tuple[str, int, bytes] | None:
    """What is to be printed, the exit code, and the answer as it is kept."""
    asked = msgspec.msgpack.decode(earlier.asked, type=Asked)
    found = targets(wanted_paths(tuple(map(Path, asked.paths))))
    if [str(target.root) for target in found] != [earlier.root]:
        return None
    route_log()
    selection = Selection(asked.select, asked.extend_select, asked.ignore)
    options = Options(selection, config=None, jobs=None, cache=True, pins=asked.pins)
    memory = Memory(found[0].root, settings_of(found[0], options))
    report = memory.recall_after(earlier.record, earlier.changed)
    if report is None or memory.seen is None:
        return None
    result = gathered(found, options, lambda _: report)
    text = render(result, asked.output_format, statistics=asked.statistics)
    code = exit_code(result.findings, asked.fail_on, exit_zero=asked.exit_zero)
    stamps = {name: _stamp_in(memory.seen, name) for name in earlier.changed}
    return text, code, earlier.packed(stamps, memory.digest, text, code)


def _stamp_in(manifest: Manifest, name: str) -> Stamp:
    path = "" if name == ROOT else name
    return manifest.files[path].stamp if path in manifest.files else manifest.folders[path].stamp
