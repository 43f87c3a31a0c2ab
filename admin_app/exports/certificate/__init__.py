"""The certificate (แบบยืนยันข้อมูล): one page of PDF for signature, set by typst."""
