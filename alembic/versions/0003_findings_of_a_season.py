"""A finding is of a whole season; what one run found of it is a part.

Every row of the old table becomes a part under its own identifier, so every old address leads on. What was one matter
becomes one finding: the open rows of one key, a decided row with the same rows found again, and what was superseded
undecided with what took its place. What was decided keeps its standing and its identifier.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Row = dict[str, Any]

KEY = ("company_id", "season", "cause", "category", "tariff_id")
FIGURES = ("bills", "exposed_bills", "amount_over", "amount_under", "largest", "first_seen", "last_seen")
DECISION = ("state", "version", "reason", "reason_note", "decided_at", "decided_by")


def _figures() -> list[sa.Column[Any]]:
    return [
        sa.Column("bills", sa.Integer(), nullable=False),
        sa.Column("exposed_bills", sa.Integer(), nullable=False),
        sa.Column("amount_over", sa.BigInteger(), nullable=False),
        sa.Column("amount_under", sa.BigInteger(), nullable=False),
        sa.Column("largest", sa.BigInteger(), nullable=False),
        sa.Column("first_seen", sa.Date(), nullable=True),
        sa.Column("last_seen", sa.Date(), nullable=True),
    ]


def _key() -> list[sa.Column[Any]]:
    return [
        sa.Column("cause", sa.String(length=60), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("tariff_id", sa.String(length=80), nullable=True),
        sa.Column("season", sa.String(length=7), nullable=False),
    ]


def _decision() -> list[sa.Column[Any]]:
    state = sa.Enum(
        "open",
        "in_case",
        "closed",
        "dismissed",
        "superseded",
        name="findingstate",
        native_enum=False,
        length=12,
    )
    return [
        sa.Column("state", state, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("reason_note", sa.String(length=2000), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
    ]


def _checks(table: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint("amount_over >= 0 AND amount_under >= 0", name=op.f(f"ck__{table}__amounts")),
        sa.CheckConstraint("bills >= 1 AND exposed_bills >= bills", name=op.f(f"ck__{table}__bills")),
    ]


def _finding_checks() -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(
            "(state = 'dismissed') <= (reason IS NOT NULL)", name=op.f("ck__finding__dismissal_has_reason")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'in_case', 'closed', 'dismissed', 'superseded')",
            name=op.f("ck__finding__state"),
        ),
        *_checks("finding"),
    ]


def _case_finding(*more: Any) -> sa.Table:
    return op.create_table(
        "case_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=60), nullable=False),
        sa.Column("bills", sa.Integer(), nullable=False),
        sa.Column("amount_over", sa.BigInteger(), nullable=False),
        sa.Column("amount_under", sa.BigInteger(), nullable=False),
        *(each for each in more if isinstance(each, sa.Column)),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("snapshot_digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["supervision_case.id"], name=op.f("fk__case_finding__case_id__supervision_case")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk__case_finding__finding_id__finding")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__case_finding")),
        *(each for each in more if not isinstance(each, sa.Column)),
    )


def _index_cases() -> None:
    op.create_index(op.f("ix__case_finding_case_id"), "case_finding", ["case_id"], unique=False)
    op.create_index(op.f("ix__case_finding_finding_id"), "case_finding", ["finding_id"], unique=False)


def _index_findings() -> None:
    op.create_index(
        op.f("ix__finding_company_id_finding_season"), "finding", ["company_id", "season"], unique=False
    )
    op.create_index(
        op.f("ix__finding_state_finding_amount_over"), "finding", ["state", "amount_over"], unique=False
    )


def _read(query: sa.Select[Any]) -> list[Row]:
    return [dict(row._mapping) for row in op.get_bind().execute(query)]


def _columns(name: str, *columns: sa.Column[Any]) -> sa.TableClause:
    return sa.table(name, *(sa.column(one.name, one.type) for one in columns))


def _write(table: sa.Table, rows: list[Row]) -> None:
    """The rows under the numbers they have; the next one follows on them."""
    if rows:
        op.bulk_insert(table, rows)
    if rows and op.get_bind().dialect.name == "postgresql" and "id" in table.c:
        last = max(row["id"] for row in rows)
        op.execute(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {last})")


_OLD = (
    sa.Column("id", sa.Integer()),
    sa.Column("public_id", sa.String()),
    sa.Column("run_id", sa.Integer()),
    sa.Column("company_id", sa.Integer()),
    sa.Column("predecessor_id", sa.Integer()),
    sa.Column("is_latest", sa.Boolean()),
    sa.Column("period", sa.String()),
    sa.Column("distribution", sa.JSON()),
    sa.Column("rows_digest", sa.String()),
)
_CASE_OLD = (
    sa.Column("id", sa.Integer()),
    sa.Column("case_id", sa.Integer()),
    sa.Column("finding_id", sa.Integer()),
    sa.Column("cause", sa.String()),
    sa.Column("bills", sa.Integer()),
    sa.Column("amount_over", sa.BigInteger()),
    sa.Column("amount_under", sa.BigInteger()),
    sa.Column("snapshot", sa.JSON()),
    sa.Column("snapshot_digest", sa.String()),
)


def upgrade() -> None:
    old = _columns("finding", *_OLD, *_key(), *_figures(), *_decision())
    in_cases = _columns("case_finding", *_CASE_OLD)
    runs = _columns("check_run", sa.Column("id", sa.Integer()), sa.Column("finished_at", sa.DateTime(True)))
    cases = _columns(
        "supervision_case", sa.Column("id", sa.Integer()), sa.Column("notified_at", sa.DateTime(True))
    )
    rows = _read(sa.select(old).order_by(old.c.id))
    frozen = _read(sa.select(in_cases).order_by(in_cases.c.id))
    finished = {row["id"]: row["finished_at"] for row in _read(sa.select(runs))}
    notified = {row["id"]: row["notified_at"] for row in _read(sa.select(cases))}
    op.drop_table("case_finding")
    op.drop_table("finding")
    finding, part, case_finding, case_part = _create()

    groups = _grouped(rows)
    findings, finding_of = [], {}
    for group in groups:
        one = _one_finding(group, {row["finding_id"] for row in frozen})
        one["opened_at"] = min(finished[row["run_id"]] for row in group)
        one["notified_at"] = min(
            (
                notified[row["case_id"]]
                for row in frozen
                if row["finding_id"] in {member["id"] for member in group} and notified[row["case_id"]]
            ),
            default=None,
        )
        findings.append(one)
        finding_of |= {row["id"]: one["id"] for row in group}
    counted = {row["id"] for group in groups for row in _counted(group)}
    _write(finding, findings)
    _write(
        part,
        [
            {
                **{
                    name: row[name]
                    for name in ("id", "public_id", "run_id", "predecessor_id", "distribution", "rows_digest")
                },
                **{name: row[name] for name in FIGURES},
                "finding_id": finding_of[row["id"]],
                "is_counted": row["id"] in counted,
            }
            for row in rows
        ],
    )
    _write(
        case_finding,
        [
            {one.name: row[one.name] for one in _CASE_OLD} | {"finding_id": finding_of[row["finding_id"]]}
            for row in frozen
        ],
    )
    _write(case_part, [{"case_finding_id": row["id"], "part_id": row["finding_id"]} for row in frozen])


def _create() -> tuple[sa.Table, sa.Table, sa.Table, sa.Table]:
    finding = op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        *_key(),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        *_figures(),
        *_decision(),
        *_finding_checks(),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__finding__company_id__company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__finding")),
        sa.UniqueConstraint("public_id", name=op.f("uq__finding__public_id")),
    )
    _index_findings()
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq__finding__open",
        "finding",
        list(KEY),
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    is_open = sa.text("state = 'open' AND tariff_id IS NULL")
    op.create_index(
        "uq__finding__open_without_tariff",
        "finding",
        list(KEY[:-1]),
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    part = op.create_table(
        "finding_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("predecessor_id", sa.Integer(), nullable=True),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        *_figures(),
        sa.Column("distribution", sa.JSON(), nullable=False),
        sa.Column("rows_digest", sa.String(length=64), nullable=False),
        *_checks("finding_part"),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk__finding_part__finding_id__finding")
        ),
        sa.ForeignKeyConstraint(
            ["predecessor_id"],
            ["finding_part.id"],
            name=op.f("fk__finding_part__predecessor_id__finding_part"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["check_run.id"], name=op.f("fk__finding_part__run_id__check_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__finding_part")),
        sa.UniqueConstraint("public_id", name=op.f("uq__finding_part__public_id")),
        sa.UniqueConstraint("run_id", "finding_id", name=op.f("uq__finding_part__run_id_finding_id")),
    )
    op.create_index(op.f("ix__finding_part_finding_id"), "finding_part", ["finding_id"], unique=False)
    case_finding = _case_finding()
    _index_cases()
    case_part = op.create_table(
        "case_finding_part",
        sa.Column("case_finding_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_finding_id"],
            ["case_finding.id"],
            name=op.f("fk__case_finding_part__case_finding_id__case_finding"),
        ),
        sa.ForeignKeyConstraint(
            ["part_id"], ["finding_part.id"], name=op.f("fk__case_finding_part__part_id__finding_part")
        ),
        sa.PrimaryKeyConstraint("case_finding_id", "part_id", name=op.f("pk__case_finding_part")),
    )
    op.create_index(op.f("ix__case_finding_part_part_id"), "case_finding_part", ["part_id"], unique=False)
    return finding, part, case_finding, case_part


# -- what was one matter ------------------------------------------------------------------------------------------


def _grouped(rows: list[Row]) -> list[list[Row]]:
    """The old rows by the finding they become, each group in the order found."""
    group_of = {row["id"]: [row] for row in rows}

    def unite(one: Row, other: Row) -> None:
        first, second = group_of[one["id"]], group_of[other["id"]]
        if first is not second:
            first.extend(second)
            group_of.update({row["id"]: first for row in second})

    heirs = {row["predecessor_id"]: row for row in rows if row["predecessor_id"] is not None}
    open_of: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        heir = heirs.get(row["id"])
        if heir is not None and _goes_on(row, heir):
            unite(row, heir)
        if row["state"] == "open" and row["is_latest"]:
            key = tuple(row[name] for name in KEY)
            unite(open_of.setdefault(key, row), row)
    found = {id(group): group for group in group_of.values()}
    return [sorted(group, key=lambda row: row["id"]) for group in found.values()]


def _goes_on(row: Row, heir: Row) -> bool:
    """The heir is the same matter: the row came out the same and handed its standing on, or nobody had decided about it
    (what is superseded with a reason had been dismissed)."""
    is_undecided = row["state"] == "superseded" and row["reason"] is None
    return is_undecided or (not row["is_latest"] and row["rows_digest"] == heir["rows_digest"])


def _one_finding(group: list[Row], in_cases: set[int]) -> Row:
    """Its standing is that of its last row that stands; its identifier that of its first row with that standing, if a
    case knows one of them of that."""
    standing = [row for row in group if row["state"] != "superseded" and row["is_latest"]]
    leader = (standing or group)[-1]
    of_leader = [row for row in group if row["state"] == leader["state"]]
    known = [row for row in of_leader if row["id"] in in_cases]
    identity = (known or of_leader)[0]
    counted = _counted(group)
    version = max(row["version"] for row in group) + (len(counted) > 1)  # nobody has seen the whole yet
    firsts = [row["first_seen"] for row in counted if row["first_seen"] is not None]
    lasts = [row["last_seen"] for row in counted if row["last_seen"] is not None]
    return {
        "id": identity["id"],
        "public_id": identity["public_id"],
        **{name: leader[name] for name in (*KEY, *DECISION)},
        "version": version,
        **{
            name: sum(row[name] for row in counted)
            for name in ("bills", "exposed_bills", "amount_over", "amount_under")
        },
        "largest": max(row["largest"] for row in counted),
        "first_seen": min(firsts, default=None),
        "last_seen": max(lasts, default=None),
    }


def _counted(group: list[Row]) -> list[Row]:
    """The rows that make up its figures: those that stand, or the last one where none does."""
    return [row for row in group if row["state"] != "superseded" and row["is_latest"]] or group[-1:]


# -- back ---------------------------------------------------------------------------------------------------------


def downgrade() -> None:
    parts_columns = (
        *(
            sa.Column(one.name, one.type)
            for one in _OLD
            if one.name not in ("company_id", "is_latest", "period")
        ),
        sa.Column("finding_id", sa.Integer()),
        sa.Column("is_counted", sa.Boolean()),
        *_figures(),
    )
    whole = _columns("finding", sa.Column("id", sa.Integer()), _OLD[3], *_key(), *_decision())
    parts = _columns("finding_part", *parts_columns)
    runs = _columns("check_run", sa.Column("id", sa.Integer()), sa.Column("period", sa.String()))
    in_cases = _columns("case_finding", *_CASE_OLD)
    case_parts = _columns(
        "case_finding_part", sa.Column("case_finding_id", sa.Integer()), sa.Column("part_id", sa.Integer())
    )
    findings = {row["id"]: row for row in _read(sa.select(whole))}
    rows = _read(sa.select(parts).order_by(parts.c.id))
    periods = {row["id"]: row["period"] for row in _read(sa.select(runs))}
    frozen = {row["id"]: row for row in _read(sa.select(in_cases))}
    on = _read(sa.select(case_parts).order_by(case_parts.c.case_finding_id, case_parts.c.part_id))
    for table in ("case_finding_part", "case_finding", "finding_part", "finding"):
        op.drop_table(table)
    finding, case_finding = _create_old()
    by_id = {row["id"]: row for row in rows}
    _write(finding, [_old_row(row, findings[row["finding_id"]], periods[row["run_id"]]) for row in rows])
    _write(
        case_finding,
        [
            {
                **frozen[link["case_finding_id"]],
                "id": number,
                "finding_id": link["part_id"],
                **{name: by_id[link["part_id"]][name] for name in ("bills", "amount_over", "amount_under")},
                "rows_digest": by_id[link["part_id"]]["rows_digest"],
            }
            for number, link in enumerate(on, start=1)
        ],
    )


def _old_row(part: Row, finding: Row, period: str) -> Row:
    """A part that counts stands as its finding does; any other was superseded."""
    found = {name: part[name] for name in part if name not in ("finding_id", "is_counted")}
    found |= {name: finding[name] for name in (*KEY, *DECISION)}
    found |= {"period": period, "is_latest": part["is_counted"] and finding["state"] != "superseded"}
    if not part["is_counted"]:
        found |= {**dict.fromkeys(DECISION), "state": "superseded", "version": 2}
    return found


def _create_old() -> tuple[sa.Table, sa.Table]:
    finding = op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("predecessor_id", sa.Integer(), nullable=True),
        sa.Column("is_latest", sa.Boolean(), nullable=False),
        *_key(),
        sa.Column("period", sa.String(length=10), nullable=False),
        *_figures(),
        sa.Column("distribution", sa.JSON(), nullable=False),
        sa.Column("rows_digest", sa.String(length=64), nullable=False),
        *_decision(),
        *_finding_checks(),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__finding__company_id__company")
        ),
        sa.ForeignKeyConstraint(
            ["predecessor_id"], ["finding.id"], name=op.f("fk__finding__predecessor_id__finding")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["check_run.id"], name=op.f("fk__finding__run_id__check_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__finding")),
        sa.UniqueConstraint("public_id", name=op.f("uq__finding__public_id")),
    )
    _index_findings()
    op.create_index(op.f("ix__finding_run_id"), "finding", ["run_id"], unique=False)
    case_finding = _case_finding(
        sa.Column("rows_digest", sa.String(length=64), nullable=False),
        sa.UniqueConstraint("case_id", "finding_id", name=op.f("uq__case_finding__case_id_finding_id")),
    )
    _index_cases()
    return finding, case_finding
