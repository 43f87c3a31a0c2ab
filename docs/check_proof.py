"""Recompute what proof.md describes, without LEC Admin: check_proof.py FILE.db, or a URL."""

import json
import sys
from collections import Counter
from datetime import datetime
from hashlib import sha256

ENTRIES = """SELECT number, previous, unit_id, cycle_id, tag, at, user_id, actor_name, actor_role,
 on_behalf, reason, details, student_id, digest FROM event ORDER BY unit_id, number, id"""
SNAPSHOTS = """SELECT cycle_id, unit_id, revision, digest, content, lines, parent_id, status
 FROM snapshot LEFT JOIN unit_state USING (cycle_id, unit_id, revision)"""
CHILDREN = """SELECT s.id, id_kind, id_number, no_id_reason, prefix, first_name, last_name, sex,
 birth_date, grade, nationality, disability, disadvantage, d.code, entered_on FROM student s LEFT
 JOIN subdistrict d ON d.id = home_subdistrict_id WHERE (cycle_id, school_id) = ({}, {})
 AND status = 'active' ORDER BY s.id"""
OTHERS = """SELECT o.name, c.grade, c.boys, c.girls FROM other_school o JOIN other_count c
 ON c.other_school_id = o.id WHERE o.cycle_id = {} AND o.lao_id = {}"""
db = __import__("psycopg" if "://" in sys.argv[1] else "sqlite3").connect(sys.argv[1])
form = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
sha = lambda *texts: sha256("".join(texts).encode()).hexdigest()  # noqa: E731
rows = lambda sql, *ids: db.execute(sql.format(*ids)).fetchall()  # noqa: E731
codes = dict(rows("SELECT id, code FROM unit")) | {None: "no unit"}
wrong, ends, entries, confirmed, below = [], {}, {(0, "")}, {}, {}
for *entry, digest in rows(ENTRIES):
    number, previous, unit, cycle, tag, at, *_, details, _child = entry
    at = datetime.fromisoformat(str(at)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    entry[5], entry[9] = at, bool(entry[9])
    if (number - 1, previous) != ends.get(unit, (0, "")) or sha(form.encode([1, *entry])) != digest:
        wrong.append(f"{codes[unit]}: history entry {number}")
    elif tag in ("move.confirm", "move.close"):
        confirmed[cycle, unit, json.loads(details)["revision"]] = json.loads(details)["digest"]
    ends[unit] = entry[0], digest
    entries.add(ends[unit])
heads = {c or None: (n, d) for c, n, d in rows("SELECT chain, number, digest FROM history_head")}
wrong += [f"{codes[u]}: end of the history" for u in heads | ends if heads.get(u) != ends.get(u)]
stored = {tuple(row[:3]): row[3:] for row in rows(SNAPSHOTS)}
for (cycle, *_), (digest, *_, parent, status) in stored.items():
    below.setdefault((cycle, parent, status), set()).add(digest)
for key in confirmed | stored:
    digest, text, lines, *_, status = stored.get(key, [""] * 5)
    frozen = sha(text) == digest == confirmed.get(key)
    was = json.loads(text) if frozen else {}
    held = [was.get("history", (0, "")), *(head[1:] for head in was.get("below", ()))]
    on = {head[2] for name in ("schools", "laos", "provinces") for head in was.get(name, ())}
    agrees = {"frozen": frozen, "histories held": entries.issuperset(map(tuple, held))}
    agrees["lines"] = not frozen or was.get("lines", sha()) == sha(lines)
    if status == "confirmed" and frozen:
        now, other = rows(CHILDREN, *key), was.get("other", {"schools": ()})
        cells = Counter((child[9], child[7]) for child in now)
        counts = sorted([g, cells[g, "M"], cells[g, "F"]] for g in {g for g, _ in cells})
        others = {(o["name"], *cell) for o in other["schools"] for cell in o["counts"]}
        agrees["roster"] = was.get("roster", sha()) == sha(*(form.encode(c) + "\n" for c in now))
        agrees["counts"] = sorted(was.get("counts", ())) == counts
        agrees["others"] = others == {*rows(OTHERS, *key)}
        agrees["below"] = on == below.get((*key[:2], status), set())
    wrong += [f"{codes[key[1]]} revision {key[2]}: {what}" for what, ok in agrees.items() if not ok]
print(*(wrong or ["everything agrees"]), sep="\n")
sys.exit(bool(wrong))
