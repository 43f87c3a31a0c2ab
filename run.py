#!/usr/bin/env python3
"""The command line of LEC Admin; ``python run.py --help`` lists the commands."""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from admin_app import backup, config, database, migrate, processes
from admin_app.config import BadSetting, Settings
from admin_app.domain.access import ROLE
from admin_app.models import Cycle, Unit, User
from admin_app.models import database as tables


def _open(settings: Settings) -> None:
    database.bind(settings.database_url)
    tables.connect(reuse_if_open=True)


def _migrate() -> list[str]:
    from seed import code_lists

    names = migrate.up()
    code_lists.load()
    return names


def _refuse_demo_accounts(settings: Settings) -> None:
    """Demo accounts have published passwords: a production start beside them is refused."""
    if not settings.demo and User.table_exists() and User.select().where(User.demo).exists():
        raise BadSetting(
            "this database holds demo accounts: use another DATABASE_URL, or DEMO=1 for the demo"
        )


def serve(args: argparse.Namespace, settings: Settings) -> int:
    """Serve the panel with gunicorn; in demo mode fill the database first and run a worker."""
    _open(settings)
    _refuse_demo_accounts(settings)
    if settings.demo:
        from seed import demo

        _migrate()
        demo.load(database.now())
    elif migrate.pending():
        raise BadSetting("the database is not up to date: run `python run.py migrate` first")
    tables.close()
    if settings.demo:
        from seed.demo_accounts import DEMO_ACCOUNTS

        for account in DEMO_ACCOUNTS:
            print(f"  {account.username:<10} {account.password}", flush=True)
    workers = args.workers or min(4, 1 + (os.cpu_count() or 1))
    command = processes.gunicorn(args.host, settings.port, workers)
    beside = [sys.executable, "run.py", "worker"] if settings.demo else []
    return processes.serve(command, settings.port, beside)


def worker(args: argparse.Namespace, settings: Settings) -> int:
    """Do the background jobs, one at a time; SIGTERM and Ctrl-C end it after the batch in hand."""
    from admin_app.jobs import worker as jobs_worker

    processes.end_with_parent()
    _open(settings)
    _refuse_demo_accounts(settings)
    if migrate.pending():
        raise BadSetting("the database is not up to date: run `python run.py migrate` first")
    tables.close()
    jobs_worker.run(settings, database.now)
    return 0


def migrate_command(args: argparse.Namespace, settings: Settings) -> int:
    """Apply pending migrations and code lists, or go back with --down."""
    _open(settings)
    if args.status:
        for row in migrate.runner().status():
            print(f"{row.name:<40} {row.applied or 'pending'}")
        return 0
    if args.down:
        names = migrate.runner().down(args.down if args.down != "-" else None)
        print("\n".join(f"reverted {name}" for name in names) or "nothing to revert")
        return 0
    names = _migrate()
    print("\n".join(f"applied {name}" for name in names) or "up to date")
    return 0


def seed_command(args: argparse.Namespace, settings: Settings) -> int:
    """Fill the database with the demo, or with as many rows as the whole country."""
    _open(settings)
    _migrate()
    now = database.now()
    if args.what == "demo":
        if not settings.demo:
            raise BadSetting("seed demo makes accounts with published passwords: set DEMO=1")
        from seed import demo

        demo.load(now)
    else:
        from seed import national

        national.load(now, children=args.children, laos=args.laos, schools=args.schools)
    return 0


