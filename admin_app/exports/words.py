"""The Thai words of the workbooks. An official paper is Thai whatever language the screen is in."""

from __future__ import annotations

from admin_app.domain.levels import SCHOOL
from admin_app.models import Cycle, Unit

STAGES: dict[str, str] = {
    "kindergarten": "อนุบาล",
    "primary": "ประถมศึกษา",
    "lower_secondary": "มัธยมศึกษาตอนต้น",
    "upper_secondary": "มัธยมศึกษาตอนปลาย",
    "vocational": "อาชีวศึกษา",
}
NO_STAGE = "ไม่ระบุชั้น"
ALL_STAGES = "รวมทุกระดับ"

EDITIONS: dict[str, str] = {"draft": "ฉบับร่าง", "official": "ฉบับทางการ", "": ""}
DRAFT = "ฉบับร่าง"
DRAFT_NOTE = "ฉบับร่าง – ตัวเลขยังเปลี่ยนแปลงได้ ห้ามใช้อ้างอิง"

LEVELS: dict[str, str] = {
    "school": "สถานศึกษา",
    "lao": "อปท.",
    "province": "จังหวัด",
    "department": "กรม",
}
ROLES: dict[str, str] = {
    "department": "เจ้าหน้าที่กรม",
    "helpdesk": "เจ้าหน้าที่ช่วยเหลือ",
    "province": "เจ้าหน้าที่จังหวัด",
    "lao": "เจ้าหน้าที่ อปท.",
    "school": "เจ้าหน้าที่สถานศึกษา",
}
SCHOOL_KINDS: dict[str, str] = {
    "": "ทุกประเภท",
    "school": "โรงเรียน",
    "college": "วิทยาลัย",
    "centre": "ศพด.",
}
RATE_KINDS: dict[str, str] = {
    "lunch": "อาหารกลางวัน",
    "milk": "นม",
    "subsidy": "เงินอุดหนุนรายหัว",
}
SEX: dict[str, str] = {"M": "ชาย", "F": "หญิง"}
ID_KINDS: dict[str, str] = {
    "pin": "เลข 13 หลัก",
    "gcode": "รหัส G",
    "none": "ไม่มีเอกสาร",
}

ACCESS_TAGS: dict[str, str] = {
    "child.revealed": "เปิดดูข้อมูลนักเรียนแบบเต็ม",
    "child.searched": "ค้นหานักเรียนด้วยเลขประจำตัว",
    "child.asked": "สอบถามนักเรียนของสถานศึกษาอื่นด้วยเลขประจำตัว",
    "checklist": "พิมพ์แบบตรวจสอบการมีตัวตน",
    "export": "ส่งออก",
    "download": "รับแฟ้มที่ส่งออกเสร็จแล้ว",
}
DETAILS: dict[str, str] = {
    "name": "รายงาน",
    "edition": "ฉบับ",
    "unit": "หน่วย",
    "rows": "จำนวนรายการ",
    "digest": "รหัสตรวจสอบ",
    "grade": "ชั้น",
    "child": "แถวข้อมูลนักเรียน",
    "numbers": "จำนวนเลขประจำตัว",
    "job": "งานเลขที่",
    "rates": "อัตราฉบับที่",
}

BOYS, GIRLS, TOTAL = "ชาย", "หญิง", "รวม"
NUMBER = "ที่"
SCHOOL_NAME = "ชื่อสถานศึกษา"
NOT_CONFIRMED = "ยังไม่ยืนยัน"
ALL_CONFIRMED = "ทุกหน่วยยืนยันแล้ว"
NO_DISTRICT = "ไม่ระบุอำเภอ"
DECLARED_NONE = "แจ้งว่าไม่มีสถานศึกษาสังกัดอื่นในพื้นที่"
NOT_RECORDED = "ยังไม่ได้บันทึก"
NO_RATE = "ไม่มีอัตรา"
MORE_ROWS = "มีรายการมากกว่านี้ แสดงเท่าที่หนึ่งแผ่นงานรับได้"
NOT_ROUNDED = (
    "ทุกจำนวนเป็นผลคูณและผลบวกของจำนวนเต็มสตางค์ ไม่มีการปัดเศษ"
    " (ROUND ในสูตรตัดเฉพาะเศษที่เกิดจากการคำนวณของโปรแกรม)"
)


def cycle(of: Cycle) -> str:
    """A cycle in words, as the letter names it."""
    return f"ปีการศึกษา {of.year} ครั้งที่ {of.round}"


def province(name: str) -> str:
    """A province's name with its word, but once only."""
    return name if name.startswith("จังหวัด") else f"จังหวัด{name}"


def district(name: str) -> str:
    """A district's name with its word, but once only."""
    return name if name.startswith("อำเภอ") else f"อำเภอ{name}"


def unit(of: Unit) -> str:
    """A unit's name, a school's with its LAO's, as many schools are called alike."""
    return f"{of.name} {of.lao.name}" if of.level == SCHOOL else str(of.name)
