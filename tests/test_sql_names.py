"""Names in statements, against one schema; PostgreSQL 16 gave the same verdicts on these lists."""

from __future__ import annotations

import pytest
from sql_harness import unknown

SCHEMA = """
CREATE TYPE addr AS (street text, zip text);
CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL, email text, home addr, tags text[], data jsonb, "camelCase" int);
CREATE TABLE orders (id serial PRIMARY KEY, user_id int REFERENCES users(id), total numeric, status text CHECK (status IN ('a','b')), created_at timestamptz DEFAULT now());
CREATE TABLE base (k int, v text);
CREATE TABLE child (extra int) INHERITS (base);
CREATE TABLE lk (LIKE orders INCLUDING ALL, more int);
CREATE TABLE ev (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE ev1 PARTITION OF ev FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE VIEW vu AS SELECT id, name AS label FROM users;
CREATE VIEW vs AS SELECT * FROM orders;
CREATE VIEW vn (p, q) AS SELECT id, email FROM users;
CREATE MATERIALIZED VIEW mv AS SELECT u.id, o.total FROM users u JOIN orders o ON o.user_id = u.id WITH NO DATA;
CREATE TABLE ctas AS SELECT id AS cid, name FROM users WITH NO DATA;
ALTER TABLE orders ADD COLUMN note text, ADD COLUMN IF NOT EXISTS qty int DEFAULT 0;
ALTER TABLE users RENAME COLUMN email TO mail;
CREATE FUNCTION fullname(users) RETURNS text LANGUAGE sql AS $$ SELECT $1.name $$;
"""