def create_user(args: argparse.Namespace, settings: Settings) -> int:
    """Make an account from the command line; the first one of DLA comes from here."""
    from admin_app.domain.access import ROLE
    from admin_app.services import accounts
    from admin_app.services.errors import Invalid

    _open(settings)
    if migrate.pending():
        raise BadSetting("the database is not up to date: run `python run.py migrate` first")
    role = ROLE[args.role]
    unit = Unit.get_or_none(Unit.code == args.unit) if args.unit else None
    if unit is None and role.level == "department":
        unit = Unit.get_or_none(Unit.level == "department")
    if unit is None or unit.level != role.level:
        raise BadSetting(f"--unit: give the code of a {role.level} for the role {role.key}")
    password = os.environ.get("LEC_PASSWORD") or getpass.getpass("Password: ")
    try:
        accounts.check_new_password(password, args.username)
    except Invalid as invalid:
        message, params = next(iter(invalid.errors.values()))
        raise BadSetting(message % params) from invalid
    if User.select().where(User.username == args.username).exists():
        raise BadSetting(f"there is an account {args.username} already")
    with database.transaction():
        User.create(
            username=args.username,
            password_hash=accounts.hash_password(password),
            name=args.name or args.username,
            role=role.key,
            unit=unit.id,
            province=unit.province_id,
            lao=unit.lao_id,
            created_at=database.now(),
            must_change_password=True,
        )
    print(f"{args.username}: {role.key} of {unit.name}; the password is to be changed at sign-in")
    return 0


def verify(args: argparse.Namespace, settings: Settings) -> int:
    """Recompute histories and confirmed units from the rows, name what differs; writes nothing."""
    from admin_app.services import verification
    from admin_app.services.errors import NotFound

    _open(settings)
    cycle = Cycle.get_or_none(Cycle.code == args.cycle) if args.cycle else None
    if args.cycle and cycle is None:
        raise BadSetting(f"--cycle: there is no cycle {args.cycle}")
    try:
        result = verification.verify(cycle, args.unit)
    except NotFound as missing:
        raise BadSetting(f"--unit: there is no unit {args.unit}") from missing
    looked_at = f"{result.checked} confirmed units and {result.entries} history entries"
    if result.differences:
        print(*result.differences, sep="\n")
        print(f"differences: {len(result.differences)} ({looked_at})")
        return 1
    print(f"{looked_at} agree with what was confirmed")
    return 0


def backup_command(args: argparse.Namespace, settings: Settings) -> int:
    """Write a consistent copy of the SQLite database while it is in use."""
    source = backup.file_of(settings.database_url)
    target = backup.take(source, Path(args.file) if args.file else None)
    print(f"backup: {target} ({target.stat().st_size:,} bytes)")
    return 0


def restore(args: argparse.Namespace, settings: Settings) -> int:
    """Put a backup in the database's place; the old file is kept beside it."""
    target = backup.file_of(settings.database_url)
    kept = backup.put_back(Path(args.file), target)
    if kept:
        print(f"the database before: {kept}")
    print(f"restored: {target}")
    return 0


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="run.py", description="LEC Admin")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[Any, Settings], int]) -> argparse.ArgumentParser:
        text = (run.__doc__ or "").strip()
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    one = add("serve", serve)
    one.add_argument("--host", default="127.0.0.1")
    one.add_argument("--workers", type=int, default=0, help="0: one more than cores, at most 4")
    add("worker", worker)
    one = add("migrate", migrate_command)
    one.add_argument("--status", action="store_true", help="list what is applied and pending")
    one.add_argument("--down", nargs="?", const="-", metavar="NAME", help="revert the last, or to")
    one = add("seed", seed_command)
    one.add_argument("what", choices=("demo", "national"))
    one.add_argument("--children", type=int, default=2_000_000)
    one.add_argument("--laos", type=int, default=7_850)
    one.add_argument("--schools", type=int, default=20_000)
    one = add("create-user", create_user)
    one.add_argument("username")
    one.add_argument("role", choices=tuple(ROLE))
    one.add_argument("--unit", help="the unit's code; not needed for the department")
    one.add_argument("--name", default="")
    one = add("verify", verify)
    one.add_argument("--cycle", help="such as 2567-1; every cycle by default")
    one.add_argument("--unit", help="a unit's code; every unit by default")
    one = add("backup", backup_command)
    one.add_argument("file", nargs="?")
    one = add("restore", restore)
    one.add_argument("file")
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command; a wrong setting is one clear line and exit code 2."""
    args = parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        code: int = args.run(args, config.from_environment())
    except (BadSetting, database.BadDatabaseUrl) as problem:
        print(f"run.py: {problem}", file=sys.stderr)
        return 2
    return code


if __name__ == "__main__":
    sys.exit(main())
