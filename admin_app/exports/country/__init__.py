"""The national summary and budget (สรุปและงบประมาณทั้งประเทศ): figures, sheets, the book."""
