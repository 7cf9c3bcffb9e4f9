"""Names of the standard library that a module uses only after it has imported them."""

from __future__ import annotations

# The library's modules in Python 3.10 to 3.13; `data/standard` knows what each of them has.
MODULES = frozenset(
    {
        "abc", "aifc", "argparse", "array", "ast", "asynchat", "asyncio", "asyncore", "atexit", "audioop",
        "base64", "bdb", "binascii", "binhex", "bisect", "bz2", "cProfile", "calendar", "cgi", "cgitb",
        "chunk", "cmath", "cmd", "code", "codecs", "codeop", "collections", "colorsys", "compileall",
        "concurrent", "configparser", "contextlib", "contextvars", "copy", "copyreg", "crypt", "csv",
        "ctypes", "curses", "dataclasses", "datetime", "dbm", "decimal", "difflib", "dis", "distutils",
        "doctest", "email", "encodings", "ensurepip", "enum", "errno", "faulthandler", "fcntl", "filecmp",
        "fileinput", "fnmatch", "fractions", "ftplib", "functools", "gc", "getopt", "getpass", "gettext",
        "glob", "graphlib", "grp", "gzip", "hashlib", "heapq", "hmac", "html", "http", "imaplib", "imghdr",
        "imp", "importlib", "inspect", "io", "ipaddress", "itertools", "json", "keyword", "linecache",
        "locale", "logging", "lzma", "mailbox", "mailcap", "marshal", "math", "mimetypes", "mmap",
        "modulefinder", "multiprocessing", "netrc", "nis", "nntplib", "ntpath", "numbers", "operator",
        "optparse", "os", "ossaudiodev", "pathlib", "pdb", "pickle", "pickletools", "pipes", "pkgutil",
        "platform", "plistlib", "poplib", "posixpath", "pprint", "profile", "pstats", "pty", "pwd",
        "py_compile", "pyclbr", "pydoc", "pydoc_data", "queue", "quopri", "random", "re", "readline",
        "reprlib", "resource", "rlcompleter", "runpy", "sched", "secrets", "select", "selectors", "shelve",
        "shlex", "shutil", "signal", "site", "smtpd", "smtplib", "sndhdr", "socket", "socketserver", "spwd",
        "sqlite3", "ssl", "stat", "statistics", "string", "stringprep", "struct", "subprocess", "sunau",
        "sys", "sysconfig", "syslog", "tabnanny", "tarfile", "telnetlib", "tempfile", "termios", "textwrap",
        "threading", "time", "timeit", "tkinter", "tokenize", "tomllib", "trace", "traceback", "tracemalloc",
        "tty", "turtle", "types", "typing", "unicodedata", "unittest", "urllib", "uu", "uuid", "venv",
        "warnings", "wave", "weakref", "webbrowser", "wsgiref", "xdrlib", "xml", "xmlrpc", "zipapp",
        "zipfile", "zipimport", "zlib", "zoneinfo",
    }
)  # fmt: skip

# Names that one module alone has under this name, among those that are used without their module.
OBJECTS: dict[str, str] = {
    # Library reference, "unittest.mock".
    **dict.fromkeys(
        ("AsyncMock", "MagicMock", "NonCallableMagicMock", "PropertyMock", "create_autospec"), "unittest.mock"
    ),
    **dict.fromkeys(("mock_open", "patch"), "unittest.mock"),
    **dict.fromkeys(("abstractmethod",), "abc"),
    **dict.fromkeys(("OrderedDict", "defaultdict", "deque", "namedtuple"), "collections"),
    **dict.fromkeys(("ProcessPoolExecutor", "ThreadPoolExecutor", "as_completed"), "concurrent.futures"),
    **dict.fromkeys(("asynccontextmanager", "contextmanager"), "contextlib"),
    **dict.fromkeys(("deepcopy",), "copy"),
    **dict.fromkeys(("dataclass",), "dataclasses"),
    **dict.fromkeys(("timedelta", "timezone"), "datetime"),
    **dict.fromkeys(("Decimal",), "decimal"),
    **dict.fromkeys(("IntEnum", "StrEnum"), "enum"),
    **dict.fromkeys(("cached_property", "lru_cache", "partial", "wraps"), "functools"),
    **dict.fromkeys(("import_module",), "importlib"),
    **dict.fromkeys(("BytesIO", "StringIO"), "io"),
    **dict.fromkeys(("chain", "islice"), "itertools"),
    **dict.fromkeys(("attrgetter", "itemgetter"), "operator"),
    **dict.fromkeys(("Path",), "pathlib"),
    **dict.fromkeys(("NamedTemporaryFile", "TemporaryDirectory"), "tempfile"),
    **dict.fromkeys(("dedent",), "textwrap"),
    **dict.fromkeys(("SimpleNamespace",), "types"),
    **dict.fromkeys(("NamedTuple", "TypeVar", "TypedDict", "cast"), "typing"),
    **dict.fromkeys(("parse_qs", "urlencode", "urljoin", "urlparse", "urlsplit"), "urllib.parse"),
    **dict.fromkeys(("uuid4",), "uuid"),
}