ACCEPTED = [
    "SELECT id, name, mail FROM users",
    "SELECT u.*, o.total FROM users u, orders o WHERE o.user_id = u.id",
    "SELECT u FROM users u",
    "SELECT (u.home).street, u.tags[1], u.data->>'x' FROM users u",
    "SELECT (home).zip FROM users",
    "SELECT count(*) AS n, status FROM orders GROUP BY status HAVING count(*) > 1 ORDER BY n DESC",
    "SELECT ctid, xmin, tableoid::regclass FROM users",
    "SELECT u.fullname FROM users u",
    'SELECT "camelCase" FROM users',
    "SELECT ID, Name FROM Users",
    "SELECT CURRENT_DATE, CURRENT_USER, current_role, session_user, localtimestamp FROM users",
    "WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t",
    "WITH x AS (SELECT id AS uid FROM users), y AS (SELECT uid FROM x) SELECT y.uid FROM y",
    "WITH d AS (DELETE FROM orders RETURNING id, total) SELECT d.id, d.total FROM d",
    "WITH i AS (INSERT INTO base (k, v) VALUES (1, 'x') RETURNING *) SELECT i.k, v FROM i",
    "SELECT a.n FROM generate_series(1, 3) AS a(n)",
    "SELECT n FROM generate_series(1, 3) n",
    "SELECT g.x, g.y FROM unnest(ARRAY[1], ARRAY[2]) AS g(x, y)",
    "SELECT key, value FROM users, jsonb_each_text(data)",
    "SELECT e.key FROM users u, LATERAL jsonb_each(u.data) e",
    "SELECT e->>'a' FROM users, jsonb_array_elements(data) e",
    "SELECT u.id FROM users u WHERE EXISTS (SELECT 1 FROM orders WHERE user_id = u.id AND name = 'x')",
    "SELECT x.l FROM (SELECT name AS l FROM users) x",
    "SELECT x.a FROM (SELECT name FROM users) x(a)",
    "SELECT a, b FROM (VALUES (1, 2)) v(a, b)",
    "SELECT column1 FROM (VALUES (1, 2)) v",
    "SELECT id FROM users JOIN lk USING (id)",
    "SELECT id, total FROM orders NATURAL JOIN lk",
    "SELECT last.total FROM users u LEFT JOIN LATERAL (SELECT total FROM orders o WHERE o.user_id = u.id ORDER BY created_at DESC LIMIT 1) last ON true",
    "INSERT INTO users (name, mail) VALUES ('a', 'b') ON CONFLICT (id) DO UPDATE SET name = excluded.name, mail = users.mail RETURNING id",
    "INSERT INTO users AS t (name) SELECT status FROM orders ON CONFLICT (id) DO UPDATE SET name = t.name WHERE t.id > 1",
    "INSERT INTO users DEFAULT VALUES",
    "UPDATE orders SET total = o2.total FROM orders o2 WHERE orders.id = o2.id RETURNING orders.id, o2.total",
    "UPDATE users SET home.street = 'x', tags[1] = 'y' WHERE id = 1",
    "UPDATE users SET (name, mail) = (SELECT status, note FROM orders LIMIT 1)",
    "DELETE FROM orders USING users WHERE users.id = orders.user_id RETURNING users.name",
    "SELECT k, v, extra FROM child",
    "SELECT total, more FROM lk",
    "SELECT id, at FROM ev1",
    "SELECT id, label FROM vu",
    "SELECT p, q FROM vn",
    "SELECT total FROM mv",
    "SELECT cid, name FROM ctas",
    "SELECT note, qty FROM orders",
    "SELECT total AS t FROM orders UNION ALL SELECT qty FROM orders ORDER BY t",
    "SELECT sum(total) OVER w FROM orders WINDOW w AS (PARTITION BY user_id ORDER BY created_at)",
    "SELECT count(*) FILTER (WHERE status = 'a'), array_agg(id ORDER BY total) FROM orders",
    "SELECT extract(epoch FROM created_at), date_trunc('day', created_at), created_at AT TIME ZONE 'UTC' FROM orders",
    "SELECT CASE WHEN status = 'a' THEN 1 ELSE 2 END AS c FROM orders ORDER BY c",
    'SELECT name COLLATE "C" FROM users ORDER BY name COLLATE "C"',
    "SELECT DISTINCT ON (status) status, total AS tt FROM orders ORDER BY status, tt",
    "SELECT users.name FROM public.users",
    "SELECT public.users.name FROM public.users",
    "SELECT relname FROM pg_class",
    "SELECT table_name FROM information_schema.tables",
    "SELECT u.id FROM ((users u JOIN orders o ON o.user_id = u.id) JOIN lk ON lk.id = o.id)",
    "MERGE INTO base b USING child c ON b.k = c.k WHEN MATCHED AND c.extra > 1 THEN UPDATE SET v = c.v WHEN NOT MATCHED THEN INSERT (k, v) VALUES (c.k, c.v)",
    "SELECT id FROM users WHERE id = ANY(SELECT user_id FROM orders)",
    "SELECT (SELECT max(total) FROM orders WHERE user_id = u.id) AS m FROM users u ORDER BY m",
    "SELECT row_to_json(u) FROM users u",
    "SELECT row_to_json(x) FROM (SELECT id, name FROM users) x",
    "SELECT jsonb_build_object('id', id, 'name', name) FROM users",
    "SELECT x.a, x.b FROM jsonb_to_recordset('[]') AS x(a int, b text)",
    "SELECT x.* FROM users u, jsonb_to_record(u.data) AS x(a int)",
    "SELECT u.name, ord FROM users u, unnest(u.tags) WITH ORDINALITY AS t(tag, ord)",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders",
    "SELECT status, count(*) FROM orders GROUP BY ROLLUP (status)",
    "SELECT 1 FROM users FOR UPDATE OF users SKIP LOCKED",
    "TABLE users",
    "SELECT name FROM users WHERE name ILIKE 'a%' AND mail IS NOT NULL AND id BETWEEN 1 AND 2",
    "SELECT t.total FROM (SELECT * FROM orders) t",
    "SELECT t.total FROM (SELECT o.*, 1 AS one FROM orders o) t WHERE t.one = 1",
    "WITH w AS (SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY total) AS rn FROM orders) DELETE FROM orders USING w WHERE w.rn > 1 AND w.id = orders.id",
    "WITH s AS (SELECT 1 AS id) INSERT INTO base (k) SELECT id FROM s",
    "SELECT s.k FROM base s WHERE s.k IN (SELECT k FROM child)",
    "SELECT oid FROM pg_type",
    "SELECT name, count FROM (SELECT name, count(*) FROM users GROUP BY name) z",
    "SELECT max FROM (SELECT max(total) FROM orders) z",
    "SELECT total FROM vs",
]

