"""Statements of every construct that a checker of names may trip over, judged by PostgreSQL itself."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from postgres import Postgres
from sql_generator import Case
from sql_judge import Verdict, findings, same_place, server_verdict

SCHEMA = """
CREATE SCHEMA app;
CREATE TYPE addr AS (street text, zip text);
CREATE TYPE level AS ENUM ('low', 'mid', 'high');
CREATE TYPE app.color AS ENUM ('red', 'green');
CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL, email text, home addr, homes addr[], tags text[], data jsonb, "camelCase" int, "Order" int, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE orders (id serial PRIMARY KEY, user_id int, total numeric, status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'paid', 'sent')), level level, created_at timestamptz DEFAULT now(), period tstzrange);
CREATE TABLE results (id int PRIMARY KEY, job_id int NOT NULL, operation text NOT NULL, result double precision NOT NULL, processed_by text, CHECK (operation IN ('sum', 'product')));
CREATE TABLE plain (a int, b text, c int);
CREATE TABLE codes (code text PRIMARY KEY, label varchar(20) NOT NULL);
CREATE TABLE app.things (id int GENERATED ALWAYS AS IDENTITY, owner int NOT NULL, name text NOT NULL DEFAULT 'x', double int GENERATED ALWAYS AS (owner * 2) STORED, color app.color);
CREATE TABLE base (k int, v text);
CREATE TABLE child (extra int) INHERITS (base);
CREATE TABLE lk (LIKE orders INCLUDING ALL, more int);
CREATE TABLE ev (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE ev1 PARTITION OF ev FOR VALUES FROM ('2020-01-01') TO ('2030-01-01');
CREATE DOMAIN short AS text CHECK (length(value) < 10);
CREATE TABLE domains (id int, tag short NOT NULL);
CREATE TABLE tree (id int PRIMARY KEY, parent int, name text);
CREATE VIEW names AS SELECT id, name AS label FROM users;
CREATE VIEW every_order AS SELECT * FROM orders;
CREATE VIEW renamed (p, q) AS SELECT id, email FROM users;
CREATE MATERIALIZED VIEW sums AS SELECT u.id, sum(o.total) AS total FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.id;
CREATE TABLE copied AS SELECT id AS cid, name FROM users WITH NO DATA;
ALTER TABLE orders ADD COLUMN note text, ADD COLUMN IF NOT EXISTS qty int DEFAULT 0;
ALTER TABLE users RENAME COLUMN email TO mail;
CREATE FUNCTION fullname(users) RETURNS text LANGUAGE sql AS $$ SELECT $1.name $$;
CREATE FUNCTION pair(OUT x int, OUT y text) LANGUAGE sql AS $$ SELECT 1, 'a' $$;
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.filled := 1; RETURN NEW; END $$;
CREATE TABLE triggered (id int, filled int NOT NULL);
CREATE TRIGGER fills BEFORE INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION fill();
"""
# Rows that make a change fail or not.
ROWS = """
INSERT INTO users (id, name, mail) VALUES (100, 'a', 'b');
INSERT INTO orders (id, user_id, total, level) VALUES (100, 1, 5, 'low');
INSERT INTO results VALUES (50, 1, 'sum', 2.5, NULL);
INSERT INTO plain VALUES (1, 'x', 2);
INSERT INTO tree VALUES (1, NULL, 'root'), (2, 1, 'leaf');
INSERT INTO base VALUES (1, 'v');
INSERT INTO app.things (owner) VALUES (1);
"""
TABLES = ("users", "orders", "results", "plain", "codes", "base", "child", "lk", "ev", "domains", "tree", "names")

STATEMENTS = """
-- case and quotes
SELECT ID, Name FROM Users
SELECT "id", "name" FROM "users"
SELECT "camelCase", "Order" FROM users
SELECT users."camelCase" FROM users
SELECT "nope" FROM users
SELECT camelCase FROM users AS u (id, name)
SELECT U.Name FROM users u
SELECT u.Nme FROM users u
-- catalogs and words that are values
SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace
SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
SELECT c.relname FROM pg_catalog.pg_class c JOIN users u ON u.name = c.relname
SELECT CURRENT_DATE, CURRENT_USER, current_role, session_user, localtimestamp, user, current_schema FROM users
SELECT id FROM users WHERE created_at > 'infinity' OR true IS NOT UNKNOWN
SELECT nextval('users_id_seq'), name FROM users
-- functions in FROM
SELECT n FROM generate_series(1, 3) n
SELECT n.n, n FROM generate_series(1, 3) AS n
SELECT s.day FROM generate_series(1, 3) AS s (day)
SELECT s.days FROM users, generate_series(1, 3) AS s (day)
SELECT generate_series FROM generate_series(1, 3)
SELECT generate_series.generate_series, u.name FROM users u, generate_series(1, u.id)
SELECT t.tag, t.ord FROM users u, unnest(u.tags) WITH ORDINALITY AS t (tag, ord)
SELECT x.a, x.b FROM jsonb_to_recordset('[]') AS x (a int, b text)
SELECT x.c FROM users, jsonb_to_recordset('[]') AS x (a int, b text)
SELECT key, value FROM users, jsonb_each_text(data)
SELECT e.key, e.val FROM users u, jsonb_each(u.data) e
SELECT e->>'a', e.value FROM users, jsonb_array_elements(data) e
SELECT jsonb_array_elements.value FROM users, jsonb_array_elements(users.data)
SELECT x, y FROM pair()
SELECT p.x, p.y, p FROM users, pair() p
SELECT f.a, f.b FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3)) AS f (a, b)
SELECT jt.a, jt.n FROM json_table('[]'::jsonb, '$[*]' COLUMNS (a int PATH '$.a', n FOR ORDINALITY)) jt
SELECT key FROM plain, json_each('{}') WHERE kye = 'a'
SELECT word FROM regexp_split_to_table('a b', ' ') AS word
SELECT w.wrd FROM plain, string_to_table('a b', ' ') AS w (word)
SELECT name FROM users u JOIN LATERAL unnest(u.tags) AS t ON t = u.nam
-- system columns and whole rows
SELECT ctid, xmin, cmax, tableoid::regclass FROM users
SELECT u.ctid, o.xmax FROM users u JOIN orders o ON o.user_id = u.id
SELECT u FROM users u
SELECT users FROM users
SELECT row_to_json(u), to_jsonb(o.*) FROM users u, orders o
SELECT (u).name, (u.home).street FROM users u
SELECT (u).nme, name FROM users u WHERE nme = 'x'
SELECT u.fullname FROM users u
SELECT count(u), u.* FROM users u GROUP BY u.id
SELECT u IS NULL, x IS NULL FROM users u
SELECT DISTINCT u FROM plain u ORDER BY u
-- composite fields, arrays, JSON
SELECT (home).street, (homes[1]).zip, tags[1], tags[1:2] FROM users
SELECT (hom).street FROM users
SELECT home.street FROM users
SELECT tag[1] FROM users
SELECT data -> 'a' ->> 'b', data #>> '{a,b}', data @> '{}', data ? 'k', data ?| array['a'] FROM users
SELECT dat -> 'a' FROM users
SELECT data @? '$.a', data @@ '$.a > 1', data #- '{a}', data - 'k' FROM users
SELECT data['a']['b'] FROM users WHERE data ? 'x' AND naem = 'y'
SELECT ARRAY(SELECT id FROM orders o WHERE o.user_id = u.id) FROM users u
SELECT ARRAY(SELECT id FROM orders o WHERE o.usr_id = u.id) FROM users u
UPDATE users SET home.street = 'x', tags[1] = 'y', data['a'] = '1'
UPDATE users SET hme.street = 'x'
UPDATE users SET tgs[1] = 'y'
-- aliases, joins, scopes
SELECT u.name, o.total FROM users AS u JOIN orders AS o ON o.user_id = u.id
SELECT u.name, o.totl FROM users AS u JOIN orders AS o ON o.user_id = u.id
SELECT users.name FROM users u
SELECT x.name FROM users u
SELECT u.name FROM users u JOIN orders o ON o.uid = u.id
SELECT u.total FROM users u JOIN orders o ON o.user_id = u.id
SELECT public.users.name FROM public.users
SELECT users.name FROM public.users
SELECT t.owner, things.name FROM app.things, app.things t
SELECT owner, wner FROM app.things
SELECT t.colour FROM app.things AS t
SELECT u.id FROM ((users u JOIN orders o ON o.user_id = u.id) JOIN lk ON lk.id = o.id)
SELECT j.uid FROM (users u JOIN orders o ON o.user_id = u.id) AS j (uid, name)
SELECT a.id FROM users a, users b WHERE a.id = b.id AND a.id = c.id
SELECT id FROM users JOIN lk USING (id)
SELECT a.id FROM users a JOIN orders b USING (user_id)
SELECT a.id FROM orders a JOIN users b USING (user_id)
SELECT id, total FROM orders NATURAL JOIN results
SELECT id, totals FROM orders NATURAL JOIN results
SELECT orders.id FROM orders NATURAL LEFT JOIN sums WHERE sums.total > 1
SELECT s.id FROM users s FULL JOIN plain ON plain.a = s.id WHERE plain.d = 1
SELECT p.x, p.y, p.c FROM plain AS p (x, y)
SELECT p.a FROM plain AS p (x, y)
SELECT name FROM ONLY users
SELECT name FROM users TABLESAMPLE bernoulli (10) REPEATABLE (1)
-- subqueries
SELECT x.l FROM (SELECT name AS l FROM users) x
SELECT x.name FROM (SELECT name AS l FROM users) x
SELECT x.a FROM (SELECT name FROM users) x (a)
SELECT x.name FROM (SELECT name FROM users) x (a)
SELECT (SELECT max(total) FROM orders WHERE user_id = u.id) AS m FROM users u ORDER BY m
SELECT (SELECT max(total) FROM orders WHERE user_id = u.ident) AS m FROM users u
SELECT id FROM users WHERE id IN (SELECT user_id FROM orders WHERE name = 'x')
SELECT id FROM users WHERE id IN (SELECT users_id FROM orders)
SELECT id FROM users WHERE id = ANY (SELECT user_id FROM orders) AND EXISTS (SELECT FROM orders o WHERE o.user_id = users.id)
SELECT z.name, z.count FROM (SELECT name, count(*) FROM users GROUP BY name) z
SELECT z.max, z.sum, z.coalesce FROM (SELECT max(total), sum(total), coalesce(total, 1) FROM orders GROUP BY total) z
SELECT z.bool, z.name FROM (SELECT true::bool, name::text FROM users) z
SELECT z.nope FROM (SELECT max(total), min(total) AS lowest FROM orders) z
SELECT z."?column?" FROM (SELECT 1 + 1) z
SELECT z.case, z.array FROM (SELECT CASE WHEN true THEN 1 END, ARRAY[1]) z
SELECT last.total FROM users u LEFT JOIN LATERAL (SELECT total FROM orders o WHERE o.user_id = u.id ORDER BY created_at DESC LIMIT 1) last ON true
SELECT last.total FROM users u LEFT JOIN LATERAL (SELECT total FROM orders o WHERE o.user_id = u.idd) last ON true
SELECT d.total FROM users u, (SELECT total FROM orders o WHERE o.user_id = u.id) d
SELECT v.a, v.b FROM (VALUES (1, 2), (3, 4)) v (a, b)
SELECT v.c FROM plain, (VALUES (1, 2), (3, 4)) v (a, b)
SELECT column1, v.column2 FROM (VALUES (1, 2)) v
SELECT column3 FROM plain, (VALUES (1, 2)) v
-- WITH
WITH x AS (SELECT id AS uid FROM users), y AS (SELECT uid FROM x) SELECT y.uid FROM y
WITH x AS (SELECT id AS uid FROM users) SELECT x.id FROM x
WITH x (a, b) AS (SELECT id, name FROM users) SELECT a, b FROM x
WITH x (a, b) AS (SELECT id, name FROM users) SELECT a, name FROM x
WITH RECURSIVE t (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t
WITH RECURSIVE t (n) AS (VALUES (1) UNION ALL SELECT m + 1 FROM t WHERE n < 5) SELECT n FROM t, plain
WITH RECURSIVE t AS (SELECT id, parent, 0 AS depth FROM tree WHERE parent IS NULL UNION ALL SELECT c.id, c.parent, t.depth + 1 FROM tree c JOIN t ON c.parent = t.id) SELECT t.id, depth FROM t
WITH RECURSIVE t AS (SELECT id, parent, 0 AS depth FROM tree UNION ALL SELECT c.id, c.parent, t.deep + 1 FROM tree c JOIN t ON c.parent = t.id) SELECT t.id FROM t
WITH RECURSIVE t (id, parent) AS (SELECT id, parent FROM tree UNION ALL SELECT c.id, c.parent FROM tree c JOIN t ON c.parent = t.id) SEARCH DEPTH FIRST BY id SET ordercol SELECT id, ordercol FROM t ORDER BY ordercol
WITH RECURSIVE t (id, parent) AS (SELECT id, parent FROM tree UNION ALL SELECT c.id, c.parent FROM tree c JOIN t ON c.parent = t.id) CYCLE id SET is_cycle USING path SELECT id, is_cycle, path FROM t
WITH RECURSIVE t (id, parent) AS (SELECT id, parent FROM tree UNION ALL SELECT c.id, c.parent FROM tree c JOIN t ON c.parent = t.id) CYCLE id SET is_cycle USING path SELECT id, cyclic FROM t
WITH d AS (DELETE FROM orders RETURNING id, total) SELECT d.id, d.total FROM d
WITH d AS (DELETE FROM orders RETURNING id) SELECT d.total FROM d
WITH i AS (INSERT INTO base (k, v) VALUES (1, 'x') RETURNING *) SELECT i.k, v FROM i
WITH u AS (UPDATE plain SET a = 2 RETURNING a, b AS label) INSERT INTO base (k, v) SELECT a, label FROM u
WITH u AS (UPDATE plain SET a = 2 RETURNING a, b AS label) INSERT INTO base (k, v) SELECT a, b FROM u
WITH s AS (SELECT 1 AS id) INSERT INTO base (k) SELECT id FROM s
WITH w AS (SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY total) AS rn FROM orders) DELETE FROM orders USING w WHERE w.rn > 1 AND w.id = orders.id
WITH x AS MATERIALIZED (SELECT id FROM users), y AS NOT MATERIALIZED (SELECT id FROM orders) SELECT x.id FROM x JOIN y ON y.id = x.id
WITH users AS (SELECT 1 AS only_this) SELECT only_this FROM users
WITH users AS (SELECT 1 AS only_this) SELECT name FROM users, plain
WITH x AS (SELECT name FROM users) SELECT name FROM users WHERE id IN (WITH x AS (SELECT id AS i FROM orders) SELECT i FROM x)
-- order, group, windows, sets
SELECT count(*) AS n, status FROM orders GROUP BY status HAVING count(*) > 1 ORDER BY n DESC
SELECT count(*) AS n, status AS s FROM orders GROUP BY s
SELECT count(*) AS n FROM orders HAVING n > 1
SELECT total AS t FROM orders WHERE t > 1
SELECT total AS t FROM orders ORDER BY t + 1
SELECT total AS t FROM orders ORDER BY t
SELECT max(total) FROM orders ORDER BY max
SELECT total AS t FROM orders UNION ALL SELECT qty FROM orders ORDER BY t
SELECT total AS t FROM orders UNION ALL SELECT qty AS q FROM orders ORDER BY q
SELECT total FROM orders UNION SELECT totl FROM lk
(SELECT id FROM users ORDER BY name LIMIT 1) UNION ALL (SELECT id FROM orders ORDER BY total LIMIT 1) ORDER BY id
SELECT DISTINCT ON (status) status, total AS tt FROM orders ORDER BY status, tt
SELECT sum(total) OVER w, rank() OVER (w ORDER BY qty) FROM orders WINDOW w AS (PARTITION BY user_id)
SELECT sum(total) OVER (PARTITION BY user ORDER BY creatd_at) FROM orders
SELECT sum(total) OVER w FROM orders WINDOW w AS (PARTITION BY usr_id)
SELECT count(*) FILTER (WHERE status = 'new'), array_agg(id ORDER BY total) FROM orders
SELECT count(*) FILTER (WHERE sttus = 'new') FROM orders
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY totl) FROM orders
SELECT status, level, count(*) FROM orders GROUP BY ROLLUP (status), CUBE (level), GROUPING SETS ((status), ())
SELECT status, count(*) FROM orders GROUP BY 1 ORDER BY 2 FETCH FIRST 5 ROWS WITH TIES
SELECT extract(epoch FROM created_at), date_trunc('day', created_at), created_at AT TIME ZONE 'UTC' FROM orders
SELECT extract(epoch FROM creted_at) FROM orders
SELECT substring(name FROM 1 FOR 2), trim(BOTH 'x' FROM name), position('a' IN name), overlay(name PLACING 'x' FROM 1) FROM users
SELECT CASE status WHEN 'new' THEN 1 ELSE 2 END AS c FROM orders ORDER BY c
SELECT CASE WHEN statu = 'new' THEN 1 END FROM orders
SELECT name COLLATE "C" FROM users ORDER BY name COLLATE "C"
SELECT name FROM users WHERE (id, name) = (1, 'a') AND (id, name) IN (SELECT id, status FROM orders)
SELECT name FROM users WHERE (id, nam) = (1, 'a')
SELECT interval '1 day' + created_at, date '2020-01-01' FROM users
SELECT name FROM users FOR UPDATE OF users SKIP LOCKED
SELECT make_interval(secs => total), format('%s', name) FROM orders JOIN users ON true
TABLE users
SELECT name FROM users WHERE created_at > now() - interval '5 minutes' AND name ~* 'x' AND mail IS NOT DISTINCT FROM 'y'
-- INSERT
INSERT INTO users (name, mail) VALUES ('a', 'b') RETURNING id, name AS n
INSERT INTO users (name, mial) VALUES ('a', 'b')
INSERT INTO users (mail) VALUES ('a')
INSERT INTO users DEFAULT VALUES
INSERT INTO plain DEFAULT VALUES
INSERT INTO codes DEFAULT VALUES
INSERT INTO users (id, name) VALUES (DEFAULT, 'a'), (DEFAULT, 'b')
INSERT INTO users (name) VALUES (NULL)
INSERT INTO users (name) VALUES (DEFAULT)
INSERT INTO users (name, created_at) VALUES ('a', DEFAULT)
INSERT INTO users (name, created_at) VALUES ('a', NULL)
INSERT INTO users AS t (name) SELECT status FROM orders ON CONFLICT (id) DO UPDATE SET name = t.name WHERE t.id > 1
INSERT INTO users (id, name) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET name = excluded.name, mail = users.mail RETURNING id
INSERT INTO users (id, name) VALUES (1, 'a') ON CONFLICT (nid) DO NOTHING
INSERT INTO users (id, name) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET nam = 'x'
INSERT INTO users (id, name) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET name = excluded.nam
INSERT INTO users (id, name) VALUES (1, 'a') ON CONFLICT ON CONSTRAINT users_pkey DO NOTHING
INSERT INTO users (id, name) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET (name, mail) = (excluded.name, 'x') WHERE users.name <> excluded.name
INSERT INTO users (id, name) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET (name, mail) = ROW (excluded.name, excluded.emial)
INSERT INTO users (id, name) VALUES (9, 'a') RETURNING old.id, new.name
INSERT INTO users (id, name) VALUES (9, 'a') RETURNING new.nam
INSERT INTO users (id, name) VALUES (9, 'a') RETURNING WITH (OLD AS o, NEW AS n) o.id, n.name
INSERT INTO users (id, name) VALUES (9, 'a') RETURNING WITH (OLD AS o, NEW AS n) o.id, n.nam
INSERT INTO results (id, job_id, sum) VALUES (5, 1, 2)
INSERT INTO results (id, job_id) VALUES (5, 1)
INSERT INTO results (id, job_id, operation, result) VALUES (5, 1, 'sum', 2)
INSERT INTO results (id, job_id, operation, result) VALUES (5, 1, 'difference', 2)
INSERT INTO results (id, job_id, operation, result) VALUES (5, 1, 'sum', 2, 3)
INSERT INTO results (id, job_id, operation, result) VALUES (5, 1, 'sum')
INSERT INTO results VALUES (6, 1, 'sum', 2)
INSERT INTO results VALUES (6, 1, 'sum')
INSERT INTO results VALUES (6, 1, 'sum', 2, 'me', 7)
INSERT INTO results VALUES (6, 1, 'sum', 2), (7, 1, 'sum')
INSERT INTO results VALUES (6, 1, 'quotient', 2, 'me')
INSERT INTO results (id, job_id, operation, result) SELECT id, 1, 'sum', total FROM orders
INSERT INTO results (id, job_id, operation, result) SELECT id, 1, 'sum' FROM orders
INSERT INTO results (id, job_id, operation, result) SELECT id, 1, 'sum', total, 2 FROM orders
INSERT INTO results (id, job_id, operation, result) SELECT id + 10, 1, r.operation, r.result FROM results r
INSERT INTO base (k, v) SELECT * FROM (SELECT 1, 'x') s
INSERT INTO base (k, v) SELECT * FROM (SELECT 1, 'x', 2) s
INSERT INTO base SELECT a, b FROM plain
INSERT INTO orders (user_id, status, level) VALUES (1, 'new', 'low')
INSERT INTO orders (user_id, status, level) VALUES (1, 'lost', 'low')
INSERT INTO orders (user_id, status, level) VALUES (1, 'new', 'lowest')
INSERT INTO orders (user_id, status) VALUES (1, 'new'), (1, 'gone')
INSERT INTO orders (user_id) VALUES (1), (2), (NULL)
INSERT INTO orders (user_id, period) VALUES (1, '[2020-01-01,2020-02-01)')
INSERT INTO app.things (owner, color) VALUES (1, 'red')
INSERT INTO app.things (owner, color) VALUES (1, 'blue')
INSERT INTO app.things (name) VALUES ('x')
INSERT INTO app.things (id, owner) OVERRIDING SYSTEM VALUE VALUES (100, 1)
INSERT INTO app.things (id, onwer) OVERRIDING SYSTEM VALUE VALUES (100, 1)
INSERT INTO triggered (id) VALUES (1)
INSERT INTO triggered (id, filed) VALUES (1, 2)
INSERT INTO ev (id, at) VALUES (1, '2021-01-01')
INSERT INTO ev1 (id) VALUES (1)
INSERT INTO child (k, v, extra) VALUES (1, 'x', 2)
INSERT INTO child (k, w) VALUES (1, 'x')
INSERT INTO lk (id, total, more) VALUES (1, 2, 3)
INSERT INTO lk (id, status) VALUES (1, 'other')
INSERT INTO domains (id, tag) VALUES (1, 'x')
INSERT INTO domains (id) VALUES (1)
INSERT INTO codes (code, label) VALUES ('a', 'b'), ('c', 'd')
INSERT INTO codes (code, label) VALUES ('a', 'b'), ('c')
INSERT INTO codes (label) VALUES ('b')
INSERT INTO plain (a, b) VALUES (1, (SELECT name FROM users LIMIT 1))
INSERT INTO plain (a, b) VALUES (1, (SELECT nme FROM users LIMIT 1))
INSERT INTO plain (a, b) VALUES (1, bb)
-- UPDATE and DELETE
UPDATE orders SET total = o2.total FROM orders o2 WHERE orders.id = o2.id RETURNING orders.id, o2.total
UPDATE orders o SET total = u.id FROM users u WHERE u.id = o.user_id
UPDATE orders o SET total = u.idd FROM users u WHERE u.id = o.user_id
UPDATE orders o SET o.total = 1
UPDATE orders SET orders.total = 1
UPDATE orders o SET total = 1 WHERE orders.id = 1
UPDATE orders SET totl = 1
UPDATE orders SET total = foo WHERE id = 1
UPDATE orders SET (total, qty) = (1, 2), note = DEFAULT
UPDATE orders SET (total, qyt) = (1, 2)
UPDATE orders SET (total, qty) = (SELECT id, id FROM users LIMIT 1)
UPDATE orders SET status = 'paid', level = 'mid'
UPDATE orders SET status = 'unpaid'
UPDATE orders SET level = 'middle'
UPDATE orders SET status = NULL
UPDATE orders SET note = NULL, status = DEFAULT
UPDATE orders SET status = CASE WHEN total > 1 THEN 'paid' ELSE status END
UPDATE orders SET total = 1 WHERE level = 'none'
UPDATE orders SET total = 1 WHERE level IN ('low', 'hgih')
UPDATE orders SET total = 1 WHERE level = ANY (ARRAY['low', 'mid']::level[])
UPDATE orders SET total = 1 RETURNING old.total, new.total, old.id <> new.id
UPDATE orders SET total = 1 RETURNING old.totl
UPDATE ONLY base SET v = 'x' WHERE k = 1
UPDATE app.things SET name = 'y' WHERE color = 'red'
UPDATE app.things SET name = 'y' WHERE color = 'purple'
UPDATE users SET name = upper(name) WHERE CURRENT_DATE > created_at
DELETE FROM orders USING users WHERE users.id = orders.user_id RETURNING users.name
DELETE FROM orders USING users WHERE users.id = orders.userid
DELETE FROM orders o WHERE o.id = 1 AND NOT EXISTS (SELECT 1 FROM users WHERE id = o.user_id)
DELETE FROM orders o WHERE orders.id = 1
DELETE FROM ordrs WHERE id = 1
-- MERGE
MERGE INTO base b USING child c ON b.k = c.k WHEN MATCHED AND c.extra > 1 THEN UPDATE SET v = c.v WHEN NOT MATCHED THEN INSERT (k, v) VALUES (c.k, c.v)
MERGE INTO base b USING child c ON b.k = c.k WHEN MATCHED AND c.xtra > 1 THEN DELETE
MERGE INTO base b USING child c ON b.k = c.k WHEN MATCHED THEN UPDATE SET vv = c.v
MERGE INTO base b USING child c ON b.k = c.k WHEN NOT MATCHED THEN INSERT (k, w) VALUES (c.k, c.v)
MERGE INTO base b USING child c ON b.k = c.k WHEN NOT MATCHED THEN INSERT (k, v) VALUES (c.k)
MERGE INTO base b USING (SELECT 1 AS k) s ON b.k = s.k WHEN NOT MATCHED BY SOURCE THEN DELETE WHEN NOT MATCHED BY TARGET THEN INSERT (k) VALUES (s.k) RETURNING merge_action(), b.*, old.k
MERGE INTO base b USING (SELECT 1 AS k) s ON b.k = s.id WHEN MATCHED THEN DO NOTHING
MERGE INTO codes c USING plain p ON c.code = p.b WHEN NOT MATCHED THEN INSERT (code) VALUES (p.b)
MERGE INTO codes c USING plain p ON c.code = p.b WHEN NOT MATCHED THEN INSERT (code, label) VALUES (p.b, 'x')
-- views and what is made of others
SELECT id, label FROM names
SELECT name FROM names
SELECT p, q FROM renamed
SELECT email FROM renamed
SELECT status FROM every_order
SELECT total FROM every_order WHERE usr = 1
SELECT id, total FROM sums
SELECT tot FROM sums
SELECT cid, name FROM copied
SELECT id FROM copied
SELECT k, v, extra FROM child
SELECT k, extra FROM base
SELECT id, at FROM ev1
SELECT more, total FROM lk
SELECT mail FROM users
SELECT email FROM users
SELECT tag FROM domains WHERE tag = 'x'
-- tables that are not there
SELECT id FROM user_list
SELECT u.id FROM users u JOIN ordrs o ON o.user_id = u.id
INSERT INTO resluts (id) VALUES (1)
UPDATE userz SET name = 'x'
WITH x AS (SELECT 1 AS a) SELECT a FROM y
SELECT id FROM users WHERE id IN (SELECT user_id FROM order_lines)
-- literals with casts
SELECT 'low'::level, 'red'::app.color, CAST('mid' AS level)
SELECT 'lo'::level FROM plain
SELECT CAST('lo' AS level), 'x'::text FROM plain
SELECT id FROM orders WHERE level::text = 'whatever' OR status = 'paid'
SELECT id FROM orders WHERE level <> 'huge'
SELECT CASE level WHEN 'low' THEN 1 WHEN 'hi' THEN 2 END FROM orders
SELECT id FROM orders WHERE 'low' = level AND level IS DISTINCT FROM 'mid'
"""


def _statements() -> list[str]:
    return [line for line in STATEMENTS.strip().splitlines() if not line.startswith("--")]


@pytest.fixture(scope="module")
def verdicts(postgres: Postgres) -> dict[str, tuple[Verdict, list[Verdict]]]:
    """The server's verdict and ours on each statement."""
    cases = [Case(sql, 0, "") for sql in _statements()]
    with postgres.connection() as connection:
        connection.execute(SCHEMA.encode())
        connection.execute(ROWS.encode())
        server = [_verdict(connection, case) for case in cases]
    ours = findings(SCHEMA, cases, TABLES)
    assert ours[len(cases) :] == [[], []]
    return {case.sql: pair for case, pair in zip(cases, zip(server, ours, strict=False), strict=True)}


def _verdict(connection: psycopg.Connection[Any], case: Case) -> Verdict:
    with connection.transaction(force_rollback=True):
        return server_verdict(connection, case)


def test_there_are_enough() -> None:
    assert len(_statements()) == len(set(_statements())) >= 150


@pytest.mark.parametrize("sql", _statements())
def test_the_servers_verdict(sql: str, verdicts: dict[str, tuple[Verdict, list[Verdict]]]) -> None:
    server, ours = verdicts[sql]
    assert server.rule != "?", server.text
    if server.rule:
        assert any(each.rule == server.rule and same_place(sql, server, each) for each in ours), (server, ours)
    else:
        assert ours == []
