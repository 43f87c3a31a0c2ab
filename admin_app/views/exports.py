from flask import Blueprint
from admin_app.views.common import permission

blueprint = Blueprint("exports", __name__, url_prefix="/exports")


@blueprint.get("/")
@permission("signed-in")
def index():
    return ""
