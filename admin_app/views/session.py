"""Getting in and out: sign in, sign out, change and reset the password, choose the language."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from admin_app.i18n import LANGUAGES, say
from admin_app.i18n import gettext as _
from admin_app.models import User
from admin_app.services import accounts
from admin_app.services.errors import Invalid
from admin_app.views.common import PUBLIC, SIGNED_IN, back, clock, is_local, permission

blueprint = Blueprint("session", __name__)
MUST_CHANGE_MAY_SEE = {
    "session.password",
    "session.logout",
    "session.language",
    "reminders.off",
    "static",
    "health.healthz",
}


class SignedIn(UserMixin):
    """The signed-in person; Flask-Login's id is the session's token, not the account's."""

    def __init__(self, user: User, token: str) -> None:
        self.user = user
        self.token = token
        self.actor = accounts.actor_of(user, request.remote_addr or "")

    def get_id(self) -> str:
        return self.token


login_manager = LoginManager()
login_manager.login_view = "session.login"
login_manager.login_message = None
login_manager.session_protection = None  # sessions live in the database, with their own time-outs


@login_manager.user_loader
def load(token: str) -> SignedIn | None:
    """The person of a live session token."""
    user = accounts.session_user(token, clock)
    return SignedIn(user, token) if user else None


@blueprint.before_app_request
def force_password_change() -> Any:
    """At the first sign-in and after a reset nothing else opens before the password is changed."""
    if (
        current_user.is_authenticated
        and current_user.user.must_change_password
        and request.endpoint not in MUST_CHANGE_MAY_SEE
    ):
        return redirect(url_for("session.password"))
    return None


def _demo_accounts() -> Any:
    if not current_app.config["DEMO"]:
        return ()
    from seed.demo_accounts import DEMO_ACCOUNTS

    return DEMO_ACCOUNTS


@blueprint.route("/login", methods=["GET", "POST"])
@permission(PUBLIC)
def login() -> Any:
    """Sign in; a wrong name and a wrong password get the same answer."""
    if current_user.is_authenticated and request.method == "GET":
        return redirect(url_for("home.index"))
    status = 200
    if request.method == "POST":
        try:
            found = accounts.sign_in(
                request.form.get("username", "")[:64],
                request.form.get("password", "")[:1024],
                request.remote_addr or "",
                clock,
            )
        except accounts.Throttled:
            status = 429
            flash(
                _("Too many attempts. Wait 15 minutes, or ask the helpdesk to reset the password."),
                "error",
            )
        else:
            if found:
                user, token = found
                language = session.get("language")
                session.clear()
                if language:
                    session["language"] = language
                login_user(SignedIn(user, token))
                target = request.args.get("next", "")
                return redirect(target if is_local(target) else url_for("home.index"))
            status = 401
            flash(
                _(
                    "User name or password is wrong, or the account is locked."
                    " Check both and try again."
                ),
                "error",
            )
    return (
        render_template(
            "session/login.html",
            demo_accounts=_demo_accounts(),
            username=request.form.get("username", ""),
        ),
        status,
    )


@blueprint.post("/logout")
@permission(SIGNED_IN)
def logout() -> Any:
    """End the session on the server too, so that a copied cookie is dead."""
    accounts.sign_out(current_user.token, clock)
    logout_user()
    session.clear()
    return redirect(url_for("session.login"))


@blueprint.route("/password", methods=["GET", "POST"])
@permission(SIGNED_IN)
def password() -> Any:
    """Change the own password; every other session of the account ends."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        new = request.form.get("new_password", "")
        try:
            if new != request.form.get("again", ""):
                errors["again"] = _("The two new passwords differ. Type the same one twice.")
            else:
                accounts.change_password(
                    current_user.user,
                    request.form.get("old_password", ""),
                    new,
                    current_user.token,
                    clock,
                )
                flash(_("Your password is changed."), "success")
                return redirect(url_for("home.index"))
        except Invalid as invalid:
            errors = {key: say(*error) for key, error in invalid.errors.items()}
    return render_template("session/password.html", errors=errors), 422 if errors else 200


@blueprint.route("/reset", methods=["GET", "POST"])
@permission(PUBLIC)
def reset() -> Any:
    """Set a new password by the one-time code that the helpdesk, DLA or the LAO gave out."""
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        new = request.form.get("new_password", "")
        try:
            if new != request.form.get("again", ""):
                errors["again"] = _("The two new passwords differ. Type the same one twice.")
            elif accounts.use_reset(
                request.form.get("username", "")[:64],
                request.form.get("code", "")[:32],
                new,
                request.remote_addr or "",
                clock,
            ):
                flash(_("Your password is set. Sign in with it."), "success")
                return redirect(url_for("session.login"))
            else:
                errors["code"] = _(
                    "User name or code is wrong, or the code has run out. Ask for a new one."
                )
        except Invalid as invalid:
            errors = {key: say(*error) for key, error in invalid.errors.items()}
        except accounts.Throttled:
            status = 429
            errors["code"] = _("Too many attempts. Wait 15 minutes and try again.")
        status = status if status == 429 else 422
    return render_template("session/reset.html", errors=errors, form=request.form), status


@blueprint.post("/language/<code>")
@permission(PUBLIC)
def language(code: str) -> Any:
    """Switch the language, remembered in the session."""
    if code in LANGUAGES:
        session["language"] = code
    return back("home.index")
