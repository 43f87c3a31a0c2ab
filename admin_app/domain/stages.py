"""The report columns of DLA's published report (SIS report02), in its order."""

from __future__ import annotations

from admin_app.domain.text import N_

STAGES: dict[str, str] = {
    "kindergarten": N_("Kindergarten"),
    "primary": N_("Primary"),
    "lower_secondary": N_("Lower secondary"),
    "upper_secondary": N_("Upper secondary"),
    "vocational": N_("Vocational"),
}