# The statement, and the identifier that the server calls unknown.
REFUSED = [
    ("SELECT id, nme FROM users", "nme"),
    ("INSERT INTO orders (user_id, totl) VALUES (1, 2)", "totl"),
    ("UPDATE orders SET totall = 1", "totall"),
    ("UPDATE orders SET total = foo WHERE id = 1", "foo"),
    ("DELETE FROM orders WHERE usr = 1", "usr"),
    ("SELECT o.total FROM users u JOIN orders o ON o.userid = u.id", "userid"),
    ("SELECT x.zz FROM (SELECT name AS l FROM users) x", "zz"),
    ("WITH x AS (SELECT id AS uid FROM users) SELECT x.id2 FROM x", "id2"),
    ("SELECT label2 FROM vu", "label2"),
    ("SELECT missing FROM child", "missing"),
    ("SELECT missing FROM ev1", "missing"),
    ("SELECT u.id FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.uid = u.id)", "uid"),
    ("INSERT INTO users (name) VALUES ('a') ON CONFLICT (nid) DO NOTHING", "nid"),
    ("INSERT INTO users (name) VALUES ('a') ON CONFLICT (id) DO UPDATE SET nam = 'x'", "nam"),
    ("INSERT INTO users (name) VALUES ('a') ON CONFLICT (id) DO UPDATE SET name = excluded.nam", "nam"),
    ("INSERT INTO users (name) VALUES ('a') RETURNING idd", "idd"),
    ("SELECT status FROM orders ORDER BY createdat", "createdat"),
    ("SELECT a.id FROM users a JOIN orders b USING (idx)", "idx"),
    ("SELECT (home).street, hom FROM users", "hom"),
    ("SELECT count(*) FILTER (WHERE sttus = 'a') FROM orders", "sttus"),
    ("SELECT sum(totl) OVER (PARTITION BY user_id) FROM orders", "totl"),
    ("WITH d AS (DELETE FROM orders RETURNING id) SELECT d.total FROM d", "total"),
    ("SELECT s.extra2 FROM (SELECT * FROM child) s", "extra2"),
    ("SELECT CASE WHEN statu = 'a' THEN 1 END FROM orders", "statu"),
    ("UPDATE orders o SET total = u.idd FROM users u WHERE u.id = o.user_id", "idd"),
    ("SELECT total FROM orders UNION SELECT totl FROM lk", "totl"),
    ("SELECT cid2 FROM ctas", "cid2"),
]


@pytest.mark.parametrize("sql", ACCEPTED)
def test_what_the_server_accepts_is_not_reported(sql: str) -> None:
    assert unknown({"schema.sql": SCHEMA, "query.sql": sql}) == []


@pytest.mark.parametrize(("sql", "name"), REFUSED)
def test_what_the_server_refuses_is_reported_at_its_name(sql: str, name: str) -> None:
    assert [found for found, _ in unknown({"schema.sql": SCHEMA, "query.sql": sql})] == [name]


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("sqlite", 'SELECT rowid, name FROM users WHERE "active" = name'),
        ("sqlite", "SELECT total AS t FROM orders WHERE t > 1"),
        ("sqlite", "INSERT OR REPLACE INTO users (id, name) VALUES (?, ?)"),
        ("sqlite", "REPLACE INTO users (id, name) VALUES (?, ?)"),
        ("sqlite", "UPDATE OR IGNORE users SET name = ? WHERE [id] = ?"),
        ("sqlite", "WITH ids AS (SELECT id FROM users) SELECT total FROM orders WHERE user_id IN ids"),
        ("sqlite", "SELECT name FROM sqlite_master WHERE tbl_name = ?"),
        ("sqlite", "DELETE FROM users WHERE name LIKE ? ESCAPE ?"),
        ("mysql", "INSERT INTO users (id, name) VALUES (%s, %s) ON DUPLICATE KEY UPDATE name = VALUES(name)"),
        ("mysql", "INSERT IGNORE INTO `users` (`id`) VALUES (%s)"),
        ("mysql", "UPDATE users u JOIN orders o ON o.user_id = u.id SET u.name = o.note"),
        ("mysql", "SELECT TIMESTAMPDIFF(DAY, created_at, NOW()) FROM orders"),
        ("mysql", "SELECT name AS n FROM users HAVING n = 'x'"),
    ],
)
def test_other_dialects(dialect: str, sql: str) -> None:
    assert unknown({"schema.sql": SCHEMA, "query.sql": sql}, dialect) == []


@pytest.mark.parametrize(
    ("dialect", "sql", "name"),
    [
        ("sqlite", "INSERT OR IGNORE INTO users (id, nam) VALUES (?, ?)", "nam"),
        ("sqlite", "REPLACE INTO users (idd) VALUES (?)", "idd"),
        ("mysql", "UPDATE users u JOIN orders o ON o.user_id = u.id SET u.nam = o.note", "nam"),
        ("mysql", "INSERT INTO users (id) VALUES (1) ON DUPLICATE KEY UPDATE nam = 1", "nam"),
    ],
)
def test_other_dialects_refuse(dialect: str, sql: str, name: str) -> None:
    assert [found for found, _ in unknown({"schema.sql": SCHEMA, "query.sql": sql}, dialect)] == [name]


def test_help_names_the_table_of_the_statement_that_has_the_column() -> None:
    sql = "SELECT u.total FROM users u JOIN orders o ON o.user_id = u.id"
    assert unknown({"schema.sql": SCHEMA, "query.sql": sql}) == [("total", "`o` has a column `total`")]


def test_help_names_the_nearest_column() -> None:
    assert unknown({"schema.sql": SCHEMA, "query.sql": "SELECT totl FROM orders"}) == [
        ("totl", "did you mean `total`?")
    ]
