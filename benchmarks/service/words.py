"""Words, and the names that are made of them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

SERVICES = (
    "billing", "catalog", "shipping", "accounts", "search", "messaging", "payments", "inventory", "pricing", "support",
    "reporting", "identity", "media", "loyalty", "returns", "scheduling", "sourcing", "contracts", "fraud", "delivery",
    "audit", "campaigns", "exports", "feeds", "geography", "insurance", "ledger", "metrics", "orders", "partners",
)  # fmt: skip
REGIONS = ("", "emea", "apac", "latam", "nordic")
NOUNS = (
    "account", "address", "adjustment", "agreement", "allowance", "attachment", "balance", "batch", "booking", "branch",
    "bundle", "campaign", "carrier", "catalog", "charge", "claim", "clearance", "comment", "contact", "contract",
    "coupon", "credit", "customer", "delivery", "deposit", "device", "dispute", "document", "draft", "dunning",
    "estimate", "exchange", "expense", "forecast", "gateway", "handover", "holding", "incident", "invoice", "item",
    "journal", "label", "lease", "ledger", "letter", "license", "listing", "location", "manifest", "mandate",
    "margin", "measure", "member", "merchant", "message", "notice", "offer", "order", "outlet", "package",
    "parcel", "partner", "payment", "payout", "penalty", "permit", "pickup", "pledge", "policy", "portfolio",
    "position", "price", "product", "profile", "promotion", "proposal", "provider", "quote", "rating", "rebate",
    "receipt", "refund", "region", "reminder", "rental", "report", "request", "reserve", "route", "sample",
    "season", "segment", "shipment", "statement", "stock", "subscription", "supplier", "tariff", "ticket", "transfer",
    "vehicle", "vendor", "venue", "visit", "voucher", "warehouse", "warranty", "window", "workflow", "zone",
)  # fmt: skip
VERBS = (
    "accept", "adjust", "allocate", "apply", "approve", "archive", "assign", "balance", "build", "cancel", "check",
    "clean", "close", "collect", "combine", "compare", "complete", "confirm", "convert", "copy", "count", "derive",
    "detect", "estimate", "expand", "export", "find", "finish", "format", "gather", "import", "inspect", "join",
    "limit", "load", "mark", "match", "merge", "move", "notify", "open", "order", "parse", "plan", "prepare",
    "price", "publish", "queue", "rank", "reconcile", "record", "reduce", "refresh", "register", "release", "render",
    "repair", "replace", "resolve", "restore", "retry", "revise", "rotate", "route", "schedule", "score", "send",
    "settle", "share", "shift", "sort", "split", "store", "submit", "suggest", "summarise", "sync", "tag", "trace",
    "transfer", "translate", "trim", "unlock", "update", "validate", "verify", "weigh", "withdraw",
)  # fmt: skip
FIELDS = (
    "reference", "quantity", "origin", "purpose", "channel", "reason", "weight", "locale", "owner", "category", "level",
    "priority", "source", "target", "variant", "remark", "stage", "topic", "carrier_code", "batch_number", "currency",
    "external_key", "grade", "language", "mode", "note", "operator", "phase", "quota", "scope", "tier",
    "unit", "volume", "width", "zone_code", "cost_centre", "department", "edition",
)  # fmt: skip
LAYERS = ("domain", "handlers", "jobs", "clients", "rendering", "imports", "exports", "checks", "pricing", "support")
_ROLES = ("", "policy", "service", "view", "rules", "tools", "steps", "store", "plan", "report", "parser", "window")


def pascal(snake: str) -> str:
    """`unit_price` -> `UnitPrice`."""
    return "".join(word.capitalize() for word in snake.split("_"))


def plural(noun: str) -> str:
    """The plural of one of NOUNS."""
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


class Names:
    """Names that are given only once, as of one module or of one package."""

    def __init__(self, random: Random, taken: tuple[str, ...] = ()) -> None:
        self._random = random
        self._taken = set(taken)

    def function(self) -> str:
        """A name such as `merge_open_invoice`."""
        return self._once(lambda: f"{self._one(VERBS)}_{self._one(NOUNS)}_{self._one(FIELDS)}")

    def type(self) -> str:
        """A name such as `InvoiceQuotaPlan`."""
        return self._once(lambda: pascal(f"{self._one(NOUNS)}_{self._one(FIELDS)}_{self._one(_ROLES[1:])}"))

    def constant(self) -> str:
        """A name such as `INVOICE_QUOTA`."""
        return self._once(lambda: f"{self._one(NOUNS)}_{self._one(FIELDS)}".upper())

    def module(self) -> str:
        """A name such as `invoice_policy`."""
        return self._once(lambda: "_".join(filter(None, (self._one(NOUNS), self._one(FIELDS), self._one(_ROLES)))))

    def _one(self, words: tuple[str, ...]) -> str:
        return words[self._random.randrange(len(words))]

    def _once(self, make: Callable[[], str]) -> str:
        name = make()
        number = 2
        while name in self._taken:
            name = make() if number < 20 else f"{make()}_{number}"
            number += 1
        self._taken.add(name)
        return name


def sentence(random: Random) -> str:
    """A line as docstrings have it."""
    noun, other = random.choice(NOUNS), random.choice(NOUNS)
    return random.choice(
        (
            f"{random.choice(VERBS).capitalize()} the {noun} that a {other} was made for.",
            f"What a {noun} looks like before its {other} is known.",
            f"The {plural(noun)} of a {other}, as partners send them.",
            f"{random.choice(VERBS).capitalize()} {plural(noun)} by {random.choice(FIELDS)}, then by {other}.",
            f"A {noun} as the {other} team understands it, without its history.",
        )
    )
