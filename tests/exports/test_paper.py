"""The workbooks on paper: LibreOffice opens them, and nothing is cut or an error."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from admin_app.exports.build import build
from tests.exports.conftest import World

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
    pytest.mark.xdist_group("libreoffice"),
]


A4_LANDSCAPE = "841.89 x 595"


def printed(world: World, name: str, folder: Path) -> tuple[str, list[str]]:
    """The text of the PDF that LibreOffice makes of an export, and the sizes of its pages."""
    out = folder / f"{name}.xlsx"
    now = world.country.clock()
    build(name, world.actor("province"), world.cycle, world.province, None, now, out)
    subprocess.run(
        [
            "soffice",
            "--headless",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder),
            str(out),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    pdf = str(out.with_suffix(".pdf"))
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True)
    info = subprocess.run(["pdfinfo", "-l", "99", pdf], check=True, capture_output=True)
    sizes = [line for line in info.stdout.decode().splitlines() if "pts" in line]
    return text.stdout.decode(), sizes


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_draft_prints_whole_on_a4_landscape(world: World, tmp_path: Path) -> None:
    for name in ("province-summary", "outstanding", "roster"):
        text, sizes = printed(world, name, tmp_path)
        assert "###" not in text
        for error in ("Err:", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!"):
            assert error not in text
        assert sizes
        assert all(A4_LANDSCAPE in size for size in sizes)
        pages = text.split("\f")[:-1]
        assert len(pages) == len(sizes)
        for page in pages:
            assert "2567-1" in page
            if name == "province-summary":
                assert "ฉบับ" in page
